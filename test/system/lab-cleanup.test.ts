/** What a lab leaves behind when it is killed: nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasJanitor } from '../../lab/ledger.ts';
import { removeLeftovers } from '../../lab/leftovers.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';

const OPEN = join(import.meta.dirname, 'testing/open-sandbox.ts');

/** A process that is there and no zombie. */
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);

describe.each(['unprivileged', 'root'] as const)('a sandbox (%s)', async (kind) => {
  const obstacle = await testObstacle(kind, []);

  it.skipIf(obstacle !== undefined)(
    titled('is cleaned up after the process that opened it was killed', obstacle),
    async () => {
      const opener = spawn(process.execPath, [OPEN, kind], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(opener.stdout, 'data')) as [Buffer];
      const { directory, program } = JSON.parse(line.toString()) as {
        readonly directory: string;
        readonly program: number;
      };
      expect(existsSync(directory)).toBe(true);
      expect(isAlive(program)).toBe(true);
      opener.kill('SIGKILL');
      await until('the end of it all', async () => existsSync(directory) || isAlive(program), {
        timeoutMs: 10_000,
        done: (left) => !left,
      });
    },
  );
});

const obstacle = await testObstacle('root', []);

it.skipIf(obstacle !== undefined)(
  titled('what a lab and its janitor, both killed, have left is removed by the next', obstacle),
  async () => {
    const opener = spawn(process.execPath, [OPEN, 'root'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(opener.stdout, 'data')) as [Buffer];
    const { directory, program } = JSON.parse(line.toString()) as {
      readonly directory: string;
      readonly program: number;
    };
    const { pid: janitor } = JSON.parse(readFileSync(join(directory, 'janitor'), 'utf8')) as { readonly pid: number };
    expect(await removeLeftovers()).not.toContain(directory);
    process.kill(janitor, 'SIGKILL');
    opener.kill('SIGKILL');
    await until('the end of both', async () => hasJanitor(directory), {
      timeoutMs: 10_000,
      done: (has) => has === false,
    });
    expect([existsSync(directory), isAlive(program)]).toEqual([true, true]);
    expect(await removeLeftovers()).toContain(directory);
    expect([existsSync(directory), isAlive(program)]).toEqual([false, false]);
  },
);

it.skipIf(obstacle !== undefined)(
  titled('a lab that is closed while it is being built leaves nothing behind', obstacle),
  async () => {
    const sandbox = new Sandbox('root');
    const making = sandbox.namespace('late');
    const closing = sandbox.close();
    await expect(sandbox.namespace('later')).rejects.toThrow('the sandbox is being closed');
    expect(() => sandbox.subdirectory('later')).toThrow('the sandbox is being closed');
    await Promise.allSettled([making, closing]);
    expect([existsSync(sandbox.directory), existsSync(`/run/netns/${sandbox.id}-late`)]).toEqual([false, false]);
  },
);
