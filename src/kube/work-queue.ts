/**
 * Keys to be worked on: each once, however often it is added, a bounded number at a time, and again after a pause where it failed.
 *
 * Level-triggered: who works on a key reads what is wanted then. A key that is added while it is worked on is worked on again afterwards.
 */
import { backoffMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { retryAfterOf } from './retry-after.ts';

/** What to do with a key after a pass: nothing, or look again in `requeueAfterMs`. */
export interface Outcome {
  readonly requeueAfterMs?: number;
}

export interface WorkQueueOptions {
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>;
  readonly clock: Clock;
  readonly random: () => number;
  /** How many keys are worked on at once. */
  readonly workers: number;
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
  readonly onError?: (key: string, error: unknown, retryInMs: number) => void;
}

const BACKOFF = { initialMs: 5, maxMs: 300_000 };

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  /** Keys that wait for their time, with what cancels the waiting. */
  readonly #waiting = new Map<string, () => void>();
  /** Of keys that failed: how often in a row, and until when they are left alone, whoever asks for them. */
  readonly #failures = new Map<string, { readonly count: number; readonly until: number }>();
  readonly #stop = new AbortController();

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that are not done, those that wait included. */
  get size(): number {
    return this.#ready.size + this.#running.size + this.#waiting.size;
  }

  /** To be worked on as soon as there is room. It ends a pause that the key is in, but not the one after a failure. */
  add(key: string): void {
    if (this.#stop.signal.aborted) return;
    if (this.#pauseOf(key) > 0) {
      this.addAfter(key, 0);
      return;
    }
    this.#waiting.get(key)?.();
    this.#waiting.delete(key);
    this.#ready.add(key);
    this.#fill();
  }

  /** To be worked on in `ms`, unless it is added before. */
  addAfter(key: string, ms: number): void {
    if (this.#stop.signal.aborted || this.#ready.has(key)) return;
    this.#waiting.get(key)?.();
    const cancel = this.#options.clock.after(Math.max(ms, this.#pauseOf(key)), () => {
      this.#waiting.delete(key);
      this.add(key);
    });
    this.#waiting.set(key, cancel);
  }

  /** Forgets a key that nobody wants done any more; a pass under way ends as it does. */
  forget(key: string): void {
    this.#ready.delete(key);
    this.#waiting.get(key)?.();
    this.#waiting.delete(key);
    this.#failures.delete(key);
  }

  /** Starts nothing more; resolves when all passes have ended, which their signal tells them to. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    this.#ready.clear();
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  /** How much is left of the pause after a failure. */
  #pauseOf(key: string): number {
    const failure = this.#failures.get(key);
    return failure === undefined ? 0 : failure.until - this.#options.clock.now();
  }

  #fill(): void {
    for (const key of this.#ready) {
      if (this.#running.size >= this.#options.workers) return;
      if (this.#running.has(key)) continue;
      this.#ready.delete(key);
      // It begins when it is known to run: it may ask for its own key at once.
      const pass = Promise.resolve()
        .then(() => this.#runOnce(key))
        .finally(() => {
          this.#running.delete(key);
          this.#fill();
        });
      this.#running.set(key, pass);
    }
  }

  async #runOnce(key: string): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { reconcile, clock, random, onError, backoff = BACKOFF } = this.#options;
    try {
      const { requeueAfterMs } = await reconcile(key, this.#stop.signal);
      this.#failures.delete(key);
      if (requeueAfterMs !== undefined) this.addAfter(key, requeueAfterMs);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const count = (this.#failures.get(key)?.count ?? 0) + 1;
      const pause = Math.max(backoffMs(backoff, count, random()), retryAfterOf(error));
      this.#failures.set(key, { count, until: clock.now() + pause });
      // It may have been asked for while it ran.
      this.#ready.delete(key);
      this.addAfter(key, pause);
      onError?.(key, error, pause);
    }
  }
}
