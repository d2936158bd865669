import { describe, expect, it } from 'vitest';
import { createLogger } from '../io/logger.ts';
import type { AccessReview } from '../kube/access-review.ts';
import type { Secret } from '../secret.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { ScrapeAccess } from './scrape-access.ts';

type Reviewer = (token: string, signal: AbortSignal) => AccessReview | Promise<AccessReview>;

/** An access whose reviews are answered by `review`, by default with yes to `good` and no to all others. */
function stage(review: Reviewer = (token) => (token === 'good' ? ALLOWED : { state: 'unauthenticated' })) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const lines: string[] = [];
  const access = new ScrapeAccess({
    review: async (token: Secret, signal) => {
      asked.push(token.reveal());
      return review(token.reveal(), signal);
    },
    clock,
    log: createLogger('all', { write: (line: string) => void lines.push(line) }),
  });
  const status = async (token: string): Promise<number> => (await access.check(`Bearer ${token}`))?.status ?? 200;
  return { clock, asked, lines, access, status };
}

const ALLOWED: AccessReview = { state: 'allowed', user: 'prometheus' };
const never = new Promise<AccessReview>(() => {});

describe('ScrapeAccess', () => {
  it.each([[undefined], [''], ['Basic Zm9vOmJhcg=='], ['Bearer'], ['Bearer a b'], ['Bearer a\u00e9']])(
    'asks nobody about the header %j',
    async (header) => {
      const { access, asked } = stage();
      expect(await access.check(header)).toMatchObject({ status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
      expect(asked).toEqual([]);
    },
  );

  it('lets through who may, and refuses who may not or is unknown', async () => {
    const { status } = stage((token) =>
      token === 'good'
        ? ALLOWED
        : token === 'weak'
          ? { state: 'forbidden', user: 'dev' }
          : { state: 'unauthenticated' },
    );
    expect([await status('good'), await status('weak'), await status('bad')]).toEqual([200, 403, 401]);
  });

  it('takes the name of the scheme in any case (RFC 9110 section 11.1)', async () => {
    expect(await stage().access.check('bEARER good')).toBeNull();
  });

  it('remembers a yes for a minute and a no for ten seconds', async () => {
    const { status, asked, clock } = stage();
    const seen = async () => [await status('good'), await status('bad'), asked.splice(0)];
    expect(await seen()).toEqual([200, 401, ['good', 'bad']]);
    clock.advance(9_999);
    expect(await seen()).toEqual([200, 401, []]);
    clock.advance(1);
    expect(await seen()).toEqual([200, 401, ['bad']]);
    clock.advance(50_000);
    expect(await seen()).toEqual([200, 401, ['good', 'bad']]);
  });

  it('refuses whose right was taken away, within a minute', async () => {
    let may = true;
    const { status, clock } = stage(() => (may ? ALLOWED : { state: 'forbidden', user: 'prometheus' }));
    expect(await status('good')).toBe(200);
    may = false;
    clock.advance(60_000);
    expect(await status('good')).toBe(403);
  });

  it('asks once for requests that come together', async () => {
    const { status, asked } = stage();
    expect(await Promise.all([status('good'), status('good'), status('good')])).toEqual([200, 200, 200]);
    expect(asked).toEqual(['good']);
  });

  it('lets nobody through while the API server cannot be asked, not even who was known, and remembers nothing of it', async () => {
    let away = false;
    const { status, clock, lines } = stage(() => {
      if (away) throw new Error('connect ECONNREFUSED');
      return ALLOWED;
    });
    expect(await status('good')).toBe(200);
    away = true;
    expect(await status('good')).toBe(200);
    clock.advance(60_000);
    expect([await status('good'), await status('good')]).toEqual([503, 503]);
    expect(lines).toHaveLength(1);
    away = false;
    expect(await status('good')).toBe(200);
  });

  it('gives a review five seconds', async () => {
    const { status, clock } = stage(
      (_token, signal) =>
        new Promise<AccessReview>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    const answered = status('good');
    clock.advance(5_000);
    expect(await answered).toBe(503);
  });

  it('reviews four strangers at a time, while who was let through before has a turn', async () => {
    let hang = false;
    const { status, clock, asked } = stage((token) => (hang && token !== 'good' ? never : ALLOWED));
    await status('good');
    hang = true;
    for (const token of ['a', 'b', 'c', 'd']) void status(token);
    expect(await status('e')).toBe(503);
    clock.advance(60_000);
    expect(await status('good')).toBe(200);
    expect(asked).toEqual(['good', 'a', 'b', 'c', 'd', 'good']);
  });

  it('reviews strangers at a bounded rate', async () => {
    const { status, asked, clock } = stage();
    const strangers = async (count: number, name: string): Promise<number> => {
      const before = asked.length;
      for (let i = 0; i < count; i++) await status(`${name}${i}`);
      return asked.length - before;
    };
    expect(await strangers(1_000, 'a')).toBe(10);
    clock.advance(1_000);
    expect(await strangers(1_000, 'b')).toBe(5);
    clock.advance(3_600_000);
    expect(await strangers(1_000, 'c')).toBe(10);
  });

  it('remembers who may, however many strangers come', async () => {
    const { status, asked, clock } = stage();
    await status('good');
    for (let i = 0; i < 250; i++) {
      clock.advance(200);
      await status(`x${i}`);
    }
    asked.length = 0;
    expect([await status('good'), asked]).toEqual([200, []]);
  });

  it('never logs a token', async () => {
    const { status, lines } = stage((token) => {
      if (token === 'secret-1') throw new Error('no answer');
      return { state: 'forbidden', user: 'dev' };
    });
    for (let i = 0; i < 5; i++) await status(`secret-${i}`);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'metricsRefused', status: 403, user: 'dev' },
      { op: 'reviewToken', error: 'no answer' },
    ]);
    expect(lines.join()).not.toContain('secret-');
  });
});
