/** Whether changes come thick, by those of the second before. */
import type { Clock } from './clock.ts';

const WINDOW_MS = 1_000;

export class ChangeRate {
  readonly #clock: Clock;
  readonly #thick: number;
  #since: number;
  #count = 0;
  #before = 0;

  /** @param thick - changes a second from which on they come thick. */
  constructor(clock: Clock, thick: number) {
    this.#clock = clock;
    this.#thick = thick;
    this.#since = clock.now();
  }

  note(count: number): void {
    this.#advance();
    this.#count += count;
  }

  get isThick(): boolean {
    this.#advance();
    return this.#count >= this.#thick || this.#before >= this.#thick;
  }

  #advance(): void {
    const now = this.#clock.now();
    const passed = now - this.#since;
    if (passed < WINDOW_MS) return;
    this.#before = passed < 2 * WINDOW_MS ? this.#count : 0;
    this.#count = 0;
    this.#since = now;
  }
}
