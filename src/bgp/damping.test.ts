import { expect, it } from 'vitest';
import { Damping } from './damping.ts';

it('grows until a session lasts; reaching Established alone is no success', () => {
  const damping = new Damping({ initialMs: 1_000, maxMs: 8_000 }, () => 0.999_999);
  const failed = (now: number): number => Math.round(damping.failed(now));
  expect([failed(0), failed(0), failed(0)]).toEqual([1_000, 2_000, 4_000]);
  damping.established(10_000);
  expect(failed(17_999)).toBe(8_000);
  damping.established(20_000);
  expect(failed(28_000)).toBe(1_000);
  expect(failed(28_000)).toBe(2_000);
  damping.reset();
  expect(failed(28_000)).toBe(1_000);
});
