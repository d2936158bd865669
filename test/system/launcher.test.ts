/** bin/metallb.js under the Node that runs the tests, and under an older one where this machine has it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

const LAUNCHER = resolve('bin/metallb.js');
const GUIDE = ['multi-router', 'test-service', 'cluster'].map((chapter) => `examples/guide/${chapter}`);

const majorOf = (node: string): number =>
  Number(/^v(\d+)\./.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]);

/** A Node before 24 that the launcher has to leave. */
const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .concat('/usr/bin', '/usr/local/bin')
  .map((folder) => join(folder, 'node'))
  .find((node) => existsSync(node) && majorOf(node) < 24);

if (oldNode === undefined) console.log('skipped: the launcher under an old Node (there is no Node before 24 here)');

describe.each([
  ['the Node of the tests', process.execPath],
  ...(oldNode === undefined ? [] : [['an old Node', oldNode]]),
])('under %s', (_, node = '') => {
  const launch = (args: readonly string[], input?: string) =>
    spawnSync(node, [LAUNCHER, ...args], { encoding: 'utf8', ...(input === undefined ? {} : { input }) });

  it('passes arguments, streams and exit status on', () => {
    expect(launch(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
    expect(launch(['nonsense'])).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('nonsense') });
    const planned = launch(['plan', '-o', 'json', ...GUIDE]);
    expect(planned.status).toBe(0);
    expect((JSON.parse(planned.stdout) as { sessions: unknown[] }).sessions).toHaveLength(12);
    const bad =
      'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p}\nspec: {addresses: [10.0.0.1]}\n';
    expect(launch(['lint', '-'], bad)).toMatchObject({ status: 1, stdout: expect.stringContaining('<stdin>:4:') });
  });

  it('ends by a signal as the program does', async () => {
    const child = spawn(node, [LAUNCHER, 'lint', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    // More than a pipe holds: once it is written, the program is there and reads. Its input never ends.
    await new Promise((done) => child.stdin.write('#\n'.repeat(1 << 20), done));
    child.kill('SIGTERM');
    const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect([status, signal]).toEqual([null, 'SIGTERM']);
  });

  it('passes SIGUSR1 on to a speaker, which prints its state', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'metallb-launcher-'));
    writeFileSync(join(folder, 'node.yaml'), 'apiVersion: v1\nkind: Node\nmetadata: { name: node1 }\n');
    const args = ['speaker', '--from', folder, '--node', 'node1', '--bgp-listen-port', '0', '--metrics-port', '0'];
    const child = spawn(node, [LAUNCHER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const { event } = JSON.parse(line) as { readonly event?: string };
        if (event === 'configLoaded') child.kill('SIGUSR1');
        if (event !== 'state') continue;
        child.kill('SIGTERM');
        break;
      }
      expect(await once(child, 'exit')).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });

  it('is quiet when nobody reads on', () => {
    const { status, stdout, stderr } = spawnSync(
      '/bin/sh',
      ['-c', `"${node}" "${LAUNCHER}" plan -o json ${GUIDE.join(' ')} | head -n 1`],
      { encoding: 'utf8' },
    );
    expect([status, stdout]).toEqual([0, '{\n']);
    expect(stderr).not.toMatch(/EPIPE|Error|at /);
  });
});
