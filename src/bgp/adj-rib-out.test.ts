import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPrefix, type Prefix, prefixOf } from '../net/prefix.ts';
import { AdjRibOut } from './adj-rib-out.ts';
import { AttributeSets } from './attribute-sets.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from './packet/constants.ts';
import { prefixKey } from './prefix-key.ts';
import type { RouteAttributes } from './route.ts';

const PLAIN: RouteAttributes = { localPref: null, med: null, asPathPrepend: 0, communities: [], largeCommunities: [] };
const v4 = (n: number): Prefix => prefixOf({ family: 4, value: 0x0a000000n + BigInt(n) }, 32);
const v6 = (n: number): Prefix => prefixOf({ family: 6, value: (0x20010db8n << 96n) + (BigInt(n) << 64n) }, 64);

interface Taken {
  readonly withdrawn: string[];
  readonly announced: [string, number | null][];
  readonly buckets: number;
}

/** Empties the RIB, or the first `limit` routes of it, as the packer does. */
function drain(rib: AdjRibOut, limit = Number.POSITIVE_INFINITY): Taken {
  const taken: Taken & { buckets: number } = { withdrawn: [], announced: [], buckets: 0 };
  let left = limit;
  for (const family of [IPV4_UNICAST, IPV6_UNICAST]) {
    for (let bucket = rib.nextBucket(family); bucket !== null && left > 0; bucket = rib.nextBucket(family)) {
      taken.buckets++;
      for (let head = bucket.head; head !== null && left > 0; head = bucket.head, left--) {
        rib.take(bucket);
        if (bucket.set === null) taken.withdrawn.push(formatPrefix(head));
        else taken.announced.push([formatPrefix(head), bucket.set.attributes.med]);
      }
    }
  }
  return taken;
}

describe('AdjRibOut', () => {
  it('sends withdrawals first, then one bucket per attribute set', () => {
    const rib = new AdjRibOut();
    rib.announce(v4(1), PLAIN);
    drain(rib);
    rib.announce(v4(2), { ...PLAIN, med: 1 });
    rib.announce(v4(3), { ...PLAIN, med: 2 });
    rib.announce(v4(4), { ...PLAIN, med: 1 }); // equal, not the same object
    rib.withdraw(v4(1));
    expect(drain(rib)).toEqual({
      withdrawn: ['10.0.0.1/32'],
      announced: [
        ['10.0.0.2/32', 1],
        ['10.0.0.4/32', 1],
        ['10.0.0.3/32', 2],
      ],
      buckets: 3,
    });
  });

  it('has nothing to say of what came and went between two flushes', () => {
    const rib = new AdjRibOut();
    rib.announce(v4(1), PLAIN);
    rib.withdraw(v4(1));
    expect([rib.pending(IPV4_UNICAST), rib.wanted, drain(rib).buckets]).toEqual([0, 0, 0]);
    rib.announce(v4(1), PLAIN);
    drain(rib);
    rib.announce(v4(1), { ...PLAIN, med: 7 });
    rib.announce(v4(1), PLAIN);
    expect(rib.pending(IPV4_UNICAST)).toBe(0);
  });

  it('replaces by differences', () => {
    const rib = new AdjRibOut();
    rib.replace([1, 2, 3].map((n) => [v4(n), PLAIN] as const));
    drain(rib);
    rib.replace([
      [v4(1), PLAIN],
      [v4(2), { ...PLAIN, med: 5 }],
      [v4(9), PLAIN],
    ]);
    expect(drain(rib)).toMatchObject({
      withdrawn: ['10.0.0.3/32'],
      announced: [
        ['10.0.0.2/32', 5],
        ['10.0.0.9/32', null],
      ],
    });
  });

  it('says everything of a family again when it is refreshed, and withdraws what went meanwhile', () => {
    const rib = new AdjRibOut();
    for (const p of [v4(1), v4(2), v6(1)]) rib.announce(p, PLAIN);
    drain(rib);
    rib.refresh(IPV4_UNICAST);
    rib.withdraw(v4(2));
    expect(drain(rib)).toMatchObject({ withdrawn: ['10.0.0.2/32'], announced: [['10.0.0.1/32', null]] });
  });

  it('converges to what is wanted, over any changes, partial flushes, refreshes and resets', () => {
    const change = fc.oneof(
      { weight: 8, arbitrary: fc.tuple(fc.constant('announce' as const), fc.nat(7), fc.nat(2)) },
      { weight: 5, arbitrary: fc.tuple(fc.constant('withdraw' as const), fc.nat(7), fc.constant(0)) },
      { weight: 4, arbitrary: fc.tuple(fc.constant('flush' as const), fc.nat(6), fc.constant(0)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('refresh' as const), fc.nat(1), fc.constant(0)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('reset' as const), fc.constant(0), fc.constant(0)) },
    );
    const at = (n: number): Prefix => (n < 4 ? v4(n) : v6(n));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const rib = new AdjRibOut();
        const wanted = new Map<string, number>();
        let peer = new Map<string, number | null>();
        const apply = (taken: Taken): void => {
          for (const p of taken.withdrawn) expect(peer.delete(p)).toBe(true); // never withdraw what was not sent
          for (const [p, med] of taken.announced) peer.set(p, med);
        };
        for (const [type, n, med] of changes) {
          if (type === 'announce') {
            rib.announce(at(n), { ...PLAIN, med });
            wanted.set(formatPrefix(at(n)), med);
          } else if (type === 'withdraw') {
            rib.withdraw(at(n));
            wanted.delete(formatPrefix(at(n)));
          } else if (type === 'flush') apply(drain(rib, n));
          else if (type === 'refresh') rib.refresh(n === 0 ? IPV4_UNICAST : IPV6_UNICAST);
          else {
            rib.reset();
            peer = new Map();
          }
          expect(rib.advertised).toBe(peer.size);
          expect(new Map([...rib.routes()].map((r) => [formatPrefix(r.prefix), r.attributes.med]))).toEqual(peer);
        }
        apply(drain(rib));
        expect(peer).toEqual(wanted);
        expect(drain(rib)).toEqual({ withdrawn: [], announced: [], buckets: 0 }); // quiet when nothing changed
      }),
      { numRuns: 400 },
    );
  });
});

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
    expect(sets.take({ ...PLAIN, communities: [1, 2] })).not.toBe(a);
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

describe('prefixKey', () => {
  it('differs for different prefixes', () => {
    const any = fc.oneof(
      fc
        .tuple(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), fc.nat(32))
        .map(([value, l]) => prefixOf({ family: 4, value }, l)),
      fc
        .tuple(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), fc.nat(128))
        .map(([value, l]) => prefixOf({ family: 6, value }, l)),
    );
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(prefixKey(a) === prefixKey(b)).toBe(formatPrefix(a) === formatPrefix(b));
      }),
    );
  });

  it('spreads the /64s of one site over the 64 bits that engines hash', () => {
    const low = new Set(Array.from({ length: 1_000 }, (_, n) => BigInt.asUintN(64, BigInt(prefixKey(v6(n))))));
    expect(low.size).toBe(1_000);
  });
});
