import { describe, expect, it } from 'vitest';
import { AttributeSets } from './attribute-sets.ts';
import type { RouteAttributes } from './route.ts';

const PLAIN: RouteAttributes = { localPref: null, med: null, asPathPrepend: 0, communities: [], largeCommunities: [] };

describe('AttributeSets', () => {
  it('makes equal wishes one set, and forgets it with its last reference', () => {
    const sets = new AttributeSets();
    const a = sets.take({ ...PLAIN, communities: [1, 2] });
    expect(sets.take({ ...PLAIN, communities: [1, 2] })).toBe(a);
    expect(sets.take({ ...PLAIN, communities: [12] })).not.toBe(a);
    sets.release(a);
    expect(sets.size).toBe(2);
    sets.release(a);
    expect(sets.size).toBe(1);
    // The number is another set's now; whoever kept it without a reference would be wrong.
    expect(sets.take({ ...PLAIN, med: 1 })).toBe(a);
    expect(sets.of(a).attributes.med).toBe(1);
    expect(() => sets.of(99)).toThrow('no attribute set');
  });

  it('tells lists apart that differ in where they are cut', () => {
    const large = (...n: number[]) => n.map((m) => ({ globalAdministrator: m, localData1: 1, localData2: 1 }));
    const sets = new AttributeSets();
    const wishes: RouteAttributes[] = [
      { ...PLAIN, localPref: 1 },
      { ...PLAIN, med: 1 },
      { ...PLAIN, med: 0 },
      { ...PLAIN, asPathPrepend: 1 },
      { ...PLAIN, communities: [1, 2] },
      { ...PLAIN, communities: [12] },
      { ...PLAIN, largeCommunities: large(1) },
      { ...PLAIN, largeCommunities: large(11) },
    ];
    expect(new Set(wishes.map((w) => sets.take(w))).size).toBe(wishes.length);
  });
});
