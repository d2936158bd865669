/** The program as it lies in the image: started by a plain Node, from a folder that has nothing of the checkout. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Bundle, buildBundle } from '../../deploy/image/bundle.ts';

const GUIDE = ['multi-router', 'test-service', 'cluster'].map((chapter) => resolve('examples/guide', chapter));

describe('the bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'metallb-bundle-'));
  let program = '';
  let bundle: Bundle;

  beforeAll(async () => {
    bundle = await buildBundle(folder);
    program = bundle.file;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (file: string, args: readonly string[]) =>
    spawnSync(process.execPath, [file, ...args], { cwd: folder, encoding: 'utf8', env: { PATH: '/nonexistent' } });

  it('prints the version of package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(run(program, ['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it("plans the guide's configuration as the sources do", () => {
    const args = ['plan', '-o', 'json', ...GUIDE];
    const planned = run(program, args);
    expect(planned.status).toBe(0);
    expect((JSON.parse(planned.stdout) as { sessions: unknown[] }).sessions).toHaveLength(12);
    const { status, stdout } = run(resolve('src/cli/main.ts'), args);
    expect(planned).toMatchObject({ status, stdout });
  });

  it.each(['plan', 'lint', 'decode', 'speaker', 'controller'])('has the command %s', (command) => {
    expect(run(program, [command, '--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`Usage: metallb ${command}`),
      stderr: '',
    });
  });

  it("runs a speaker, whose sockets need koffi's addon", async () => {
    // Nobody listens there: that the kernel said so, is said.
    const peer = { myASN: 64512, peerASN: 64513, peerAddress: '127.0.0.2', peerPort: 1 };
    const metadata = { namespace: 'metallb-system', name: 'nobody' };
    const manifest = join(folder, 'peer.json');
    const items = [
      { apiVersion: 'metallb.io/v1beta2', kind: 'BGPPeer', metadata, spec: peer },
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'node1' },
        status: { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }] },
      },
    ];
    writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const args = ['speaker', '--node', 'node1', '--bgp-listen-port', '0', '--from', manifest];
    const speaker = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const exited = once(speaker, 'exit');
    onTestFinished(() => void speaker.kill('SIGKILL'));
    speaker.stderr.on('data', (bytes: Buffer) => {
      said += bytes;
    });
    speaker.stdout.on('data', (bytes: Buffer) => {
      said += bytes;
      if (said.includes('127.0.0.2 port 1 refused the connection')) speaker.kill('SIGTERM');
    });
    expect([await exited, said]).toEqual([[0, null], expect.stringContaining('"event":"stopped"')]);
  });

  it('starts no thread from a source', () => {
    const parts = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const text = parts.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
    const named = [...text.matchAll(/new URL\("\.\/([^"]+)",import\.meta\.url\)/g)];
    expect(named).not.toEqual([]);
    for (const [, written = ''] of named) {
      // The bundler wraps its lines also within a string.
      const name = written.replaceAll('\\\n', '');
      expect(name).toMatch(/\.js$/);
      const checked = spawnSync(process.execPath, ['--check', join(folder, name)], { encoding: 'utf8' });
      expect(checked).toMatchObject({ status: 0, stderr: '' });
    }
  });

  it('has the notices of the packages that are in it, and no source outside of it but the addon', () => {
    const notices = readFileSync(join(folder, 'licenses.txt'), 'utf8');
    for (const name of ['commander', 'koffi', 'pino', 'prom-client', 'yaml', 'zod'])
      expect(notices).toContain(`\n${name} `);
    expect(bundle.externals.filter((name) => !isBuiltin(name))).toEqual([]);
  });
});
