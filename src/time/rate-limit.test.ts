import { expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';
import { VirtualClock } from './virtual-clock.ts';

it('lets one of each kind through per interval, and says how many it held back', () => {
  const clock = new VirtualClock();
  const limit = new RateLimit(clock, 10_000);
  expect(limit.pass('a')).toBe(0);
  clock.advance(9_999);
  expect([limit.pass('a'), limit.pass('a'), limit.pass('b')]).toEqual([null, null, 0]);
  clock.advance(1);
  expect(limit.pass('a')).toBe(2);
  clock.advance(10_000);
  expect(limit.pass('a')).toBe(0);
});
