import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ip } from '../net/ip.ts';
import { formatPrefix, type Prefix, prefixOf } from '../net/prefix.ts';
import { hex, toHex } from '../wire/hex.ts';
import { AdjRibOut } from './adj-rib-out.ts';
import { formatAsPath } from './packet/attribute-as-path.ts';
import type { PathAttribute } from './packet/attribute-registry.ts';
import { type Family, IPV4_UNICAST, IPV6_UNICAST } from './packet/constants.ts';
import { decodeMessage } from './packet/message.ts';
import { attributeOf, type Update } from './packet/update.ts';
import { announcedBy, endOfRibOf, withdrawnBy } from './packet/update-routes.ts';
import { fitsIntoUpdate, type PackingContext } from './path-attributes.ts';
import type { RouteAttributes } from './route.ts';
import { RouteTables } from './route-tables.ts';
import { UpdatePacker, writeEndOfRib } from './update-packer.ts';

const PLAIN: RouteAttributes = { localPref: null, med: null, asPathPrepend: 0, communities: [], largeCommunities: [] };
const EXTERNAL: PackingContext = {
  fourOctetAs: true,
  internal: false,
  families: [IPV4_UNICAST, IPV6_UNICAST],
  localAsn: 64512,
};
const INTERNAL: PackingContext = { ...EXTERNAL, internal: true };
const NEXT_HOP_4: Ip = { family: 4, value: 0x0a000001n };
const NEXT_HOP_6: Ip = { family: 6, value: (0x20010db8n << 96n) + 1n };
const v4 = (n: number, length = 32): Prefix => prefixOf({ family: 4, value: 0x0a000000n + BigInt(n) }, length);
const v6 = (n: number): Prefix => prefixOf({ family: 6, value: (0x20010db8n << 96n) + BigInt(n) }, 128);

/** All UPDATEs of what is pending. */
function pack(rib: AdjRibOut, context: PackingContext, family: Family = IPV4_UNICAST, nextHop?: Ip): Uint8Array[] {
  const packer = new UpdatePacker(
    TABLES,
    context,
    family,
    nextHop ?? (family === IPV4_UNICAST ? NEXT_HOP_4 : NEXT_HOP_6),
  );
  const messages: Uint8Array[] = [];
  const into = new Uint8Array(4_200);
  for (let u = packer.next(rib, into, 7); u !== null; u = packer.next(rib, into, 7))
    messages.push(into.slice(7, 7 + u.octets));
  return messages;
}

/** Those of the RIBs of a test. */
const TABLES = new RouteTables();
const newRib = (): AdjRibOut => new AdjRibOut(TABLES);

function one(wish: RouteAttributes, context: PackingContext, prefix = v4(1)): Update {
  const rib = newRib();
  rib.announce(prefix, wish);
  const family = prefix.address.family === 4 ? IPV4_UNICAST : IPV6_UNICAST;
  const [message] = pack(rib, context, family);
  return decode(message as Uint8Array, context);
}

function decode(bytes: Uint8Array, context: PackingContext): Update {
  const message = decodeMessage(bytes, context);
  if (message.type !== 'UPDATE') throw new Error(message.type);
  expect(message.errors).toEqual([]);
  return message.update;
}

const types = (update: Update): string[] => update.attributes.map((a: PathAttribute) => a.type);

