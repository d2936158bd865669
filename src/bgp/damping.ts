/** How long to wait before the next attempt: IdleHoldTime that grows (RFC 4271 section 8.1.1, DampPeerOscillations). */

import { type BackoffPolicy, backoffMs } from '../time/backoff.ts';
import type { Failed } from './fsm.ts';

/** How the pauses grow: after attempts to connect, and after sessions that failed. */
export type DampingPolicies = Readonly<Record<Failed, BackoffPolicy>>;

/**
 * Counts failures in a row. Reaching Established does not forgive them, lasting there does: a peer that resets right after each
 * Established would otherwise be dialled without a pause.
 */
export class Damping {
  readonly #policies: DampingPolicies;
  readonly #random: () => number;
  #failures = 0;
  #establishedAt: number | null = null;

  constructor(policies: DampingPolicies, random: () => number) {
    this.#policies = policies;
    this.#random = random;
  }

  established(now: number): void {
    this.#establishedAt = now;
  }

  /** Counts a failure and answers how many milliseconds to wait. */
  failed(now: number, what: Failed): number {
    if (this.#establishedAt !== null && now - this.#establishedAt >= this.#policies.session.maxMs) this.#failures = 0;
    this.#establishedAt = null;
    this.#failures++;
    return backoffMs(this.#policies[what], this.#failures, this.#random());
  }

  /** An operator's start: whatever was before does not count. */
  reset(): void {
    this.#failures = 0;
    this.#establishedAt = null;
  }
}
