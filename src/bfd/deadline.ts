/** A time that is put off with every packet, at the cost of a timer now and then: the timer that runs is left alone until it fires. */
import type { Clock } from '../time/clock.ts';

export class Deadline {
  readonly #clock: Clock;
  readonly #expired: () => void;
  /** Null while there is none. */
  #at: number | null = null;
  #timer: { readonly at: number; readonly cancel: () => void } | null = null;

  /** @param expired - called once the deadline has passed; it is cleared by then. */
  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  get isSet(): boolean {
    return this.#at !== null;
  }

  /** @param at - on the clock, in milliseconds. */
  set(at: number): void {
    this.#at = at;
    if (this.#timer === null || this.#timer.at > at) this.#arm(at);
  }

  clear(): void {
    this.#at = null;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(at: number): void {
    this.#timer?.cancel();
    const cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#timer = null;
      const deadline = this.#at;
      if (deadline === null) return;
      // Clocks may fire a little early, and the deadline may have moved meanwhile.
      if (this.#clock.now() < deadline) {
        this.#arm(deadline);
        return;
      }
      this.#at = null;
      this.#expired();
    });
    this.#timer = { at, cancel };
  }
}
