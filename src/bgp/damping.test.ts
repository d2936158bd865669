import { expect, it } from 'vitest';
import { Damping } from './damping.ts';

const POLICY = { initialMs: 1_000, maxMs: 8_000 };

it('grows until a session lasts; reaching Established alone is no success', () => {
  const damping = new Damping({ connection: POLICY, session: POLICY }, () => 0.999_999);
  const failed = (now: number): number => Math.round(damping.failed(now, 'session'));
  expect([failed(0), failed(0), failed(0)]).toEqual([1_000, 2_000, 4_000]);
  damping.established(10_000);
  expect(failed(17_999)).toBe(8_000);
  damping.established(20_000);
  expect(failed(28_000)).toBe(1_000);
  expect(failed(28_000)).toBe(2_000);
  damping.reset();
  expect(failed(28_000)).toBe(1_000);
});

it('slows sessions that fail even where attempts to connect keep their pace', () => {
  const pace = { initialMs: 2_000, maxMs: 2_000 };
  const damping = new Damping({ connection: pace, session: { initialMs: 2_000, maxMs: 30_000 } }, () => 0.999_999);
  const pause = (what: 'connection' | 'session'): number => Math.round(damping.failed(0, what));
  expect([pause('connection'), pause('connection'), pause('connection')]).toEqual([2_000, 2_000, 2_000]);
  damping.reset();
  expect([pause('session'), pause('session'), pause('session')]).toEqual([2_000, 4_000, 8_000]);
});
