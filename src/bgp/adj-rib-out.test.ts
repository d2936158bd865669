import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPrefix, type Prefix, prefixOf } from '../net/prefix.ts';
import { ByteReader } from '../wire/reader.ts';
import { AdjRibOut } from './adj-rib-out.ts';
import { WITHDRAWALS } from './family-rib.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from './packet/constants.ts';
import { decodePrefixes } from './packet/nlri.ts';
import type { RouteAttributes } from './route.ts';
import { RouteTables } from './route-tables.ts';

const PLAIN: RouteAttributes = { localPref: null, med: null, asPathPrepend: 0, communities: [], largeCommunities: [] };
const v4 = (n: number): Prefix => prefixOf({ family: 4, value: 0x0a000000n + BigInt(n) }, 32);
const v6 = (n: number): Prefix => prefixOf({ family: 6, value: (0x20010db8n << 96n) + (BigInt(n) << 64n) }, 64);

interface Taken {
  readonly withdrawn: string[];
  readonly announced: [string, number | null][];
  readonly buckets: number;
}

/** The pending prefixes of both families. */
const pendingOf = (rib: AdjRibOut): number => rib.family(IPV4_UNICAST).pending + rib.family(IPV6_UNICAST).pending;

/** Empties the RIB, or the first `limit` routes of it, as the packer does. */
function drain(rib: AdjRibOut, limit = Number.POSITIVE_INFINITY, tables?: RouteTables): Taken {
  const taken: Taken & { buckets: number } = { withdrawn: [], announced: [], buckets: 0 };
  const bytes = new Uint8Array(64);
  let left = limit;
  for (const family of [IPV4_UNICAST, IPV6_UNICAST]) {
    const routes = rib.family(family);
    let last: number | null = null;
    for (let bucket = routes.nextBucket; bucket !== null && left > 0; bucket = routes.nextBucket, left--) {
      if (bucket !== last) taken.buckets++;
      last = bucket;
      // Room for exactly one of the prefixes used here.
      const { prefixes, end } = routes.take(bucket, bytes, 0, family.afi === 1 ? 5 : 9);
      expect(prefixes).toBe(1);
      const [prefix] = decodePrefixes(new ByteReader(bytes, 0, end), family.afi === 1 ? 4 : 6, false);
      const text = formatPrefix(prefix as Prefix);
      if (bucket === WITHDRAWALS) taken.withdrawn.push(text);
      else taken.announced.push([text, (tables ?? TABLES).sets.of(bucket).attributes.med]);
    }
  }
  return taken;
}

/** Those of the RIBs of a test; each test leaves in them what it likes. */
const TABLES = new RouteTables();
const newRib = (): AdjRibOut => new AdjRibOut(TABLES);

describe('AdjRibOut', () => {
  it('sends withdrawals first, then one bucket per attribute set', () => {
    const rib = newRib();
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
    const rib = newRib();
    rib.announce(v4(1), PLAIN);
    rib.withdraw(v4(1));
    expect([pendingOf(rib), rib.wanted, drain(rib).buckets]).toEqual([0, 0, 0]);
    rib.announce(v4(1), PLAIN);
    drain(rib);
    rib.announce(v4(1), { ...PLAIN, med: 7 });
    rib.announce(v4(1), PLAIN);
    expect(pendingOf(rib)).toBe(0);
  });

  it('replaces by differences', () => {
    const rib = newRib();
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
    const rib = newRib();
    for (const p of [v4(1), v4(2), v6(1)]) rib.announce(p, PLAIN);
    drain(rib);
    rib.family(IPV4_UNICAST).refresh();
    rib.withdraw(v4(2));
    expect(drain(rib)).toMatchObject({ withdrawn: ['10.0.0.2/32'], announced: [['10.0.0.1/32', null]] });
  });

  it('knows how much of a refresh is still to be told, whatever else changes meanwhile', () => {
    const rib = newRib();
    const routes = rib.family(IPV4_UNICAST);
    for (const n of [1, 2, 3]) rib.announce(v4(n), PLAIN);
    drain(rib);
    routes.refresh();
    routes.refresh(); // twice is once
    rib.announce(v4(4), PLAIN);
    rib.withdraw(v4(1));
    rib.announce(v4(2), { ...PLAIN, med: 1 });
    expect([routes.refreshing, routes.pending]).toEqual([3, 4]);
    drain(rib, 3);
    expect([routes.refreshing, routes.pending]).toEqual([1, 1]);
    rib.reset();
    expect([routes.refreshing, routes.pending]).toEqual([0, 3]);
  });

  it('gives back to the tables what it does not refer to any more, while another peer keeps its own', () => {
    const tables = new RouteTables();
    const [a, b] = [new AdjRibOut(tables), new AdjRibOut(tables)];
    for (const n of [1, 2, 3]) a.announce(v4(n), { ...PLAIN, med: n });
    for (const n of [3, 4]) b.announce(v4(n), { ...PLAIN, med: n });
    drain(a, Number.POSITIVE_INFINITY, tables);
    a.announce(v4(3), { ...PLAIN, med: 9 });
    a.clear();
    expect([tables.prefixes(4).size, tables.sets.size, a.wanted, a.advertised, pendingOf(a)]).toEqual([2, 2, 0, 0, 0]);
    expect(drain(b, Number.POSITIVE_INFINITY, tables).announced).toEqual([
      ['10.0.0.3/32', 3],
      ['10.0.0.4/32', 4],
    ]);
    b.clear();
    expect([tables.prefixes(4).size, tables.sets.size]).toEqual([0, 0]);
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
        const tables = new RouteTables();
        const rib = new AdjRibOut(tables);
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
          } else if (type === 'flush') apply(drain(rib, n, tables));
          else if (type === 'refresh') rib.family(n === 0 ? IPV4_UNICAST : IPV6_UNICAST).refresh();
          else {
            rib.reset();
            peer = new Map();
          }
          expect(rib.advertised).toBe(peer.size);
          expect(new Map([...rib.routes()].map((r) => [formatPrefix(r.prefix), r.attributes.med]))).toEqual(peer);
        }
        apply(drain(rib, Number.POSITIVE_INFINITY, tables));
        expect(peer).toEqual(wanted);
        expect(drain(rib)).toEqual({ withdrawn: [], announced: [], buckets: 0 }); // quiet when nothing changed
        expect(tables.prefixes(4).size + tables.prefixes(6).size).toBe(wanted.size);
        rib.clear();
        expect([tables.prefixes(4).size, tables.prefixes(6).size, tables.sets.size]).toEqual([0, 0, 0]);
      }),
      { numRuns: 400 },
    );
  });
});
