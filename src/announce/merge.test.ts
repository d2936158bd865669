import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RouteAttributes } from '../bgp/route.ts';
import { mergeAttributes } from './merge.ts';

const sorted = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);
const attributes: fc.Arbitrary<RouteAttributes> = fc.record({
  localPref: fc.option(fc.integer({ min: 98, max: 102 })),
  med: fc.option(fc.integer({ min: 0, max: 3 })),
  asPathPrepend: fc.integer({ min: 0, max: 3 }),
  communities: fc.array(fc.integer({ min: 0, max: 5 })).map(sorted),
  largeCommunities: fc
    .array(fc.integer({ min: 0, max: 5 }))
    .map((numbers) => sorted(numbers).map((n) => ({ globalAdministrator: n >> 1, localData1: n & 1, localData2: 0 }))),
});

it('comes to the same in whatever order Services are merged', () => {
  fc.assert(
    fc.property(attributes, attributes, attributes, (a, b, c) => {
      expect(mergeAttributes(a, b)).toEqual(mergeAttributes(b, a));
      expect(mergeAttributes(mergeAttributes(a, b), c)).toEqual(mergeAttributes(a, mergeAttributes(b, c)));
      expect(mergeAttributes(a, a)).toEqual(a);
    }),
  );
});

const plain: RouteAttributes = { localPref: null, med: null, asPathPrepend: 0, communities: [], largeCommunities: [] };

it.each([
  [200, 300, 300],
  [null, 200, 200],
  [null, 50, null], // unset is sent as 100, and 100 is higher
  [null, 100, 100],
])('of localPref %s and %s sends %s', (a, b, merged) => {
  expect(mergeAttributes({ ...plain, localPref: a }, { ...plain, localPref: b }).localPref).toBe(merged);
});

it('takes an absent MED for the lowest (RFC 4271 section 9.1.2.2 c)', () => {
  expect(mergeAttributes({ ...plain, med: 5 }, plain).med).toBeNull();
  expect(mergeAttributes({ ...plain, med: 5 }, { ...plain, med: 0 }).med).toBe(0);
});
