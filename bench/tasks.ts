/** What threads of a process have run for, by the scheduler's own account. */
import { readdirSync, readFileSync } from 'node:fs';

export interface TaskTime {
  readonly name: string;
  readonly ns: number;
}

/** Time on a processor of each thread of a process, by its id; one that has ended meanwhile is left out. */
export function taskTimes(pid: number): ReadonlyMap<string, TaskTime> {
  const times = new Map<string, TaskTime>();
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      const of = (file: string): string => readFileSync(`/proc/${pid}/task/${task}/${file}`, 'utf8');
      times.set(task, { name: of('comm').trim(), ns: Number(of('schedstat').split(' ')[0]) });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
  return times;
}

/** What threads with this name, or all, ran for between two readings. */
export function ranFor(
  before: ReadonlyMap<string, TaskTime>,
  after: ReadonlyMap<string, TaskTime>,
  name: string | null = null,
): number {
  let ns = 0;
  for (const [task, time] of after) {
    if (name === null || time.name === name) ns += time.ns - (before.get(task)?.ns ?? 0);
  }
  return ns;
}

/** Time of all processors together that was not idle, in clock ticks. */
export function busyTicks(): { readonly busy: number; readonly all: number } {
  const [, ...fields] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/ +/).map(Number);
  const all = fields.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0);
  return { busy: all - (fields[3] ?? 0) - (fields[4] ?? 0), all };
}
