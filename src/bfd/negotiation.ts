/**
 * The intervals of a session, and the Poll Sequence by which they change without a flap (RFC 5880 sections 6.5 and 6.8.3).
 *
 * What we say changes at once. What we do changes at once where the neighbor cannot be harmed by it; slower transmission, and an earlier
 * expiry, wait until a Final has shown that the neighbor knows. A change while a Poll Sequence runs needs another one: a Final that was on its way answers the
 * change before.
 */

/** bfd.DesiredMinTxInterval and bfd.RequiredMinRxInterval, in microseconds. */
export interface Intervals {
  readonly desiredMinTx: number;
  readonly requiredMinRx: number;
}

/** How long a Poll and its Final are taken to be on their way at most: what has not come by then was lost. */
const MAX_ROUND_TRIP_MS = 500;

export class Negotiation {
  /** What we say. */
  #said: Intervals;
  /** The fastest transmission and the slowest expectation of all that the neighbor may believe: what it is known to know, and what was said since. */
  #held: Intervals;
  #polling = false;
  /** What we say has changed since the Poll Sequence began. */
  #again = false;
  #pollsSent = 0;
  /** Finals that may still come for Polls of a sequence that is over: with a long way to the neighbor there are several under way. */
  #staleFinals = 0;
  #staleUntilMs = 0;

  constructor(intervals: Intervals) {
    this.#said = intervals;
    this.#held = intervals;
  }

  get said(): Intervals {
    return this.#said;
  }

  /** The P bit of what is sent periodically. */
  get polling(): boolean {
    return this.#polling;
  }

  /** By which we transmit: not slower before the neighbor knows. */
  get transmitAt(): number {
    return this.#held.desiredMinTx;
  }

  /** By which we expect the neighbor to transmit: not faster before it knows. */
  get expectAt(): number {
    return this.#held.requiredMinRx;
  }

  /** What the neighbor may go by. */
  get held(): Intervals {
    return this.#held;
  }

  /** Goes on where another thread has left off: the neighbor may go by these until it has answered a Poll for what is said now. */
  resume(held: Intervals): void {
    this.#held = {
      desiredMinTx: Math.min(held.desiredMinTx, this.#said.desiredMinTx),
      requiredMinRx: Math.max(held.requiredMinRx, this.#said.requiredMinRx),
    };
    if (!same(held, this.#said)) this.#begin();
  }

  /** Section 6.8.3. Whether the session is Up: in any other state nothing is held back, and there is nobody who could be told. */
  change(intervals: Intervals, isUp: boolean): void {
    if (same(intervals, this.#said)) return;
    this.#said = intervals;
    this.#held = {
      desiredMinTx: Math.min(this.#held.desiredMinTx, intervals.desiredMinTx),
      requiredMinRx: Math.max(this.#held.requiredMinRx, intervals.requiredMinRx),
    };
    if (!isUp) this.reset();
    else if (this.#polling) this.#again = true;
    else this.#begin();
  }

  /** The session has left Up: what was agreed is void. */
  reset(): void {
    this.#held = this.#said;
    this.#polling = false;
    this.#again = false;
    this.#pollsSent = 0;
    this.#staleFinals = 0;
  }

  pollSent(): void {
    this.#pollsSent++;
  }

  /** A packet with the F bit has come. */
  finalReceived(nowMs: number): void {
    if (!this.#polling || this.#pollsSent === 0) return;
    if (this.#staleFinals > 0 && nowMs < this.#staleUntilMs) {
      // Where Finals were lost, this waits for one of the next Polls: later by a round, never too early.
      this.#staleFinals--;
      return;
    }
    this.#staleFinals = this.#pollsSent - 1;
    this.#staleUntilMs = nowMs + MAX_ROUND_TRIP_MS;
    this.#polling = false;
    if (this.#again) this.#begin();
    else this.#held = this.#said;
  }

  #begin(): void {
    this.#polling = true;
    this.#again = false;
    this.#pollsSent = 0;
  }
}

const same = (a: Intervals, b: Intervals): boolean =>
  a.desiredMinTx === b.desiredMinTx && a.requiredMinRx === b.requiredMinRx;
