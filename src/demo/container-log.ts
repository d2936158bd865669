/** What a process has said, as far as it is kept: for `kubectl logs`. */
import type { LogLine } from '../apiserver/verbs/logs.ts';

const MAX_LINES = 2_000;
/** A longer one is cut: a line of state may be long, and nobody reads it whole in a terminal. */
const MAX_LENGTH = 32_768;

export class ContainerLog {
  #lines: LogLine[] = [];
  readonly #followers = new Set<(line: LogLine) => void>();

  /** Oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines.slice(-MAX_LINES);
  }

  /** @param time - milliseconds since 1970. */
  add(time: number, text: string): void {
    const line = { time, text: text.slice(0, MAX_LENGTH) };
    // Thinned out now and then, so that a line costs no copy.
    if (this.#lines.length >= 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
    this.#lines.push(line);
    for (const tell of this.#followers) tell(line);
  }

  /** @returns ends it. */
  follow(tell: (line: LogLine) => void): () => void {
    this.#followers.add(tell);
    return () => this.#followers.delete(tell);
  }
}
