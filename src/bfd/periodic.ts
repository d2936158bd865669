/**
 * Periodic transmission with jitter (RFC 5880 section 6.8.7). The length of the interval may change between two transmissions: the next one then comes as if
 * it had been so from the last one on. One that is late is not made up for.
 */
import type { Clock } from '../time/clock.ts';
import { jittered } from './timing.ts';

export interface PeriodicDependencies {
  readonly clock: Clock;
  /** In [0, 1): what part of the range of jitter is waited, drawn anew each time. */
  readonly random: () => number;
  /** Of the session now. */
  readonly detectMult: () => number;
  /** Transmits; it is to call {@link Periodic.restart}. */
  readonly fire: () => void;
}

export class Periodic {
  readonly #deps: PeriodicDependencies;
  #last = Number.NEGATIVE_INFINITY;
  /** Of the interval that runs. */
  #random: number;
  /** Null while nothing is to be transmitted. */
  #intervalMs: number | null = null;
  #cancel: (() => void) | null = null;
  /** When the timer that runs has to have fired. */
  #latest = 0;
  #worstLatenessMs = 0;
  readonly #onTimer = (): void => {
    this.#cancel = null;
    this.#worstLatenessMs = Math.max(this.#worstLatenessMs, this.#deps.clock.now() - this.#latest);
    this.#deps.fire();
  };

  constructor(deps: PeriodicDependencies) {
    this.#deps = deps;
    this.#random = deps.random();
  }

  /** How much later than meant a transmission was, at worst. */
  get worstLatenessMs(): number {
    return this.#worstLatenessMs;
  }

  /** Sets the interval, before jitter; null stops. Without a transmission before, the first one is due at once. */
  every(intervalMs: number | null): void {
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#arm(this.#deps.clock.now());
  }

  /** Something was transmitted: the next one is due an interval from now. */
  restart(): void {
    this.#last = this.#deps.clock.now();
    this.#random = this.#deps.random();
    this.#arm(this.#last);
  }

  #arm(now: number): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#intervalMs === null) return;
    const { clock, detectMult } = this.#deps;
    const slackMs = clock.slackMs?.(this.#intervalMs) ?? 0;
    const due = Math.max(now, this.#last + jittered(this.#intervalMs, detectMult(), this.#random, slackMs));
    this.#latest = due + slackMs;
    this.#cancel = clock.after(due - now, this.#onTimer);
  }
}
