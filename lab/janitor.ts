/**
 * The janitor: a process of its own that waits until the lab ends, in whatever way, and then removes what the lab made.
 *
 * Its standard input is a pipe that only the lab holds open. End of file means that the lab has closed it, or has died: by a
 * signal, by an error, by kill -9. There is no other way of cleaning up, so the one way is always exercised. What it ends are
 * the processes inside the lab's own network namespaces and those that the lab's ledger names, by their ids; what it removes are
 * those namespaces and the lab's own temporary directory.
 */
import { readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inodeOf, inodeOfProcess, type LedgerProcess, recorded, startTicksOf } from './ledger.ts';
import { tryRun } from './run.ts';

/** How long a process may take to end by itself (a speaker says goodbye to its peers) before it is killed. */
const GRACE_MS = 1_500;

/** How long `ip netns add` may take that is still under way. */
const LATE_MS = 200;

interface Estate {
  readonly namespaces: ReadonlySet<number>;
  readonly processes: readonly LedgerProcess[];
}

/** Read anew at each look: what is being ended may have made more meanwhile. */
function estateIn(directory: string): Estate {
  const entries = recorded(directory);
  return {
    namespaces: new Set(entries.map(inodeOf).filter((inode) => inode !== undefined)),
    processes: entries.filter((entry) => 'pid' in entry),
  };
}

function processesOf({ namespaces, processes }: Estate): number[] {
  const inside = readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      const inode = pid > 0 && pid !== process.pid ? inodeOfProcess(pid) : undefined;
      return inode !== undefined && namespaces.has(inode);
    });
  const beside = processes.filter(({ pid, startTicks }) => startTicksOf(pid) === startTicks).map(({ pid }) => pid);
  return [...new Set([...inside, ...beside])];
}

async function end(directory: string, signal: 'SIGTERM' | 'SIGKILL', withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  const told = new Set<number>();
  for (;;) {
    const left = processesOf(estateIn(directory));
    if (left.length === 0) return true;
    for (const pid of left) {
      if (told.has(pid)) continue;
      told.add(pid);
      try {
        process.kill(pid, signal);
      } catch (error) {
        // It ended between the look and the signal.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
}

async function removeNamespaces(directory: string): Promise<void> {
  for (const entry of recorded(directory)) {
    if (!('name' in entry) || inodeOf(entry) === undefined) continue;
    const { status, stderr } = await tryRun(['ip', 'netns', 'delete', entry.name]);
    if (status !== 0) process.stderr.write(`network namespace ${entry.name} is left behind: ${stderr}`);
  }
}

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: janitor.ts DIRECTORY');

// A Ctrl-C or a closed terminal is the lab's business; the janitor goes when the lab has gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stdin.resume();
await new Promise((resolve) => process.stdin.once('close', resolve));

if (!(await end(directory, 'SIGTERM', GRACE_MS))) await end(directory, 'SIGKILL', GRACE_MS);
await removeNamespaces(directory);
// What was being made when its maker was killed, and is there only now.
await sleep(LATE_MS);
await removeNamespaces(directory);
rmSync(directory, { recursive: true, force: true });
