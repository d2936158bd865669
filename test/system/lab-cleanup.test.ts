/** What a lab leaves behind when it is killed: nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';

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
