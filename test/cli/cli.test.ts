/** The `metallb` command as its users meet it: arguments, streams, exit status. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../src/cli/run.ts';
import { metallb } from './fake-io.ts';

const GUIDE = 'examples/guide';
const MULTI_ROUTER = ['multi-router', 'test-service', 'cluster'].map((chapter) => `${GUIDE}/${chapter}`);

const POOL = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: first, namespace: metallb-system}
spec: {addresses: [192.0.2.0/28]}
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, ports: [{port: 80}]}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'metallb-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file below the test's folder, and returns its path. */
function file(path: string, text: string | Uint8Array): string {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text);
  return full;
}

describe('metallb', () => {
  it('prints its version and its help, each command with examples', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await metallb(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    const help = await metallb(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/plan .*\n[\s\S]*lint /);
    for (const command of ['plan', 'lint']) {
      const { status, stdout } = await metallb([command, '--help']);
      expect(status).toBe(0);
      expect(stdout).toContain(`metallb ${command}`);
      expect(stdout).toContain('Examples:');
    }
  });

  it.each([
    [['nonsense']],
    [['plan']],
    [['lint']],
    [['plan', '--nonsense', 'x']],
    [['plan', '-o', 'sarif', 'x']],
    [['lint', '-o', 'yaml', 'x']],
    [['lint', '--explain', 'nonsense']],
    [['plan', '--node-selectors', 'some', 'x']],
    [['plan', '/nowhere/at/all.yaml']],
    [['lint', '-', '-']],
  ])('ends with 2 and says why: %j', async (args) => {
    const { status, stdout, stderr } = await metallb(args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
  });
});

describe('input', () => {
  it('names file, line and column of everything that cannot be parsed, and plans nothing', async () => {
    const broken = file('broken/a.yaml', 'kind: Service\n  apiVersion: v1\n');
    const cut = file('broken/b.json', '{"kind": "Service",\n  "spec": [1, }');
    const { status, stdout, stderr } = await metallb(['plan', join(folder, 'broken')]);
    expect([status, stdout]).toEqual([2, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`^metallb: ${broken}:[12]:\\d+: `));
    expect(lines[1]).toMatch(new RegExp(`^metallb: ${cut}:2:\\d+: `));
  });

  it('names the line that is not UTF-8', async () => {
    const path = file('latin1.yaml', new Uint8Array([0x61, 0x3a, 0x20, 0x31, 0x0a, 0x62, 0x3a, 0x20, 0xfc, 0x0a]));
    expect((await metallb(['lint', path])).stderr).toBe(`metallb: ${path}:2:1: this line is not UTF-8 text\n`);
  });

  it('reads folders by path with all their manifests, and only those; standard input; lists', async () => {
    file('tree/b/pool.yml', POOL.replace('first', 'second').replace('192.0.2.0', '192.0.2.16'));
    file('tree/a.yaml', POOL);
    file('tree/notes.txt', 'kind: [');
    const service = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [parse(SERVICE)] });
    const { status, stdout } = await metallb(['plan', join(folder, 'tree'), '-', '-o', 'json'], { stdin: service });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ services: [{ name: 'web', ips: ['192.0.2.0'], pool: 'first' }] });
  });

  it('lets the later of two documents win, with a warning that has a place', async () => {
    const later = file('later.yaml', POOL.replace('192.0.2.0', '198.51.100.0'));
    const args = ['plan', file('one.yaml', POOL), later, file('service.yaml', SERVICE), '-o', 'json'];
    const planned = JSON.parse((await metallb(args)).stdout) as { diagnostics: Record<string, unknown>[] };
    expect(planned).toMatchObject({ services: [{ ips: ['198.51.100.0'] }] });
    expect(planned.diagnostics).toContainEqual(
      expect.objectContaining({ rule: 'duplicate-object', severity: 'warning', file: later, line: 3 }),
    );
  });

  it('ends with 1 where an object has an error, and plans the rest', async () => {
    const bad = file('bad.yaml', `${POOL}---\n${POOL.replace('first', 'bad').replace('192.0.2.0/28', '010.0.0.0/8')}`);
    const { status, stdout } = await metallb(['plan', bad, file('service.yaml', SERVICE), '-o', 'json']);
    expect(status).toBe(1);
    const planned = JSON.parse(stdout) as { diagnostics: { severity: string; object: unknown }[] };
    expect(planned).toMatchObject({ services: [{ state: 'Assigned' }] });
    const [error, ...others] = planned.diagnostics.filter(({ severity }) => severity === 'error');
    expect(others).toEqual([]);
    expect(error).toMatchObject({ object: { name: 'bad' }, file: bad, line: 9 });
  });
});

