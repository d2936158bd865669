import { expect, it } from 'vitest';
import { BackgroundPace } from './background-pace.ts';
import { VirtualClock } from './virtual-clock.ts';

function turnsIn(seconds: number, isBusy: () => boolean): number {
  const clock = new VirtualClock();
  const pace = new BackgroundPace({ clock, perSecond: 10, burst: 1, isBusy });
  let turns = 0;
  for (;;) {
    clock.advance(pace.take());
    if (clock.now() >= seconds * 1_000) return turns;
    turns++;
  }
}

it('is what it says while nothing matters more', () => {
  expect(turnsIn(10, () => false)).toBe(100);
});

it('is a tenth of it while something does', () => {
  expect(turnsIn(10, () => true)).toBe(10);
});
