import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { collectAtRest } from './rest.ts';

const MB = 1024 * 1024;

describe('a daemon at rest', () => {
  let clock: VirtualClock;
  let share: number;
  let used: number;
  let collected: number[];
  let stop: () => void;

  beforeEach(() => {
    clock = new VirtualClock();
    [share, used, collected] = [0, 12 * MB, []];
    stop = collectAtRest({
      clock,
      activeShare: () => share,
      usedBytes: () => used,
      collect: () => void collected.push(clock.now()),
    });
  });

  it('is collected once after its start, when nothing goes on any more', () => {
    share = 0.6;
    clock.advance(20_000);
    share = 0.1;
    clock.advance(20_000);
    expect(collected).toEqual([]);
    share = 0.01;
    clock.advance(3_600_000);
    expect(collected).toEqual([50_000]);
  });

  it('is collected once more after each burst, and not for a little work', () => {
    clock.advance(10_000);
    share = 0.15;
    clock.advance(60_000);
    share = 0;
    clock.advance(60_000);
    expect(collected).toEqual([10_000]);
    share = 0.9;
    clock.advance(10_000);
    share = 0.02;
    clock.advance(60_000);
    expect(collected).toEqual([10_000, 150_000]);
  });

  it('is left alone where the heap is large: the pause would be long', () => {
    used = 25 * MB;
    clock.advance(60_000);
    expect(collected).toEqual([]);
  });

  it('is looked at no more once that is over', () => {
    stop();
    clock.advance(60_000);
    expect(collected).toEqual([]);
  });
});