describe('metallb plan', () => {
  it("plans the guide's multi-router configuration in the contract's form", async () => {
    const { status, stdout, stderr } = await metallb(['plan', ...MULTI_ROUTER, '-o', 'json']);
    expect(status).toBe(0);
    const planned = JSON.parse(stdout) as {
      services: unknown[];
      sessions: unknown[];
      announcements: { bgp: unknown[]; layer2: unknown[] };
      notAnnounced: unknown[];
      diagnostics: unknown[];
    };
    expect(Object.keys(planned)).toEqual(['services', 'sessions', 'announcements', 'notAnnounced', 'diagnostics']);
    expect(planned.services).toEqual([
      {
        namespace: 'default',
        name: 'nginx-lb',
        state: 'Assigned',
        ips: ['10.100.0.1'],
        pool: 'production-pool',
        message: null,
      },
    ]);
    expect(planned.announcements.bgp).toHaveLength(12);
    expect(JSON.stringify(planned.announcements.bgp[0])).toBe(
      '{"node":"node1","peer":"dc1-router-primary","prefix":"10.100.0.1/32","localPref":null,"med":null,"asPathPrepend":0,' +
        '"communities":["64512:1100"],"largeCommunities":[],"services":["default/nginx-lb"],"advertisements":["dc1-primary-advertisement"]}',
    );
    expect(JSON.stringify(planned.sessions[0])).toBe(
      '{"node":"node1","peer":"dc1-router-primary","peerAddress":"192.168.1.1","peerPort":179,"myASN":64513,"peerASN":64512,' +
        '"type":"external","vrf":null,"interface":null,"holdTimeSeconds":90,"keepaliveSeconds":30,"bfdProfile":"production-bfd","authentication":"md5"}',
    );
    expect([planned.announcements.layer2, planned.notAnnounced]).toEqual([[], []]);
    expect(Object.keys(planned.diagnostics[0] as object)).toEqual([
      'rule',
      'severity',
      'message',
      'help',
      'object',
      'path',
      'file',
      'line',
      'column',
    ]);
    expect(stderr).toMatch(/^rows: services 1, sessions 12, bgp 12, layer2 0, notAnnounced 0, diagnostics \d+\n$/);
  });

  it('says the same in YAML, whose older readers get no number of base 60', async () => {
    const json = JSON.parse((await metallb(['plan', ...MULTI_ROUTER, '-o', 'json'])).stdout) as unknown;
    const { status, stdout } = await metallb(['plan', ...MULTI_ROUTER, '-o', 'yaml']);
    expect(status).toBe(0);
    expect(parse(stdout)).toEqual(json);
    expect(parse(stdout, { version: '1.1' })).toEqual(json);
  });

  it('honours the switches', async () => {
    const edge = ['bgp-peer-node-selectors', 'cluster'].map((chapter) => `${GUIDE}/${chapter}`);
    const sessions = async (...flags: readonly string[]) =>
      (JSON.parse((await metallb(['plan', ...edge, ...flags, '-o', 'json'])).stdout) as { sessions: unknown[] })
        .sessions.length;
    expect([await sessions(), await sessions('--node-selectors', 'any')]).toEqual([0, 3]);
    const states = async (...flags: readonly string[]) =>
      JSON.parse((await metallb(['plan', ...MULTI_ROUTER, ...flags, '-o', 'json'])).stdout) as unknown;
    expect(await states('--lb-class', 'x')).toMatchObject({ services: [{ state: 'Ignored' }] });
    expect(await states('--namespace', 'other')).toMatchObject({ services: [{ state: 'Pending' }], sessions: [] });
  });

  it('has colours on a terminal only, and not where NO_COLOR is set', async () => {
    const args = ['plan', ...MULTI_ROUTER];
    const plain = (await metallb(args)).stdout;
    expect(plain).not.toContain('\u001b');
    const coloured = (await metallb(args, { terminal: true })).stdout;
    expect(coloured).toContain('\u001b[1m');
    expect((await metallb(args, { terminal: true, env: { NO_COLOR: '1' } })).stdout).toBe(plain);
  });

  it('lets no text of a user reach a terminal as anything but text', async () => {
    const evil = file(
      'evil.yaml',
      SERVICE.replace('{name: web}', '{name: web, annotations: {metallb.io/address-pool: "\\e[2Jx\\u202e"}}'),
    );
    for (const command of ['plan', 'lint']) {
      const { stdout } = await metallb([command, evil, file('pool.yaml', POOL)]);
      expect(stdout).toContain('\\u{1b}[2Jx\\u{202e}');
      for (const character of ['\u001b', '\u202e']) expect(stdout).not.toContain(character);
    }
  });

  it('prints no key', async () => {
    const canary = 'canary-2b9f';
    const peer = (field: string) => `apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: router}
spec: {myASN: 64513, peerASN: 64512, peerAddress: 192.0.2.1, ${field}}
`;
    const secret = `apiVersion: v1
kind: Secret
metadata: {name: key, namespace: metallb-system}
stringData: {password: ${canary}}
`;
    const inputs = [
      file('literal.yaml', peer(`password: ${canary}`)),
      file('secret.yaml', `${secret}---\n${peer('password: key')}`),
      file(
        'both.yaml',
        `${secret}---\n${peer(`password: ${canary}, passwordSecret: {name: key}, nonsense: ${canary}`)}`,
      ),
      file('type.yaml', peer(`password: [${canary}]`)),
    ];
    for (const input of inputs)
      for (const args of [['plan'], ['plan', '-o', 'json'], ['plan', '-o', 'yaml'], ['lint'], ['lint', '-o', 'json']]) {
        const { stdout, stderr } = await metallb([...args, input]);
        expect(stdout + stderr).not.toContain(canary);
      }
  });

  it('ends quietly where nobody reads any more', async () => {
    const stdout = new PassThrough({ highWaterMark: 1 });
    const stderr = new PassThrough();
    stderr.resume();
    stdout.on('error', () => {});
    stdout.once('data', () => stdout.destroy(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })));
    const io = { stdout, stderr, stdin: Readable.from([]), env: {} };
    expect(await run(['plan', ...MULTI_ROUTER, '-o', 'json'], io)).toBe(0);
  });
});

