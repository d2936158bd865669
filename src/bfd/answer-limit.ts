/**
 * How often Polls are answered (RFC 5880 section 6.8.7 allows a limit): as often as the neighbor may send them and a few more, so that a flood of Polls is not
 * made into a flood of Finals.
 */
import type { Clock } from '../time/clock.ts';

const BURST = 4;

export class AnswerLimit {
  readonly #clock: Clock;
  #tokens = BURST;
  #filledAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledAt = clock.now();
  }

  /** Whether a Poll may be answered now, where one may come every so many milliseconds. */
  take(everyMs: number): boolean {
    const now = this.#clock.now();
    this.#tokens = Math.min(BURST, this.#tokens + (now - this.#filledAt) / Math.max(everyMs, 1));
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
