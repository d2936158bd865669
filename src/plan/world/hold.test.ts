import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AllocationChange } from '../../allocator/live-allocation.ts';
import { byAge } from '../../allocator/order.ts';
import { DEFAULT_PLAN_OPTIONS } from '../snapshot.ts';
import { life, resourceOf } from '../testing/world-steps.ts';
import { World } from '../world.ts';
import type { Change } from './change.ts';

const newWorld = () => new World({ planOptions: DEFAULT_PLAN_OPTIONS, node: null, allocation: 'decide' });

describe('Services that are taken in step by step, oldest first, while nobody is served', () => {
  it('come to what they would if they had come at once, and each is told once', () => {
    fc.assert(
      fc.property(life(0), fc.integer({ min: 1, max: 5 }), ({ listed: steps }, size) => {
        const objects = new Map<string, Change>();
        for (const step of steps) {
          if (step.type !== 'write') continue;
          const { kind, namespace, name } = step.object;
          objects.set(`${kind} ${namespace}/${name}`, { type: 'upsert', object: resourceOf(step.object, null) });
        }
        const isService = ({ object }: Change): boolean => 'body' in object && object.kind === 'Service';
        const services = [...objects.values()].filter(isService);
        const others = [...objects.values()].filter((change) => !isService(change));
        const [whole, sliced] = [newWorld(), newWorld()];
        for (const world of [whole, sliced]) {
          world.apply(others);
          world.start();
        }
        const expected = whole.apply(services).allocationsChanged;
        const known = [...whole.allocations.keys()].flatMap((key) => whole.service(key) ?? []);
        const aged = byAge(known).flatMap(({ namespace, name }) => objects.get(`Service ${namespace}/${name}`) ?? []);
        sliced.hold();
        const told: AllocationChange[] = [];
        for (let i = 0; i < aged.length; i += size)
          told.push(...sliced.apply(aged.slice(i, i + size)).allocationsChanged);
        told.push(...sliced.release().allocationsChanged);
        expect(new Map(sliced.allocations)).toEqual(new Map(whole.allocations));
        expect(sliced.pools).toEqual(whole.pools);
        const byKey = (changes: readonly AllocationChange[]) =>
          new Map(changes.map((change) => [change.service, change]));
        expect(byKey(told)).toEqual(byKey(expected));
        expect(told).toHaveLength(expected.length);
      }),
      { numRuns: 300 },
    );
  });
});
