/**
 * What earlier labs have left behind: those whose janitor was killed too, as when a machine runs out of memory.
 *
 * Only what a run has named is taken away: a namespace by its name, which is that run's alone, a process by its id and the time of its start.
 * A run that knew namespaces by their inodes only is left alone: the kernel gives those numbers again.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasJanitor, recorded } from './ledger.ts';

/** As {@link Sandbox} names its directories. */
const SANDBOX = /^metallb-[0-9a-f]{6}-/;

/** Takes it away, and returns the directories that it was in. */
export async function removeLeftovers(): Promise<readonly string[]> {
  const abandoned = readdirSync(tmpdir())
    .filter((name) => SANDBOX.test(name))
    .map((name) => join(tmpdir(), name))
    .filter((directory) => hasJanitor(directory) === false)
    .filter((directory) => recorded(directory).every((entry) => !('inode' in entry)));
  for (const directory of abandoned) {
    // At the end of its standard input a janitor begins.
    const janitor = spawn(process.execPath, [join(import.meta.dirname, 'janitor.ts'), directory], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    janitor.stdin?.end();
    await once(janitor, 'exit');
  }
  return abandoned;
}
