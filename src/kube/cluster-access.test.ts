import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inClusterAccess } from './cluster-access.ts';
import { kubeconfigAccess } from './kubeconfig.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'metallb-access-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const TOKEN = 'very-secret-token';

function kubeconfig(user: object, cluster: object = { server: 'https://192.0.2.1:6443/' }): string {
  const file = join(directory, 'config');
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'metallb-system' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe('kubeconfigAccess', () => {
  it('reads server, authority and token of the current context', () => {
    const ca = Buffer.from('CA').toString('base64');
    const file = kubeconfig({ token: TOKEN }, { server: 'https://192.0.2.1:6443/', 'certificate-authority-data': ca });
    const access = kubeconfigAccess(file);
    expect(access.ok && [access.value.server, access.value.ca(), access.value.namespace]).toEqual([
      'https://192.0.2.1:6443',
      'CA',
      'metallb-system',
    ]);
    expect(access.ok && access.value.token()?.reveal()).toBe(TOKEN);
    expect(JSON.stringify(access)).not.toContain(TOKEN);
  });

  it('reads a token file anew each time', () => {
    writeFileSync(join(directory, 'token'), 'one\n');
    const access = kubeconfigAccess(kubeconfig({ tokenFile: 'token' }));
    expect(access.ok && access.value.token()?.reveal()).toBe('one');
    writeFileSync(join(directory, 'token'), 'two\n');
    expect(access.ok && access.value.token()?.reveal()).toBe('two');
  });

  it('reads an authority and a client certificate that lie in files anew each time', () => {
    const write = (n: number): void => {
      for (const name of ['ca.crt', 'client.crt', 'client.key']) writeFileSync(join(directory, name), `${name} ${n}`);
    };
    write(1);
    const user = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
    const cluster = { server: 'https://192.0.2.1', 'certificate-authority': 'ca.crt' };
    const access = kubeconfigAccess(kubeconfig(user, cluster));
    if (!access.ok) throw new Error(access.error);
    const seen = () => {
      const { clientCertificate } = access.value;
      return [access.value.ca(), clientCertificate?.cert, clientCertificate?.key.reveal()];
    };
    expect(seen()).toEqual(['ca.crt 1', 'client.crt 1', 'client.key 1']);
    write(2);
    expect(seen()).toEqual(['ca.crt 2', 'client.crt 2', 'client.key 2']);
    rmSync(join(directory, 'client.crt'));
    expect(seen).toThrow(/client-certificate: .*client\.crt cannot be read \(ENOENT\)/);
  });

  it.each([
    [{ exec: { command: 'login' } }, undefined, /user "u": exec is not supported/],
    [{ 'client-certificate-data': 'QQ==' }, undefined, /client-key belong together/],
    [
      { 'client-certificate': 'missing.pem' },
      undefined,
      /client-certificate: .*missing\.pem cannot be read \(ENOENT\)/,
    ],
    [{}, { server: 'ftp://x' }, /server must be a URL/],
  ])('refuses %j %j', (user, cluster, message) => {
    const access = kubeconfigAccess(kubeconfig(user, cluster));
    expect(access.ok ? '' : access.error).toMatch(message);
  });

  it('says that a file is no YAML without quoting it', () => {
    const file = join(directory, 'config');
    writeFileSync(file, `users: [\n token: ${TOKEN}: "`);
    const access = kubeconfigAccess(file);
    expect(access.ok ? '' : access.error).toMatch(/is not YAML/);
    expect(JSON.stringify(access)).not.toContain(TOKEN);
  });
});

describe('inClusterAccess', () => {
  it("uses the Pod's service account", () => {
    for (const [name, text] of [
      ['token', TOKEN],
      ['ca.crt', 'CA'],
      ['namespace', 'lb'],
    ] as const)
      writeFileSync(join(directory, name), text);
    const access = inClusterAccess(
      { KUBERNETES_SERVICE_HOST: '2001:db8::1', KUBERNETES_SERVICE_PORT: '443' },
      directory,
    );
    expect(access.ok && [access.value.server, access.value.namespace]).toEqual(['https://[2001:db8::1]:443', 'lb']);
  });

  it('says what to do outside of a cluster, and without a service account', () => {
    const outside = inClusterAccess({}, directory);
    expect(outside.ok ? '' : outside.error).toMatch(/give --kubeconfig FILE/);
    const bare = inClusterAccess({ KUBERNETES_SERVICE_HOST: '192.0.2.1', KUBERNETES_SERVICE_PORT: '443' }, directory);
    expect(bare.ok ? '' : bare.error).toMatch(/automountServiceAccountToken/);
  });
});
