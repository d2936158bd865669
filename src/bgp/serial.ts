/** Runs inputs one after the other, also those that an input causes while it runs: a state machine is never entered twice. */
export class Serial {
  readonly #waiting: (() => void)[] = [];
  #running = false;

  /** Whether an input is being worked on. */
  get running(): boolean {
    return this.#running;
  }

  /** Runs the input now, or after the one that is being worked on. */
  run(input: () => void): void {
    this.#waiting.push(input);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next();
    } finally {
      this.#running = false;
    }
  }
}
