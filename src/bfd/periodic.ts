/**
 * Periodic transmission with jitter (RFC 5880 section 6.8.7). The length of the interval may change between two transmissions: the next one then comes as if
 * it had been so from the last one on. One that is late is not made up for.
 */
import type { Clock } from '../time/clock.ts';

export class Periodic {
  readonly #clock: Clock;
  readonly #factor: () => number;
  readonly #fire: () => void;
  #last = Number.NEGATIVE_INFINITY;
  /** Of the interval that runs. */
  #jitter: number;
  /** Null while nothing is to be transmitted. */
  #intervalMs: number | null = null;
  #cancel: (() => void) | null = null;
  #worstLatenessMs = 0;

  /**
   * @param factor - what part of the interval is waited, drawn anew each time.
   * @param fire - transmits; it is to call {@link restart}.
   */
  constructor(clock: Clock, factor: () => number, fire: () => void) {
    this.#clock = clock;
    this.#factor = factor;
    this.#fire = fire;
    this.#jitter = factor();
  }

  /** How much later than meant a transmission was, at worst. */
  get worstLatenessMs(): number {
    return this.#worstLatenessMs;
  }

  /** Sets the interval, before jitter; null stops. Without a transmission before, the first one is due at once. */
  every(intervalMs: number | null): void {
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#arm();
  }

  /** Something was transmitted: the next one is due an interval from now. */
  restart(): void {
    this.#last = this.#clock.now();
    this.#jitter = this.#factor();
    this.#arm();
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#intervalMs === null) return;
    const now = this.#clock.now();
    const at = Math.max(now, this.#last + this.#intervalMs * this.#jitter);
    this.#cancel = this.#clock.after(at - now, () => {
      this.#cancel = null;
      this.#worstLatenessMs = Math.max(this.#worstLatenessMs, this.#clock.now() - at);
      this.#fire();
    });
  }
}
