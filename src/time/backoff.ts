/** Exponential backoff with a cap and jitter, as a pure step function. */

export interface BackoffPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
}

/**
 * The delay before the attempt that follows `failures` failures in a row, in milliseconds.
 *
 * Jitter takes up to a quarter off (RFC 4271 section 10), so that peers that failed together do not come back together.
 *
 * @param random - a number in [0, 1).
 */
export function backoffMs(policy: BackoffPolicy, failures: number, random: number): number {
  const full = Math.min(policy.maxMs, policy.initialMs * 2 ** Math.max(0, failures - 1));
  return full * (0.75 + 0.25 * random);
}
