import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';
import { VirtualClock } from './virtual-clock.ts';

it('lets a burst through, then so many a second', () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket(clock, 10, 3);
  expect([1, 2, 3, 4, 5].map(() => bucket.take())).toEqual([0, 0, 0, 100, 200]);
  clock.advance(200);
  expect(bucket.take()).toBe(100);
  clock.advance(60_000);
  expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([0, 0, 0, 100]);
});
