import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPrefix, type Prefix, parsePrefix, prefixContains, prefixOf } from '../../net/prefix.ts';
import { DIALECTS } from './dialect.ts';
import { coverage, excesses, judge } from './policy.ts';

const frr = DIALECTS[0];
if (frr === undefined) throw new Error('FRR comes first');
const prefix = (text: string): Prefix => {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

const LISTS = frr.parse(`
ip prefix-list exact permit 10.0.0.0/24 ge 32
ip prefix-list wide permit 10.0.0.0/16 le 32
ip prefix-list hole seq 5 deny 10.0.0.128/25 le 32
ip prefix-list hole seq 10 permit 10.0.0.0/24 le 32
bgp community-list standard primary permit 64512:1
bgp community-list standard both permit 64512:1 64512:2
bgp community-list expanded pattern permit _64512:[12]_
bgp community-list expanded plain permit _64512:2_
route-map prefer permit 10
 match ip address prefix-list exact
 match community primary
 set local-preference 200
route-map prefer permit 20
 match ip address prefix-list exact
route-map odd permit 10
 match as-path something
route-map unlisted permit 10
 match ip address prefix-list missing
route-map v6only permit 10
 match ipv6 address prefix-list exact
route-map expressions permit 10
 match community plain
 set local-preference 50
route-map expressions permit 20
 match community pattern
`);

const verdict = (
  routeMap: string | null,
  block: string,
  length: number,
  communities: readonly string[] = [],
  undefinedPermits = false,
) =>
  judge(
    { family: 4, routeMap, prefixList: null },
    { prefix: prefix(block), length, communities },
    LISTS,
    undefinedPermits,
  );

describe('coverage of a block by a prefix list', () => {
  it.each([
    ['exact', '10.0.0.0/24', 32, 'all'],
    ['exact', '10.0.0.0/24', 27, 'none'],
    ['exact', '10.0.0.0/23', 32, 'some'],
    ['exact', '10.0.1.0/24', 32, 'none'],
    ['wide', '10.0.7.0/24', 27, 'all'],
    ['hole', '10.0.0.0/24', 32, 'some'],
    ['hole', '10.0.0.0/25', 32, 'all'],
    ['hole', '10.0.0.128/26', 32, 'none'],
  ])('%s: %s as /%i is %s', (list, block, length, expected) => {
    expect(coverage(LISTS.prefixLists.get(list) ?? [], prefix(block), length)).toBe(expected);
  });

  it('is what asking for each prefix says', () => {
    const entry = fc.record({
      permit: fc.boolean(),
      address: fc.integer({ min: 0, max: 255 }),
      length: fc.integer({ min: 24, max: 32 }),
      bounds: fc.tuple(fc.integer({ min: 24, max: 32 }), fc.integer({ min: 24, max: 32 })),
    });
    const block = fc.record({ address: fc.integer({ min: 0, max: 255 }), length: fc.integer({ min: 24, max: 32 }) });
    const within = (address: number, length: number) => prefixOf({ family: 4, value: BigInt(address) }, length);
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), block, fc.integer({ min: 24, max: 32 }), (drafts, at, length) => {
        const entries = drafts.map((draft) => ({
          permit: draft.permit,
          prefix: within(draft.address, draft.length),
          shortest: Math.max(draft.length, Math.min(...draft.bounds)),
          longest: Math.max(draft.length, ...draft.bounds),
        }));
        const outer = within(at.address, Math.min(at.length, length));
        const answers = new Set<boolean>();
        for (let value = outer.address.value; ; value += 1n << BigInt(32 - length)) {
          const one = prefixOf({ family: 4, value }, length);
          if (!prefixContains(outer, one.address)) break;
          const first = entries.find(
            (candidate) =>
              length >= candidate.shortest &&
              length <= candidate.longest &&
              prefixContains(candidate.prefix, one.address),
          );
          answers.add(first?.permit ?? false);
        }
        const expected = answers.size === 2 ? 'some' : answers.has(true) ? 'all' : 'none';
        expect(coverage(entries, outer, length), `${formatPrefix(outer)} as /${length}`).toBe(expected);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});

describe('the verdict of a policy', () => {
  it('is the first entry that matches', () => {
    expect(verdict('prefer', '10.0.0.0/24', 32, ['64512:1'])).toMatchObject({ type: 'accepted', localPref: 200 });
    expect(verdict('prefer', '10.0.0.0/24', 32, ['64512:9'])).toMatchObject({ type: 'accepted', localPref: null });
    expect(verdict('prefer', '10.0.1.0/24', 32)).toEqual({ type: 'rejected' });
    expect(verdict('prefer', '10.0.0.0/23', 32)).toEqual({ type: 'partly' });
    expect(verdict(null, '10.0.1.0/24', 32)).toMatchObject({ type: 'accepted' });
  });

  it('is unknown where a condition is not read', () => {
    expect(verdict('odd', '10.0.0.0/24', 32)).toEqual({ type: 'unknown' });
    expect(verdict('expressions', '10.0.0.0/24', 32, ['64512:2'])).toMatchObject({ localPref: 50 });
    expect(verdict('expressions', '10.0.0.0/24', 32, ['64512:1'])).toEqual({ type: 'unknown' });
  });

  it('follows the software where a list or a map does not exist', () => {
    expect(verdict('unlisted', '10.0.0.0/24', 32)).toEqual({ type: 'rejected' });
    expect(verdict('unlisted', '10.0.0.0/24', 32, [], true)).toMatchObject({ type: 'accepted' });
    expect(verdict('nowhere', '10.0.0.0/24', 32)).toEqual({ type: 'rejected' });
    expect(verdict('nowhere', '10.0.0.0/24', 32, [], true)).toMatchObject({ type: 'accepted' });
  });

  it('lets an entry for the other family match nothing', () => {
    expect(verdict('v6only', '10.0.0.0/24', 32)).toEqual({ type: 'rejected' });
  });
});

describe('what a policy lets in beyond the pools', () => {
  const needed = [{ prefix: prefix('10.0.0.0/24'), length: 32 }];
  const kinds = (prefixList: string) =>
    excesses({ family: 4, routeMap: null, prefixList }, needed, LISTS).map(({ kind }) => kind);

  it('is told by addresses and by lengths', () => {
    expect(kinds('exact')).toEqual([]);
    expect(kinds('wide')).toEqual(['addresses']);
    expect(kinds('hole')).toEqual(['lengths']);
    expect(excesses({ family: 4, routeMap: 'expressions', prefixList: null }, needed, LISTS)).toMatchObject([
      { list: null, kind: 'addresses' },
      { list: null, kind: 'addresses' },
    ]);
  });
});
