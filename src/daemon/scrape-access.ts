/**
 * Who may scrape: decided by the API server for each token, and remembered for a while.
 *
 * Scrapes come every few seconds with the same token; anybody else who reaches the port must not be able to make the API server busy, nor to use up
 * memory. So answers are kept, in a bounded number; tokens that are not known are reviewed at a bounded rate, and never many at once; and a review has a
 * deadline. Where nothing can be found out, nobody is let through.
 */
import { createHash } from 'node:crypto';
import { errorMessage } from '../error-message.ts';
import type { Answer } from '../io/http-routes.ts';
import type { Logger } from '../io/logger.ts';
import type { AccessReview } from '../kube/access-review.ts';
import { withDeadline } from '../kube/deadline.ts';
import { Secret } from '../secret.ts';
import type { Clock } from '../time/clock.ts';
import { RateLimit } from '../time/rate-limit.ts';

export interface ScrapeAccessOptions {
  readonly review: (token: Secret, signal: AbortSignal) => Promise<AccessReview>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long an answer counts, in milliseconds. */
const ALLOWED_FOR_MS = 60_000;
const REFUSED_FOR_MS = 10_000;
/** Of each of the two kinds. */
const MAX_REMEMBERED = 64;
const MAX_UNDER_WAY = 4;
/** Reviews of tokens that were not let through before. */
const REVIEWS_PER_SECOND = 5;
const REVIEWS_AT_ONCE = 10;
const DEADLINE_MS = 5_000;
const LOG_INTERVAL_MS = 60_000;

/** RFC 6750: the scheme's name in any case, one token of its characters. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

const UNAUTHENTICATED: Answer = {
  status: 401,
  text: 'a bearer token that the API server knows is needed\n',
  headers: { 'WWW-Authenticate': 'Bearer' },
};
const FORBIDDEN: Answer = {
  status: 403,
  text: 'this user may not: RBAC must allow the verb "get" on the nonResourceURL "/metrics"\n',
};
const UNAVAILABLE: Answer = {
  status: 503,
  text: 'the API server could not be asked; try again\n',
  headers: { 'Retry-After': '1' },
};

interface Remembered {
  readonly answer: Answer | null;
  readonly until: number;
}

export class ScrapeAccess {
  readonly #options: ScrapeAccessOptions;
  readonly #logged: RateLimit;
  /** By the token's hash, oldest first. Two of them, so that tokens that nobody has cannot push out those that may. */
  readonly #allowed = new Map<string, Remembered>();
  readonly #refused = new Map<string, Remembered>();
  readonly #underWay = new Map<string, Promise<Answer | null>>();
  #turns = REVIEWS_AT_ONCE;
  #turnsAt: number;

  constructor(options: ScrapeAccessOptions) {
    this.#options = options;
    this.#turnsAt = options.clock.now();
    this.#logged = new RateLimit(options.clock, LOG_INTERVAL_MS);
  }

  /**
   * Null: the request may be answered; else what to answer in its place.
   *
   * @param authorization - the header.
   */
  async check(authorization: string | undefined): Promise<Answer | null> {
    const text = BEARER.exec(authorization ?? '')?.[1];
    if (text === undefined) return UNAUTHENTICATED;
    const key = createHash('sha256').update(text).digest('base64');
    const known = this.#allowed.get(key) ?? this.#refused.get(key);
    if (known !== undefined && this.#options.clock.now() < known.until) return known.answer;
    const running = this.#underWay.get(key);
    if (running !== undefined) return running;
    // Who was let through before has a turn of its own: strangers cannot keep it out.
    const isStranger = known?.answer !== null;
    if (isStranger && (this.#underWay.size >= MAX_UNDER_WAY || !this.#takeTurn())) return UNAVAILABLE;
    const review = this.#review(key, new Secret(text)).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, review);
    return review;
  }

  #takeTurn(): boolean {
    const now = this.#options.clock.now();
    const gained = ((now - this.#turnsAt) / 1_000) * REVIEWS_PER_SECOND;
    this.#turns = Math.min(REVIEWS_AT_ONCE, this.#turns + gained);
    this.#turnsAt = now;
    if (this.#turns < 1) return false;
    this.#turns -= 1;
    return true;
  }

  async #review(key: string, token: Secret): Promise<Answer | null> {
    const { clock, log, review } = this.#options;
    try {
      const found = await withDeadline(clock, DEADLINE_MS, null, (signal) => review(token, signal));
      if (found.state === 'allowed') {
        this.#refused.delete(key);
        remember(this.#allowed, key, { answer: null, until: clock.now() + ALLOWED_FOR_MS });
        return null;
      }
      const answer = found.state === 'unauthenticated' ? UNAUTHENTICATED : FORBIDDEN;
      this.#allowed.delete(key);
      remember(this.#refused, key, { answer, until: clock.now() + REFUSED_FOR_MS });
      if (this.#logged.pass(found.state) !== null)
        log.warn(
          { event: 'metricsRefused', status: answer.status, ...('user' in found ? { user: found.user } : {}) },
          'a request for metrics was refused',
        );
      return answer;
    } catch (error) {
      // What was known before has run out, and nobody vouches for it.
      if (this.#logged.pass('unavailable') !== null)
        log.warn(
          { op: 'reviewToken', error: errorMessage(error) },
          'cannot ask the API server who may read the metrics',
        );
      return UNAVAILABLE;
    }
  }
}

/** Sets an entry as the newest, and forgets the oldest where there are too many. */
function remember(map: Map<string, Remembered>, key: string, value: Remembered): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_REMEMBERED) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
