import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('VirtualClock', () => {
  it('runs timers by time, then by insertion, whatever the order of setting', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 50 }), (delays) => {
        const clock = new VirtualClock();
        const ran: [number, number][] = [];
        delays.forEach((ms, i) => {
          clock.after(ms, () => ran.push([clock.now(), i]));
        });
        clock.advance(20);
        const expected = delays.map((ms, i): [number, number] => [ms, i]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(ran).toEqual(expected);
      }),
    );
  });

  it('runs timers that timers set, and not the cancelled ones', () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.after(10, () => {
      ran.push(`a@${clock.now()}`);
      clock.after(5, () => ran.push(`b@${clock.now()}`));
    });
    const cancel = clock.after(12, () => ran.push('cancelled'));
    cancel();
    clock.advance(14);
    expect(ran).toEqual(['a@10']);
    clock.advance(1);
    expect([ran, clock.now()]).toEqual([['a@10', 'b@15'], 15]);
  });
});

describe('backoffMs', () => {
  it('doubles to its cap and takes at most a quarter off', () => {
    const policy = { initialMs: 1_000, maxMs: 30_000 };
    expect([1, 2, 3, 4, 5, 6, 7].map((n) => backoffMs(policy, n, 1))).toEqual([1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3]);
    expect(backoffMs(policy, 1, 0)).toBe(750);
    expect(backoffMs(policy, 10_000, 1)).toBe(30_000);
  });
});
