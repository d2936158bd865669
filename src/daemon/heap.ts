/**
 * A daemon's heap: kept small, since a speaker is on every node, and what is garbage there is missing to the workloads.
 *
 * V8 lets a heap grow to several times what is in use before it collects, which suits a process that has a machine to itself. After a burst (a
 * list of 10,000 Services) most of that is never used again. A collection of 30 MB takes a few milliseconds, most of them beside the main
 * thread: collecting more often costs less than the memory would.
 */
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '../time/clock.ts';
import { collectAtRest } from './rest.ts';

/** How much larger than what is in use the old generation becomes before it is collected; V8 makes that 8 MB at least. */
const GROWING_PERCENT = 10;

/** To be called before anything is allocated. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  // There with Node's flag --expose-gc alone, which the image's Node has.
  const { gc } = globalThis;
  if (gc === undefined) return;
  let before = performance.eventLoopUtilization();
  collectAtRest({
    clock: systemClock,
    activeShare: () => {
      const { utilization } = performance.eventLoopUtilization(before);
      before = performance.eventLoopUtilization();
      return utilization;
    },
    usedBytes: () => process.memoryUsage().heapUsed,
    collect: () => void gc({ type: 'major', flavor: 'last-resort' }),
  });
}
