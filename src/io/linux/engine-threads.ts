/**
 * What a thread with real-time priority waits for: the threads that V8 keeps for a process, which collect garbage and compile for every thread that runs
 * JavaScript; and the main thread, which does what it is told.
 *
 * A thread with real-time priority waits for them in each collection, and behind whatever has kept them from running. On a machine with more work than
 * processors that was 100 to 300 ms, several times a minute: so they have to be before others as well. Not by real-time priority, though: of a thread that
 * takes all of a processor because its code is not compiled yet they would get nothing, and it would stay so.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { SystemError } from './libc.ts';

const TASKS = '/proc/self/task';

/**
 * Puts V8's before everything that has no real-time priority, and the main thread before what has no priority: the route of a link that is down, or of a
 * neighbor that is, has to go at once, however busy the node is.
 *
 * @throws {SystemError} EPERM or EACCES without CAP_SYS_NICE or a limit that allows it.
 */
export function hurryEngineThreads(): void {
  for (const task of readdirSync(TASKS)) {
    const isMain = Number(task) === process.pid;
    if (!isMain && !nameOf(task).endsWith('V8Worker')) continue;
    try {
      setPriority(Number(task), constants.priority[isMain ? 'PRIORITY_ABOVE_NORMAL' : 'PRIORITY_HIGHEST']);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ESRCH') throw new SystemError('setpriority', code);
    }
  }
}

/** Node wraps what the system call has said. */
function codeOf(error: unknown): string {
  const info = error instanceof Error && 'info' in error ? (error.info as { readonly code?: string }) : {};
  if (info.code === undefined) throw error;
  return info.code;
}

function nameOf(task: string): string {
  try {
    return readFileSync(`${TASKS}/${task}/comm`, 'utf8').trim();
  } catch {
    return ''; // it has ended
  }
}
