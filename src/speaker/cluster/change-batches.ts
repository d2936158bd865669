/**
 * Changes at once while they come one by one, and together where they come thick.
 *
 * What a change costs is mostly what comes around it: a step of the world, four small writes to four routers, and waking up for their answers. A
 * hundred Services a second are three hundred changes; taken 25 times a second they cost half. Who changes one thing waits for nothing.
 */
import type { Change } from '../../plan/world/change.ts';
import type { Clock } from '../../time/clock.ts';
import { TokenBucket } from '../../time/token-bucket.ts';

/** So many at once, and so many a second: a change in a burst waits for 40 ms at most. */
const BURST = 10;
const PER_SECOND = 25;

export class ChangeBatches {
  readonly #clock: Clock;
  readonly #take: (changes: readonly Change[]) => void;
  readonly #bucket: TokenBucket;
  #waiting: Change[] = [];
  #cancel: (() => void) | null = null;

  /** @param take - gets changes in the order in which they came. */
  constructor(clock: Clock, take: (changes: readonly Change[]) => void) {
    this.#clock = clock;
    this.#take = take;
    this.#bucket = new TokenBucket(clock, PER_SECOND, BURST);
  }

  add(changes: readonly Change[]): void {
    this.#waiting.push(...changes);
    if (this.#cancel !== null) return;
    const wait = this.#bucket.take();
    if (wait <= 0) this.#flush();
    else this.#cancel = this.#clock.after(wait, () => this.#flush());
  }

  /** Behind what waits, and at once: the configuration is changed by people, and rarely. */
  addAtOnce(changes: readonly Change[]): void {
    this.#waiting.push(...changes);
    this.#cancel?.();
    this.#flush();
  }

  /** Takes nothing any more. */
  close(): void {
    this.#cancel?.();
    this.#waiting = [];
  }

  #flush(): void {
    const changes = this.#waiting;
    this.#waiting = [];
    this.#cancel = null;
    this.#take(changes);
  }
}
