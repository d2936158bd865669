/**
 * Controllers as processes, one of which is killed in the middle of a thousand creates.
 *
 * In real time, with real signals: SIGKILL leaves the lease taken and writes under way. The other one takes over when the lease has run out.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock.ts';
import { FaultStage } from './stage.ts';

const BIN = join(import.meta.dirname, '../../bin/metallb.js');
const SERVICES = 1_000;
const PATIENCE_MS = 60_000;

let stage: FaultStage;
let directory: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  stage = await FaultStage.open(systemClock);
  directory = mkdtempSync(join(tmpdir(), 'metallb-restart-'));
  writeFileSync(join(directory, 'config'), stage.server.kubeconfig(), { mode: 0o600 });
  stage.pool('web', '10.0.0.0/16');
});
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child, 'SIGKILL');
  await stage.close();
  rmSync(directory, { recursive: true, force: true });
});

function start(name: string): { readonly child: ChildProcess; readonly said: (event: string) => boolean } {
  const args = ['controller', '--kubeconfig', join(directory, 'config'), '--namespace', 'metallb-system'];
  const ports = ['--health-probe-port', '0', '--metrics-port', '0', '--pod-name', name];
  const child = spawn(process.execPath, [BIN, ...args, ...ports], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return { child, said: (event) => output.includes(`"event":"${event}"`) };
}

function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

async function until(what: string, condition: () => boolean, everyMs = 10): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !condition(); ) {
    if (performance.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Writes to Services so far; to look at the Services themselves is work for the server, which is in this process. */
const written = (): number =>
  stage.server
    .stats()
    .requests.reduce(
      (sum, { verb, resource, count }) => sum + (verb === 'patch' && resource === 'services' ? count : 0),
      0,
    );

const assigned = (): ReadonlyMap<string, string> =>
  new Map([...stage.addresses()].filter(([, address]) => address !== ''));

it.each([
  ['is killed', 'SIGKILL'],
  ['is told to end', 'SIGTERM'],
] as const)('a controller that %s in the middle of a thousand creates moves no address', async (_, signal) => {
  const first = start('controller-a');
  await until('the first leads', () => first.said('servicesAdopted'));
  const second = start('controller-b');
  await until('the second stands by', () => second.said('configLoaded'));
  stage.takeWrites();

  for (let i = 0; i < SERVICES / 2; i++) {
    stage.service(`s${i}`);
    if (i % 25 === 24) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  // While it is at work: many have their address, and not all.
  await until('a hundred are served', () => written() >= 100, 2);
  const ended = kill(first.child, signal);
  for (let i = SERVICES / 2; i < SERVICES; i++) stage.service(`s${i}`);
  await ended;
  const endedAt = performance.now();
  const before = assigned();
  await until('the second leads', () => second.said('servicesAdopted'));
  const tookOverMs = performance.now() - endedAt;
  await until('all are served', () => assigned().size === SERVICES, 250);
  // Whatever is still on its way has come.
  await new Promise((resolve) => setTimeout(resolve, 500));

  const after = assigned();
  const moved = [...before].filter(([name, address]) => after.get(name) !== address);
  const writes = stage.takeWrites().filter(({ resource }) => resource === 'services');
  const count = writes.reduce((sum, write) => sum + write.count, 0);
  const idle = writes.reduce((sum, write) => sum + write.count - write.changed, 0);
  const distinct = new Set(after.values()).size;
  process.stdout.write(
    `${signal}: ${before.size} had an address at the end of the first, ${moved.length} moved, ${after.size} have one now, ` +
      `${distinct} different ones, ${count} writes to Services, ${idle} that changed nothing, taken over after ${Math.round(tookOverMs)} ms\n`,
  );
  expect(before.size).toBeGreaterThanOrEqual(100);
  expect(before.size).toBeLessThan(SERVICES);
  expect(moved).toEqual([]);
  expect(distinct).toBe(SERVICES);
  expect(count).toBe(SERVICES);
  expect(idle).toBe(0);
  expect(tookOverMs).toBeLessThan(20_000);
});
