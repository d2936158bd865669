/** `npm run cluster` as a process: what it leaves behind when it ends, however it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clusterObstacle } from '../../lab/cluster/cluster.ts';
import { inodeOfProcess } from '../../lab/ledger.ts';
import { titled } from '../../lab/requirements.ts';
import { run, until } from '../../lab/run.ts';
import { ROOT } from '../../lab/speaker.ts';

const obstacle = await clusterObstacle(process.env);

/** From the signal to the last of it. */
const END_MS = 20_000;

interface Running {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly id: string;
}

async function start(...args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [join(ROOT, 'lab/cluster/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await until('the cluster', async () => said, {
    timeoutMs: 180_000,
    done: (text) => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${text}`);
      return text.includes('It stays until Ctrl-C');
    },
  });
  const directory = /Logs of all that runs are in (\S+)\. /.exec(said)?.[1] ?? '';
  return { child, directory, id: /metallb-[0-9a-f]{6}/.exec(directory)?.[0] ?? '' };
}

const namespacesOf = async (id: string): Promise<readonly string[]> =>
  (await run(['ip', 'netns'])).split('\n').filter((line) => line.startsWith(id));

describe.skipIf(obstacle !== undefined)(titled('npm run cluster', obstacle), () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const)('leaves nothing behind after %s', async (signal, status) => {
    const { child, directory, id } = await start('--empty');
    const namespaces = await namespacesOf(id);
    expect(namespaces.length).toBeGreaterThanOrEqual(11);
    const inodes = new Set(
      await Promise.all(
        namespaces.map(async (line) => Number(await run(['stat', '-Lc', '%i', `/run/netns/${line.split(' ')[0]}`]))),
      ),
    );
    const inside = readdirSync('/proc')
      .map(Number)
      .filter((pid) => inodes.has(inodeOfProcess(pid) ?? 0));
    // The control plane's four, kube-proxies, kubelets, routers, the door.
    expect(inside.length).toBeGreaterThanOrEqual(4 + 3 + 3 + 8 + 1);
    const ended = once(child, 'exit');
    const signalled = performance.now();
    child.kill(signal);
    expect((await ended)[0]).toBe(status);
    await until('its end', async () => [existsSync(directory), ...(await namespacesOf(id))], {
      timeoutMs: END_MS,
      done: (left) => left.length === 1 && left[0] === false,
    });
    expect(performance.now() - signalled).toBeLessThan(END_MS);
    expect(inside.filter((pid) => existsSync(`/proc/${pid}/exe`))).toEqual([]);
  });
});
