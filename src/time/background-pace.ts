/**
 * The pace of what is written behind everything else. While there is work that matters more it goes at a tenth, so that it takes nothing from
 * what routers and clients wait for; not at nothing, so that a cluster which is always busy has it too.
 */
import type { Clock } from './clock.ts';
import { TokenBucket } from './token-bucket.ts';

const COST_WHILE_BUSY = 10;

export interface BackgroundPaceOptions {
  readonly clock: Clock;
  readonly perSecond: number;
  /** So many at once, after a rest. */
  readonly burst: number;
  readonly isBusy: () => boolean;
}

export class BackgroundPace {
  readonly #bucket: TokenBucket;
  readonly #isBusy: () => boolean;

  constructor({ clock, perSecond, burst, isBusy }: BackgroundPaceOptions) {
    this.#bucket = new TokenBucket(clock, perSecond, burst);
    this.#isBusy = isBusy;
  }

  /** Takes a turn. The number is how many milliseconds it is away: 0 now. */
  take(): number {
    return this.#bucket.take(this.#isBusy() ? COST_WHILE_BUSY : 1);
  }
}