describe('metallb lint', () => {
  it("finds what the guide's chapter has, in the contract's form", async () => {
    const { status, stdout, stderr } = await metallb(['lint', ...MULTI_ROUTER, '-o', 'json']);
    expect([status, stderr]).toEqual([0, '']);
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: unknown[] };
    expect(diagnostics).toContainEqual({
      rule: 'local-pref-on-ebgp',
      severity: 'warning',
      message: expect.stringContaining('localPref 200 is not sent to dc1-router-primary'),
      help: expect.stringContaining('send a community'),
      object: { kind: 'BGPAdvertisement', namespace: 'metallb-system', name: 'dc1-primary-advertisement' },
      path: 'spec.localPref',
      file: `${GUIDE}/multi-router/multi-router-config.yaml`,
      line: 118,
      column: 3,
    });
  });

  it('says as plan does', async () => {
    const of = async (command: string) =>
      (JSON.parse((await metallb([command, ...MULTI_ROUTER, '-o', 'json'])).stdout) as { diagnostics: unknown })
        .diagnostics;
    expect(await of('lint')).toEqual(await of('plan'));
  });

  it('puts the place first, and ends with the count', async () => {
    const { status, stdout } = await metallb(['lint', `${GUIDE}/primary-backup`]);
    expect(status).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^examples\/guide\/primary-backup\/primary-backup-advertisements\.yaml:22:7: error: .* \[unresolved-community\]$/,
    );
    expect(lines.at(-1)).toBe('2 errors, 0 warnings, 0 infos');
  });

  it('is content with nothing wrong', async () => {
    expect(await metallb(['lint', `${GUIDE}/cluster`])).toEqual({
      status: 0,
      stdout: '0 errors, 0 warnings, 0 infos\n',
      stderr: '',
    });
  });
});