describe('packing', () => {
  it('puts 100,000 /32 with one attribute set into exactly 124 UPDATEs', () => {
    const rib = newRib();
    for (let n = 0; n < 100_000; n++) rib.announce(v4(n), PLAIN);
    const messages = pack(rib, EXTERNAL);
    expect(messages).toHaveLength(124);
    expect(messages.every((m) => m.length <= 4096)).toBe(true);
    expect(messages.reduce((sum, m) => sum + decode(m, EXTERNAL).nlri.length, 0)).toBe(100_000);
  });

  it('fills UPDATEs of IPv6 and of withdrawals', () => {
    const rib = newRib();
    for (let n = 0; n < 1_000; n++) rib.announce(v6(n), PLAIN);
    // 4096 - 23 - MP_REACH_NLRI's 25 - ORIGIN's 4 - AS_PATH's 9 octets hold 237 of 17
    expect(pack(rib, EXTERNAL, IPV6_UNICAST)).toHaveLength(Math.ceil(1_000 / 237));
    for (let n = 0; n < 1_000; n++) rib.withdraw(v6(n));
    const withdrawals = pack(rib, EXTERNAL, IPV6_UNICAST).map((m) => decode(m, EXTERNAL));
    expect(withdrawals.flatMap(withdrawnBy).flatMap((r) => r.prefixes)).toHaveLength(1_000);
    expect(withdrawals).toHaveLength(Math.ceil(1_000 / 239));
  });

  it('puts only one kind of NLRI into an UPDATE, and no message beyond 4096 octets, whatever is pending', () => {
    const change = fc.tuple(fc.nat(2_000), fc.integer({ min: 0, max: 3 }), fc.nat(3));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3_000, minLength: 500 }), fc.boolean(), (changes, internal) => {
        const context = internal ? INTERNAL : EXTERNAL;
        const rib = newRib();
        const run = (withdraw: boolean): void => {
          for (const [n, med, modulus] of changes) {
            const prefix = n % 2 === 0 ? v4(n, 24 + (n % 9)) : v6(n);
            if (withdraw && n % (modulus + 1) === 0) rib.withdraw(prefix);
            else rib.announce(prefix, { ...PLAIN, med });
          }
        };
        const table = new Set<string>();
        for (const withdraw of [false, true]) {
          run(withdraw);
          for (const family of [IPV4_UNICAST, IPV6_UNICAST]) {
            for (const message of pack(rib, context, family)) {
              expect(message.length).toBeLessThanOrEqual(4096);
              const update = decode(message, context);
              const lost = withdrawnBy(update).flatMap((r) => r.prefixes.map(formatPrefix));
              const won = announcedBy(update).flatMap((r) => r.prefixes.map(formatPrefix));
              expect([withdrawnBy(update), announcedBy(update)].flat()).toHaveLength(1);
              for (const p of lost) expect(table.delete(p)).toBe(true);
              for (const p of won) table.add(p);
            }
          }
        }
        expect(table.size).toBe(rib.wanted);
      }),
      { numRuns: 15 },
    );
  });

  it('writes the End-of-RIB markers', () => {
    const endOfRib = (family: Family): Uint8Array => {
      const into = new Uint8Array(64);
      return into.slice(5, 5 + writeEndOfRib(family, into, 5));
    };
    expect(toHex(endOfRib(IPV4_UNICAST))).toBe(`${'ff'.repeat(16)}00170200000000`);
    expect(toHex(endOfRib(IPV6_UNICAST))).toBe(`${'ff'.repeat(16)}001d0200000006800f03000201`);
    expect(endOfRibOf(decode(endOfRib(IPV6_UNICAST), EXTERNAL))).toEqual(IPV6_UNICAST);
  });

  it('encodes an attribute set once for all sessions of one context, and never mistakes one set for another', () => {
    const tables = new RouteTables();
    const attributes = tables.encoded(EXTERNAL, NEXT_HOP_4);
    expect(tables.encoded({ ...EXTERNAL, families: [IPV4_UNICAST] }, { ...NEXT_HOP_4 })).toBe(attributes);
    for (const [context, nextHop] of [
      [INTERNAL, NEXT_HOP_4],
      [EXTERNAL, null],
      [EXTERNAL, { family: 4, value: 0x0a000002n }],
      [{ ...EXTERNAL, localAsn: 64513 }, NEXT_HOP_4],
    ] as const)
      expect(tables.encoded(context, nextHop)).not.toBe(attributes);
    const first = tables.sets.take({ ...PLAIN, med: 1 });
    const bytes = attributes.of(tables.sets.of(first));
    expect(attributes.of(tables.sets.of(first))).toBe(bytes);
    tables.sets.release(first);
    const second = tables.sets.take({ ...PLAIN, med: 2 }); // the same number
    expect([second, toHex(attributes.of(tables.sets.of(second))).slice(-8)]).toEqual([first, '00000002']);
  });
});

