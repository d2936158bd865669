import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BgpAdvertisement } from '../config/advertisement.ts';
import type { Pool } from '../config/pool.ts';
import { parseIpRange } from '../net/ip-range.ts';
import { DEFAULT_LOCAL_PREF, textOf, translate } from './preferences.ts';

const range = parseIpRange('192.0.2.0/24');
const pool = (name: string): Pool => ({
  name,
  labels: {},
  ranges: range.ok ? [range.value] : [],
  autoAssign: true,
  avoidBuggyIPs: false,
  serviceAllocation: null,
});
const POOLS = ['a', 'b', 'c', 'd'].map(pool);

const community = (n: number): number => 64512 * 65536 + n;

/** Advertises the pool of its name unless told otherwise. */
const advertisement = (name: string, spec: Partial<BgpAdvertisement>): BgpAdvertisement => ({
  name,
  ipAddressPools: [name],
  ipAddressPoolSelectors: [],
  nodeSelectors: [],
  serviceSelectors: [],
  peers: [],
  aggregationLength: 32,
  aggregationLengthV6: 128,
  localPref: null,
  med: null,
  asPathPrepend: 0,
  communities: [],
  largeCommunities: [],
  extendedCommunities: [],
  ...spec,
});

const told = (advertisements: readonly BgpAdvertisement[], asn = 64512) => translate(advertisements, POOLS, [], asn);
const rulesOf = (advertisements: readonly BgpAdvertisement[]) =>
  told(advertisements).rules.map((rule) => [textOf(rule.community), rule.localPref]);

describe('the translation of localPref', () => {
  it('tells each advertisement by a community, the highest preference first', () => {
    const a = advertisement('a', { localPref: 100, communities: [community(1)] });
    const b = advertisement('b', { localPref: 200, communities: [community(2)] });
    expect(rulesOf([a, b])).toEqual([
      ['64512:2', 200],
      ['64512:1', 100],
    ]);
  });

  it('prefers a community that no other advertisement carries', () => {
    const a = advertisement('a', { localPref: 200, communities: [community(1), community(2)] });
    const b = advertisement('b', { localPref: 50, communities: [community(1), community(3)] });
    expect(rulesOf([a, b])).toEqual([
      ['64512:2', 200],
      ['64512:3', 50],
    ]);
  });

  it('asks first for what also carries the community of another one', () => {
    const a = advertisement('a', { localPref: 200, communities: [community(1)] });
    const b = advertisement('b', { localPref: 50, communities: [community(1), community(2)] });
    expect(rulesOf([a, b])).toEqual([
      ['64512:2', 50],
      ['64512:1', 200],
    ]);
  });

  it('keeps the default for an advertisement that asks for nothing and carries the community of one that does', () => {
    const a = advertisement('a', { localPref: 200, communities: [community(1)] });
    const b = advertisement('b', { communities: [community(1), community(2)] });
    expect(rulesOf([a, b])).toEqual([
      ['64512:2', DEFAULT_LOCAL_PREF],
      ['64512:1', 200],
    ]);
  });

  it('says which two cannot be told apart', () => {
    const a = advertisement('a', { localPref: 200, communities: [community(1)] });
    const b = advertisement('b', { localPref: 50, communities: [community(1)] });
    expect(told([a, b])).toMatchObject({
      rules: [],
      conflict: { a: { name: 'a' }, b: { name: 'b' }, community: '64512:1' },
    });
    const silent = advertisement('b', { communities: [community(1)] });
    expect(told([a, silent]).conflict).toMatchObject({ a: { name: 'a' }, b: { name: 'b' } });
  });

  it('is ambiguous where one route may be made by both, and the lower one would have to be asked for first', () => {
    const a = advertisement('a', { localPref: 200, communities: [community(1)] });
    const both = { ipAddressPools: ['a', 'b'], localPref: 50, communities: [community(1), community(2)] };
    const b = advertisement('b', both);
    expect(told([a, b]).conflict).toMatchObject({ a: { name: 'a' }, b: { name: 'b' } });
    const other = { ...b, aggregationLength: 24 };
    expect(told([a, other]).conflict).toBeNull();
  });

  it('has no rule for one that makes no route without another that asks for more', () => {
    const a = advertisement('a', { localPref: 200, communities: [community(1)] });
    const b = advertisement('b', { ipAddressPools: ['a'], localPref: 150, communities: [community(1), community(2)] });
    expect(rulesOf([a, b])).toEqual([['64512:1', 200]]);
    expect(told([a, b])).toMatchObject({ conflict: null, shadowed: [{ advertisement: 'b', by: { name: 'a' } }] });
    const untold = { ...b, communities: [] };
    expect(told([a, untold]).untranslated).toEqual([]);
    const selective = { ...a, serviceSelectors: [{ requirements: [] }] as never };
    expect(told([selective, b]).shadowed).toEqual([]);
  });

  it('does not take well-known communities for ones that tell something, and suggests one', () => {
    const backup = advertisement('a', { localPref: 100, communities: [0xffffff02] });
    expect(told([backup])).toMatchObject({
      rules: [],
      untranslated: [{ advertisement: 'a', suggestion: '64512:100' }],
    });
    expect(told([backup], 4200000001).untranslated).toMatchObject([{ suggestion: 'large:4200000001:0:100' }]);
    const taken = advertisement('b', { communities: [community(100)] });
    expect(told([backup, taken]).untranslated).toMatchObject([{ suggestion: 'large:64512:0:100' }]);
  });

  it('gives every route what its advertisement asks for, or says that it cannot', () => {
    const spec = fc.record({
      localPref: fc.option(fc.constantFrom(50, 100, 200, 300)),
      communities: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
      pool: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 5 }), (specs) => {
        const all = specs.map(({ localPref, communities, pool: name }, i) =>
          advertisement(`n${i}`, {
            ipAddressPools: [name],
            localPref,
            communities: communities.sort((x, y) => x - y).map(community),
          }),
        );
        const { rules, conflict, shadowed } = told(all);
        if (conflict !== null) return;
        const given = (carried: readonly string[]): number =>
          rules.find((rule) => carried.includes(textOf(rule.community)))?.localPref ?? DEFAULT_LOCAL_PREF;
        for (const one of all) {
          if (shadowed.some(({ advertisement: name }) => name === one.name)) continue;
          const own = one.communities.map(textOf);
          // Without a community nothing is told, and that is said elsewhere.
          const wanted = own.length === 0 ? DEFAULT_LOCAL_PREF : (one.localPref ?? DEFAULT_LOCAL_PREF);
          expect(given(own)).toBe(wanted);
        }
        // A route that all advertisements of a pool make has what the most demanding of them asks for.
        for (const name of ['a', 'b']) {
          const makers = all.filter((one) => one.ipAddressPools.includes(name) && one.communities.length > 0);
          const highest = Math.max(DEFAULT_LOCAL_PREF, ...makers.map((one) => one.localPref ?? DEFAULT_LOCAL_PREF));
          if (makers.some((one) => (one.localPref ?? DEFAULT_LOCAL_PREF) === highest))
            expect(given(makers.flatMap((one) => one.communities.map(textOf)))).toBe(highest);
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});
