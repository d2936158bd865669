/** One of a kind per interval, and how many were held back: for logs that a stranger could otherwise fill. */
import type { Clock } from './clock.ts';

/** Kinds are few and known to the caller: each is remembered for good. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #kinds = new Map<string, { passedAt: number; heldBack: number }>();

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** Null: this one is held back. Else it passes, and the number is how many of its kind were held back since the last that passed. */
  pass(kind: string): number | null {
    const now = this.#clock.now();
    const last = this.#kinds.get(kind);
    if (last !== undefined && now - last.passedAt < this.#intervalMs) {
      last.heldBack++;
      return null;
    }
    this.#kinds.set(kind, { passedAt: now, heldBack: 0 });
    return last?.heldBack ?? 0;
  }
}
