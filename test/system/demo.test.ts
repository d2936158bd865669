/** `npm run demo` as a user runs it: what it must print, that it ends by itself in time, and that it leaves nothing behind. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const ROUTERS = ['dc1-router-primary', 'dc1-router-secondary', 'dc2-router-primary', 'dc2-router-secondary'];
const NODES = ['node1', 'node2', 'node3'];

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[]): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', fail);
    child.on('close', (status) => done({ status, stdout, stderr }));
  });
}

const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('metallb-demo-'));

describe('npm run demo', () => {
  let before: string[];
  let ended: Ended;
  /** How much longer everything takes, as others want the processors too. */
  let share: number;
  beforeAll(async () => {
    before = leftovers();
    ended = await run(['scripts/demo.mjs']);
    share = Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
  });

  it('ends with status 0 and nothing to complain of', () => {
    expect(ended.stderr).toBe('');
    expect(ended.status).toBe(0);
    expect(Number(/Done in (\d+) ms/.exec(ended.stdout)?.[1])).toBeLessThan(15_000 * share);
    expect(leftovers()).toEqual(before);
  });

  it('shows twelve sessions Established with MD5', () => {
    const sessions = ended.stdout.split('\n').filter((line) => /\bEstablished\s+md5/.test(line));
    expect(sessions.map((line) => line.trim().split(/\s+/).slice(0, 2))).toEqual(
      NODES.flatMap((node) => ROUTERS.map((router) => [node, router])),
    );
  });

  it("shows the guide's BFD Up in each, and the fail-over that it promises", () => {
    const sessions = ended.stdout.split('\n').filter((line) => /\bEstablished\s+md5/.test(line));
    expect(sessions.filter((line) => /\sUp\s+900 ms$/.test(line))).toHaveLength(12);
  });

  it("shows the guide's EXTERNAL-IP", () => {
    expect(ended.stdout).toMatch(/^\s*default\s+nginx-lb\s+LoadBalancer\s+10\.100\.0\.1\s+production-pool$/m);
  });

  it.each([
    ['dc1-router-primary', '64512:1100'],
    ['dc1-router-secondary', '64512:1200'],
    ['dc2-router-primary', '64512:2100'],
    ['dc2-router-secondary', '64512:2200'],
  ])('shows the route on %s with three next hops and %s', (router, community) => {
    const routes = ended.stdout.slice(ended.stdout.indexOf('Routes, as each router sees them'));
    const block = new RegExp(`^${router} [^]*?(?=\\n\\n)`, 'm').exec(routes)?.[0];
    expect(block).toContain('10.100.0.1/32');
    for (const nextHop of ['192.168.1.10', '192.168.1.11', '192.168.1.12']) expect(block).toContain(nextHop);
    expect(block).toContain(`communities ${community}`);
    expect(block).toContain('AS path 64513');
  });

  it('shows what kubectl prints of the cluster', () => {
    const cluster = ended.stdout.slice(ended.stdout.indexOf('The cluster, as kubectl prints it'));
    for (const node of NODES) {
      expect(cluster).toMatch(new RegExp(`^ +speaker-${node} +1/1 +Running +0 `, 'm'));
      expect(cluster).toMatch(new RegExp(`^ +${node} +${node} +4 +4 +1 `, 'm'));
    }
    expect(cluster).toMatch(/^ +nginx-lb +LoadBalancer +10\.96\.\S+ +10\.100\.0\.1 +80:3\d+\/TCP/m);
    expect(cluster).toMatch(/^ +production-pool +true +true +\["10\.100\.0\.0\/24"\] +1 +253 +0 +0 +True$/m);
    for (const router of ROUTERS) expect(cluster).toMatch(new RegExp(`^ +${router} +.* 3/3 +True$`, 'm'));
    expect(cluster).toMatch(/Normal +IPAllocated +service\/nginx-lb +Assigned IP \["10\.100\.0\.1"\]/);
    expect(cluster).toMatch(/Normal +SessionUp +bgppeer\/dc2-router-secondary /);
  });

  it('tells of the killed speaker and of the edit', () => {
    for (const router of ROUTERS)
      expect(ended.stdout).toMatch(new RegExp(`${router} dropped the next hop after \\d+ ms`));
    expect(ended.stdout).toMatch(/kubectl get bgppeers says 2\/3 of every peer after \d+ ms/);
    expect(ended.stdout).toContain('no route of any other node was touched');
    expect(ended.stdout).toContain('one UPDATE on each of the 3 sessions');
  });

  it('prints no key', () => {
    const secrets = readFileSync(resolve(ROOT, 'examples/guide/cluster/secrets.yaml'), 'utf8');
    expect(secrets).toContain('your-secure-password');
    expect(ended.stdout + ended.stderr).not.toContain('your-secure-password');
  });
});

/** The processes that work in a folder, by their command lines. */
const processesOf = (folder: string): readonly string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/`);
      } catch {
        return false; // It has ended meanwhile.
      }
    });

it.each(['SIGTERM', 'SIGKILL'] as const)('leaves nothing behind when it ends by %s', async (signal) => {
  const before = leftovers();
  const child = spawn(process.execPath, ['src/demo/main.ts'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((done) => {
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('Sessions, as the speakers see them')) done();
    });
  });
  const [folder = ''] = leftovers().filter((name) => !before.includes(name));
  expect(processesOf(folder)).toHaveLength(4);
  const exited = new Promise((done) => child.once('exit', (code) => done(code)));
  child.kill(signal);
  expect(await exited).toBe(signal === 'SIGTERM' ? 143 : null);
  const deadline = Date.now() + 20_000;
  while (processesOf(folder).length > 0 || leftovers().includes(folder)) {
    expect(Date.now(), 'something is left').toBeLessThan(deadline);
    await new Promise((done) => setTimeout(done, 50));
  }
});
