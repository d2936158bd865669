import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { LeaderElector } from './lease.ts';
import { type KubeApi, KubeError, type KubeObject } from './types.ts';

/** One Lease with optimistic concurrency; each contender can be cut off from it. */
class LeaseApi {
  #lease: KubeObject | undefined;
  #version = 0;
  readonly cut = new Set<string>();

  of(contender: string): KubeApi {
    const reach = (): void => {
      if (this.cut.has(contender)) throw new KubeError('away', 0, 'ECONNREFUSED');
    };
    const store = (object: KubeObject): KubeObject => {
      this.#version++;
      const metadata = { ...object.metadata, uid: 'u', resourceVersion: String(this.#version) };
      this.#lease = { ...object, metadata };
      return this.#lease;
    };
    const api = {
      get: async () => {
        reach();
        if (this.#lease === undefined) throw new KubeError('not found', 404, 'NotFound');
        return this.#lease;
      },
      create: async (_: unknown, object: KubeObject) => {
        reach();
        if (this.#lease !== undefined) throw new KubeError('exists', 409, 'AlreadyExists');
        return store(object);
      },
      replace: async (_: unknown, object: KubeObject) => {
        reach();
        if (this.#lease?.metadata.resourceVersion !== object.metadata.resourceVersion)
          throw new KubeError('conflict', 409, 'Conflict');
        return store(object);
      },
    };
    return api as unknown as KubeApi;
  }
}

function contest(names: readonly string[]) {
  const clock = new VirtualClock();
  const api = new LeaseApi();
  const leading = new Set<string>();
  const log: string[] = [];
  const failures: string[] = [];
  const electors = new Map(
    names.map((name, i) => [
      name,
      new LeaderElector({
        api: api.of(name),
        namespace: 'metallb-system',
        name: 'metallb-controller',
        identity: name,
        clock,
        // Wall clocks that differ by hours: nobody may trust another's.
        wallClock: () => new Date(1_000_000 + i * 7_200_000 + clock.now()),
        random: () => i / names.length,
        onStartedLeading: () => {
          leading.add(name);
          log.push(`${clock.now()} ${name} leads`);
        },
        onStoppedLeading: () => {
          leading.delete(name);
          log.push(`${clock.now()} ${name} stops`);
        },
        onError: () => failures.push(`${name} fails`),
        onRecovered: () => failures.push(`${name} recovered`),
      }),
    ]),
  );
  const run = async (ms: number, stepMs = 100): Promise<void> => {
    for (let left = ms; left > 0; left -= stepMs) {
      for (let i = 0; i < 12; i++) await null;
      clock.advance(Math.min(stepMs, left));
      for (let i = 0; i < 12; i++) await null;
      if (leading.size > 1) throw new Error(`two leaders at ${clock.now()}: ${log.join(', ')}`);
    }
  };
  for (const elector of electors.values()) elector.start();
  return { clock, api, leading, log, failures, electors, run };
}

describe('LeaderElector', () => {
  it('lets one lead for as long as it renews', async () => {
    const { leading, log, run } = contest(['a', 'b']);
    await run(3_600_000, 500);
    expect([...leading]).toEqual(['a']);
    expect(log).toHaveLength(1);
  });

  it('hands over within ten seconds when the leader is cut off, which stops before', async () => {
    const { leading, log, run, api, clock } = contest(['a', 'b']);
    await run(10_000);
    const cutAt = clock.now();
    api.cut.add('a');
    await run(10_000);
    expect([...leading]).toEqual(['b']);
    const at = (what: string): number => Number(log.find((line) => line.endsWith(what))?.split(' ')[0]);
    expect(at('a stops')).toBeLessThan(at('b leads'));
    expect(at('b leads') - cutAt).toBeLessThan(10_000);
  });

  it('says that it fails when that begins and every minute, and that it is over', async () => {
    const { api, failures, run } = contest(['a']);
    await run(10_000);
    api.cut.add('a');
    await run(3_600_000, 500);
    expect(failures.length).toBeGreaterThan(50);
    expect(failures.length).toBeLessThanOrEqual(61);
    api.cut.delete('a');
    await run(60_000, 500);
    expect(failures.filter((line) => line === 'a recovered')).toHaveLength(1);
    expect(failures.at(-1)).toBe('a recovered');
  });

  it('hands over at the next look when the leader stops in good order', async () => {
    const { leading, run, electors } = contest(['a', 'b']);
    await run(10_000);
    const stopped = electors.get('a')?.stop();
    await run(3_000);
    await stopped;
    expect([...leading]).toEqual(['b']);
  });

  it('never has two leaders, whoever is cut off when', async () => {
    const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), cut: fc.boolean(), ms: fc.nat({ max: 12_000 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { api, leading, run, electors } = contest(['a', 'b', 'c']);
        for (const { name, cut, ms } of steps) {
          if (cut) api.cut.add(name);
          else api.cut.delete(name);
          await run(ms, 250);
        }
        api.cut.clear();
        await run(12_000, 250);
        expect(leading.size).toBe(1);
        for (const elector of electors.values()) void elector.stop();
      }),
      { numRuns: 40 },
    );
  });
});
