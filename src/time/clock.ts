/** Milliseconds on a monotonic clock. The only source of time below the io layer. */
export interface Clock {
  now(): number;
  /** Runs `fn` once, `ms` from now; call the returned function to cancel. */
  after(ms: number, fn: () => void): () => void;
  /** By how much it may call later than so many milliseconds from now; where it does not say, it does its best. */
  slackMs?(ms: number): number;
}

/** The process's own clock. Handed in at the edge (`main.ts`, `io/`) and nowhere else. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};
