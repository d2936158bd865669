/** Whether changes come thick, by those of the second before: then what is written behind them is written less often (docs/adr/0012). */
import type { Clock } from './clock.ts';

const WINDOW_MS = 1_000;
/** Changes a second from which on they come thick. */
const THICK_PER_SECOND = 5;

export class ChangeRate {
  readonly #clock: Clock;
  readonly #thick: number;
  #since: number;
  #count = 0;
  #before = 0;

  constructor(clock: Clock, thick = THICK_PER_SECOND) {
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
