/**
 * The ledger: which network namespaces a lab has made, written before anything runs in them, and which processes it has started
 * outside of them, so that the janitor can take all of it away even when the lab itself was killed.
 */
import { appendFileSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One namespace: a named one (`ip netns add`), or an anonymous one known by its inode. Or one process, by its id and the time of its
 * start in the kernel's ticks, since ids are used again.
 */
export type LedgerEntry = { readonly name: string } | { readonly inode: number } | LedgerProcess;

export interface LedgerProcess {
  readonly pid: number;
  readonly startTicks: number;
}

const fileIn = (directory: string): string => join(directory, 'namespaces');

export function record(directory: string, entry: LedgerEntry): void {
  appendFileSync(fileIn(directory), `${JSON.stringify(entry)}\n`);
}

export function recorded(directory: string): readonly LedgerEntry[] {
  try {
    const lines = readFileSync(fileIn(directory), 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LedgerEntry);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The number by which the kernel knows a namespace; undefined when it is not there (any more). */
export function inodeOf(entry: LedgerEntry): number | undefined {
  if ('pid' in entry) return undefined;
  if ('inode' in entry) return entry.inode;
  return statSync(`/run/netns/${entry.name}`, { throwIfNoEntry: false })?.ino;
}

/** The network namespace that a process lives in; undefined for one that is gone, a zombie, or not ours to look at. */
export function inodeOfProcess(pid: number): number | undefined {
  try {
    const match = /^net:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/ns/net`));
    return match?.[1] === undefined ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}

/** When a process was started, in the kernel's ticks since it runs; undefined for one that is gone or has ended. */
export function startTicksOf(pid: number): number | undefined {
  try {
    // Field 2 is the program's name in parentheses, which may hold anything; state and numbers come after the last of them.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

const keeperIn = (directory: string): string => join(directory, 'janitor');

/** Notes which process cleans up, so that others can tell whether it still will. */
export function recordJanitor(directory: string, pid: number): void {
  writeFileSync(keeperIn(directory), JSON.stringify({ pid, startTicks: startTicksOf(pid) }));
}

/** Whether the janitor of this directory lives; undefined where none is known. */
export function hasJanitor(directory: string): boolean | undefined {
  try {
    const { pid, startTicks } = JSON.parse(readFileSync(keeperIn(directory), 'utf8')) as LedgerProcess;
    return startTicksOf(pid) === startTicks;
  } catch {
    return undefined;
  }
}
