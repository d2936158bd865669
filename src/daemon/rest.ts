/**
 * A collection for a daemon that has come to rest.
 *
 * V8 collects when memory is asked for. What the start of a daemon or a burst of Services has left, and the code of functions that ran for it alone, stays where
 * it is as long as nothing more is asked for: 5 MB of an idle speaker. A collection as of last resort gives that back; it takes 18 ms for a heap of 12 MB, and so
 * is for small heaps alone, when nothing is going on, and once after each time in which something was.
 */
import type { Clock } from '../time/clock.ts';

/** How often a daemon is looked at. */
const PERIOD_MS = 10_000;
/** Shares of a period in which the event loop has something to do. */
const BUSY = 0.2;
const AT_REST = 0.05;
/** A collection of more would be a pause that a route may have to wait for. */
const MAX_BYTES = 24 * 1024 * 1024;

export interface HeapAtRest {
  readonly clock: Clock;
  /** The share of the time since it was asked last in which the event loop was busy. */
  readonly activeShare: () => number;
  readonly usedBytes: () => number;
  readonly collect: () => void;
}

/** Looks at a daemon from now on, until the returned function is called. */
export function collectAtRest({ clock, activeShare, usedBytes, collect }: HeapAtRest): () => void {
  // A start is a burst.
  let hasBeenBusy = true;
  let cancel = clock.after(PERIOD_MS, look);
  function look(): void {
    cancel = clock.after(PERIOD_MS, look);
    const share = activeShare();
    if (share >= BUSY) hasBeenBusy = true;
    if (!hasBeenBusy || share > AT_REST) return;
    hasBeenBusy = false;
    if (usedBytes() <= MAX_BYTES) collect();
  }
  return () => cancel();
}
