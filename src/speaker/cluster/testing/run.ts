/** Time in tests: it passes in steps, and after each everything runs that waits for nothing but its turn. */
import type { VirtualClock } from '../../../time/virtual-clock.ts';

export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Answers a function that lets time pass on this clock. */
export function runner(clock: VirtualClock, stepMs = 50): (ms?: number) => Promise<void> {
  return async (ms = 0) => {
    await settle();
    for (let left = ms; left > 0; left -= stepMs) {
      clock.advance(Math.min(stepMs, left));
      await settle();
    }
  };
}
