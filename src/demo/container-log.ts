/** What a process has said, as far as it is kept: for `kubectl logs`. */
import type { LogLine } from '../apiserver/verbs/logs.ts';

const MAX_LINES = 2_000;
/** A longer one is cut: a line of state may be long, and nobody reads it whole in a terminal. */
const MAX_LENGTH = 32_768;

interface Follower {
  readonly onLine: (line: LogLine) => void;
  readonly onEnd: () => void;
}

export class ContainerLog {
  #lines: LogLine[] = [];
  readonly #followers = new Set<Follower>();
  #hasEnded = false;

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
    for (const { onLine } of this.#followers) onLine(line);
  }

  /** Nothing more comes. */
  end(): void {
    this.#hasEnded = true;
    for (const { onEnd } of this.#followers) onEnd();
    this.#followers.clear();
  }

  /** @returns ends it. */
  follow(onLine: Follower['onLine'], onEnd: Follower['onEnd']): () => void {
    const follower = { onLine, onEnd };
    if (this.#hasEnded) onEnd();
    else this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}
