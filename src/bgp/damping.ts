/** How long to wait before the next attempt: IdleHoldTime that grows (RFC 4271 section 8.1.1, DampPeerOscillations). */
import { type BackoffPolicy, backoffMs } from '../time/backoff.ts';

/**
 * Counts failures in a row. Reaching Established does not forgive them, lasting there does: a peer that resets right after each
 * Established would otherwise be dialled without a pause.
 */
export class Damping {
  readonly #policy: BackoffPolicy;
  readonly #random: () => number;
  #failures = 0;
  #establishedAt: number | null = null;

  constructor(policy: BackoffPolicy, random: () => number) {
    this.#policy = policy;
    this.#random = random;
  }

  established(now: number): void {
    this.#establishedAt = now;
  }

  /** Counts a failure and answers how many milliseconds to wait. */
  failed(now: number): number {
    if (this.#establishedAt !== null && now - this.#establishedAt >= this.#policy.maxMs) this.#failures = 0;
    this.#establishedAt = null;
    this.#failures++;
    return backoffMs(this.#policy, this.#failures, this.#random());
  }

  /** An operator's start: whatever was before does not count. */
  reset(): void {
    this.#failures = 0;
    this.#establishedAt = null;
  }
}