describe('path attributes', () => {
  const full: RouteAttributes = {
    localPref: 200,
    med: 50,
    asPathPrepend: 2,
    communities: [0xfc000064],
    largeCommunities: [{ globalAdministrator: 1, localData1: 2, localData2: 3 }],
  };

  it('of an external session: our AS once and as often as asked, no LOCAL_PREF', () => {
    const update = one(full, EXTERNAL);
    expect(types(update)).toEqual([
      'ORIGIN',
      'AS_PATH',
      'NEXT_HOP',
      'MULTI_EXIT_DISC',
      'COMMUNITIES',
      'LARGE_COMMUNITY',
    ]);
    expect(formatAsPath(attributeOf(update, 'AS_PATH') ?? [])).toBe('64512 64512 64512');
  });

  it('of an internal session: an empty AS_PATH that is there, LOCAL_PREF always', () => {
    const update = one(full, INTERNAL);
    expect([attributeOf(update, 'AS_PATH'), attributeOf(update, 'LOCAL_PREF')]).toEqual([[], 200]);
    expect(attributeOf(one(PLAIN, INTERNAL), 'LOCAL_PREF')).toBe(100);
    expect(attributeOf(one({ ...PLAIN, localPref: 0 }, INTERNAL), 'LOCAL_PREF')).toBe(0);
  });

  it('of IPv6: MP_REACH_NLRI in front, no NEXT_HOP', () => {
    const update = one(full, EXTERNAL, v6(1));
    expect(types(update)).toEqual([
      'MP_REACH_NLRI',
      'ORIGIN',
      'AS_PATH',
      'MULTI_EXIT_DISC',
      'COMMUNITIES',
      'LARGE_COMMUNITY',
    ]);
    expect(announcedBy(update)[0]?.nextHop).toEqual(NEXT_HOP_6);
  });

  it('with extended communities: in their place by type, eight octets each', () => {
    const target = 0x0002fc0000000064n; // rt:64512:100
    const update = one({ ...full, extendedCommunities: [target] }, EXTERNAL);
    expect(types(update).slice(-3)).toEqual(['COMMUNITIES', 'EXTENDED_COMMUNITIES', 'LARGE_COMMUNITY']);
    expect(attributeOf(update, 'EXTENDED_COMMUNITIES')).toEqual([target]);
    const rib = newRib();
    rib.announce(v4(1), { ...PLAIN, extendedCommunities: [target] });
    //                                              flags type length RT, AS, number
    expect(toHex(pack(rib, EXTERNAL)[0] as Uint8Array)).toContain('c01008' + '0002fc0000000064');
    expect(fitsIntoUpdate({ ...PLAIN, extendedCommunities: new Array<bigint>(600).fill(target) })).toBe(false);
  });

  it('towards an old speaker: AS_TRANS and AS4_PATH where the number is large, neither where it is not', () => {
    const old = { ...EXTERNAL, fourOctetAs: false };
    const large = one({ ...full, asPathPrepend: 1 }, { ...old, localAsn: 4_200_000_000 });
    expect(types(large).slice(-2)).toEqual(['AS4_PATH', 'LARGE_COMMUNITY']);
    expect(formatAsPath(attributeOf(large, 'AS_PATH') ?? [])).toBe('23456 23456');
    expect(formatAsPath(attributeOf(large, 'AS4_PATH') ?? [])).toBe('4200000000 4200000000');
    expect(types(one(PLAIN, old))).toEqual(['ORIGIN', 'AS_PATH', 'NEXT_HOP']);
    expect(types(one(PLAIN, { ...old, internal: true, localAsn: 4_200_000_000 }))).not.toContain('AS4_PATH');
  });

  it('use the extended length only beyond 255 octets', () => {
    const communities = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
    const wire = (count: number): string => {
      const rib = newRib();
      rib.announce(v4(1), { ...PLAIN, communities: communities(count) });
      return toHex(pack(rib, EXTERNAL)[0] as Uint8Array);
    };
    expect(wire(63)).toContain(toHex(hex('c0 08 fc 00000001')));
    expect(wire(64)).toContain(toHex(hex('d0 08 0100 00000001')));
  });

  it('that fit are sent with any prefix; the others are known beforehand', () => {
    const wish = (count: number): RouteAttributes => ({
      ...full,
      asPathPrepend: 254,
      communities: Array.from({ length: count }, (_, i) => i + 1),
    });
    let most = 0;
    while (fitsIntoUpdate(wish(most + 1))) most++;
    expect(most).toBeGreaterThan(400);
    const old = { ...EXTERNAL, fourOctetAs: false, localAsn: 4_200_000_000 };
    for (const prefix of [v4(1), v6(1)]) expect(announcedBy(one(wish(most), old, prefix))).toHaveLength(1);
  });
});
