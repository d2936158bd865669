import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { TickClock } from './tick-clock.ts';
import { VirtualClock } from './virtual-clock.ts';

let beneath: VirtualClock;
let wakes: number;
let clock: TickClock;

beforeEach(() => {
  beneath = new VirtualClock();
  wakes = 0;
  const counting: Clock = {
    now: () => beneath.now(),
    after: (ms, fn) =>
      beneath.after(Math.ceil(ms), () => {
        wakes++;
        fn();
      }),
  };
  clock = new TickClock(counting);
});

describe('a clock of ticks', () => {
  it('calls never early, and late by no more than it says', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { maxLength: 50 }), (delays) => {
        const late: number[] = [];
        for (const ms of delays) {
          const due = clock.now() + ms;
          clock.after(ms, () => late.push(clock.now() - due - clock.slackMs(ms)));
          expect(clock.now()).toBeLessThan(due + 1);
        }
        beneath.advance(6_000);
        expect(late.length).toBe(delays.length);
        for (const by of late) expect(by).toBeLessThanOrEqual(0);
      }),
      { seed: 5880 },
    );
  });

  it('wakes up once for all that longer times share', () => {
    const ran: number[] = [];
    for (const ms of [41, 44, 43.5, 42]) clock.after(ms, () => ran.push(ms));
    beneath.advance(100);
    expect([ran, wakes]).toEqual([[41, 44, 43.5, 42], 1]);
  });

  it('keeps short times apart', () => {
    const ran: number[] = [];
    for (const ms of [3, 1, 2]) clock.after(ms, () => ran.push(clock.now()));
    beneath.advance(10);
    expect(ran).toEqual([1, 2, 3]);
  });

  it('runs what is set while it runs with a later tick, and not what was cancelled', () => {
    const ran: string[] = [];
    const cancel = clock.after(5, () => ran.push('cancelled'));
    clock.after(2, () => {
      ran.push('first');
      cancel();
      clock.after(0, () => ran.push(`second at ${clock.now()}`));
    });
    beneath.advance(10);
    expect(ran).toEqual(['first', 'second at 3']);
  });

  it('has times beyond a turn of the wheel, and is woken late without harm', () => {
    const ran: number[] = [];
    for (const ms of [1_000, 2_500, 60_000]) clock.after(ms, () => ran.push(ms));
    for (let i = 0; i < 70; i++) beneath.advance(1_000);
    expect(ran).toEqual([1_000, 2_500, 60_000]);
  });

  it('calls soon with the next common tick', () => {
    beneath.advance(1);
    const at: number[] = [];
    clock.soon(() => at.push(clock.now()));
    clock.after(40, () => at.push(clock.now()));
    beneath.advance(100);
    expect(at).toEqual([4, 44]);
  });
});
