import { expect, it } from 'vitest';
import { ChangeRate } from './change-rate.ts';
import { VirtualClock } from './virtual-clock.ts';

it('is thick from so many a second on, and until a second without them has passed', () => {
  const clock = new VirtualClock();
  const rate = new ChangeRate(clock, 30);
  rate.note(29);
  expect(rate.isThick).toBe(false);
  rate.note(1);
  expect(rate.isThick).toBe(true);
  clock.advance(1_000);
  expect(rate.isThick).toBe(true);
  clock.advance(999);
  expect(rate.isThick).toBe(true);
  clock.advance(1);
  expect(rate.isThick).toBe(false);
});

it('forgets what was long before', () => {
  const clock = new VirtualClock();
  const rate = new ChangeRate(clock, 30);
  rate.note(100);
  clock.advance(10_000);
  expect(rate.isThick).toBe(false);
  rate.note(1);
  expect(rate.isThick).toBe(false);
});
