/** Engine and driver under load, as processes: the benchmarks' speaker and receiver (`bench/load.ts`), small and short. Bounds are generous. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { change, pair } from '../../bench/load.ts';

describe('under load', () => {
  it('1,000 changes are two UPDATEs, whatever else the peer holds', async () => {
    await using both = await pair({ peers: 1, count: 20_000, watch: true });
    const { messages, announced } = await change(both, 1_000, 0);
    expect([messages, announced]).toEqual([2, 1_000]);
  });

  it('a reader that stops costs what the prefixes cost, delays nobody else, and has the latest state when it reads again', async () => {
    const count = 20_000;
    await using both = await pair({ peers: 3, count, watch: true });
    const { speaker, receiver } = both;
    const pending = async () => (await speaker.ask('memory', 'memory')).pending ?? [];
    receiver.send('pause 0');
    // The kernel takes some megabytes for it before it is full.
    for (let tries = 0; tries < 50 && (await pending())[0] === 0; tries++) await speaker.ask('churn 100000', 'churned');
    const before = await speaker.ask('memory', 'memory');
    await speaker.ask('churn 400000', 'churned', 60_000);
    const after = await speaker.ask('memory', 'memory');
    expect(after.pending?.[0]).toBeGreaterThan(0);
    expect(after.pending?.[0]).toBeLessThanOrEqual(count);
    expect((after.residentMegabytes ?? Number.NaN) - (before.residentMegabytes ?? 0)).toBeLessThan(10);
    const { ms } = await change(both, 1, 2);
    expect(ms).toBeLessThan(500);
    receiver.send('resume 0');
    for (let tries = 0; tries < 100 && (await pending()).some((n) => n > 0); tries++) await sleep(50);
    expect(await pending()).toEqual([0, 0, 0]);
    const { sessions = [] } = await receiver.ask('report', 'report');
    expect(sessions.map(({ open, distinct }) => [open, distinct])).toEqual([
      [true, count],
      [true, count],
      [true, count],
    ]);
  });

  it('KEEPALIVEs keep coming while routes change all the time', async () => {
    await using both = await pair({ peers: 2, count: 20_000, holdSeconds: 3 });
    const until = performance.now() + 4_000;
    while (performance.now() < until) await both.speaker.ask('churn 100000', 'churned');
    const { sessions = [] } = await both.receiver.ask('report', 'report');
    for (const { open, keepalives, longestGapMs } of sessions) {
      expect(open).toBe(true);
      expect(keepalives).toBeGreaterThanOrEqual(3);
      expect(longestGapMs).toBeLessThan(1_500);
    }
  });
});
