/**
 * The threads that V8 keeps for a process: they collect garbage and compile for every thread that runs JavaScript.
 *
 * A thread with real-time priority waits for them in each collection, and behind whatever has kept them from running. On a machine with more work than
 * processors that was 100 to 300 ms, several times a minute: so they have to be before others as well.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { SystemError, setRealTimePriorityOf } from './libc.ts';

const TASKS = '/proc/self/task';

/**
 * Gives them real-time priority. It has to be less than that of whoever waits for them.
 *
 * @throws {SystemError} EPERM without CAP_SYS_NICE or a limit that allows it.
 */
export function setEngineThreadsPriority(priority: number): void {
  for (const task of readdirSync(TASKS)) {
    if (!nameOf(task).endsWith('V8Worker')) continue;
    try {
      setRealTimePriorityOf(Number(task), priority);
    } catch (error) {
      if (!(error instanceof SystemError) || error.code !== 'ESRCH') throw error;
    }
  }
}

function nameOf(task: string): string {
  try {
    return readFileSync(`${TASKS}/${task}/comm`, 'utf8').trim();
  } catch {
    return ''; // it has ended
  }
}
