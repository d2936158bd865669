import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIp, type Ip } from '../../net/ip.ts';
import { formatPrefix, type Prefix, prefixOf } from '../../net/prefix.ts';
import { hex, toHex } from '../../wire/hex.ts';
import { ByteReader } from '../../wire/reader.ts';
import { ByteWriter } from '../../wire/writer.ts';
import type { UpdateContext } from './attribute.ts';
import { asPathLength, formatAsPath, mergeAs4Path } from './attribute-as-path.ts';
import type { PathAttribute } from './attribute-registry.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from './constants.ts';
import { decodeMessage } from './message.ts';
import { ProtocolError } from './notification.ts';
import { attributeOf, type DecodedUpdate, decodeUpdate, encodeUpdate, known, type Update } from './update.ts';
import { actOn, announcedBy, endOfRibOf, withdrawnBy } from './update-routes.ts';

const EXTERNAL: UpdateContext = { fourOctetAs: true, internal: false, families: [IPV4_UNICAST, IPV6_UNICAST] };
const INTERNAL: UpdateContext = { ...EXTERNAL, internal: true };

const decode = (wire: string, context = EXTERNAL): DecodedUpdate => decodeUpdate(new ByteReader(hex(wire)), context);

/** An UPDATE with these attributes and the NLRI 10.77.1.0/24. */
function withAttributes(attributes: string, nlri = '18 0a4d01'): string {
  const length = hex(attributes).length.toString(16).padStart(4, '0');
  return `0000 ${length} ${attributes} ${nlri}`;
}

//              flags type len value
const ORIGIN = '40 01 01 00';
const AS_PATH = '40 02 06 02 01 0000fe4c';
const NEXT_HOP = '40 03 04 0a0965fb';
const GOOD = `${ORIGIN} ${AS_PATH} ${NEXT_HOP}`;

describe('decodeUpdate', () => {
  it('reads every field', () => {
    const wire = `0004 18 c0a80b ${withAttributes(
      `${GOOD} 80 04 04 00000032 c0 08 04 fde80064 c0 20 0c 0000fde9 00000001 00000002 c0 63 02 beef`,
      '18 c0a80a 00 20 c0a80a05',
    ).slice(5)}`;
    const { update, errors } = decode(wire);
    expect(errors).toEqual([]);
    expect(update.withdrawn.map(formatPrefix)).toEqual(['192.168.11.0/24']);
    expect(update.nlri.map(formatPrefix)).toEqual(['192.168.10.0/24', '0.0.0.0/0', '192.168.10.5/32']);
    expect(update.attributes.slice(3)).toEqual([
      { type: 'MULTI_EXIT_DISC', flags: 0x80, value: 50 },
      { type: 'COMMUNITIES', flags: 0xc0, value: [0xfde80064] },
      {
        type: 'LARGE_COMMUNITY',
        flags: 0xc0,
        value: [{ globalAdministrator: 65001, localData1: 1, localData2: 2 }],
      },
      { type: 'unknown', code: 99, flags: 0xc0, value: hex('beef') },
    ]);
    expect(announcedBy(update)).toMatchObject([{ family: IPV4_UNICAST, nextHop: { value: 0x0a0965fbn } }]);
  });

  it('reads IPv6 with one next hop or two, and ignores host bits and the reserved octet', () => {
    const head = `${ORIGIN} ${AS_PATH}`;
    const global = '20010db8000000000000000000000001';
    const one = decode(withAttributes(`${head} 80 0e 1b 0002 01 10 ${global} 07 21 20010db8 ff`, '')).update;
    expect(attributeOf(one, 'MP_REACH_NLRI')?.prefixes?.map(formatPrefix)).toEqual(['2001:db8:8000::/33']);
    const link = 'fe800000000000000000000000000001';
    const two = decode(withAttributes(`${head} 80 0e 2a 0002 01 20 ${global} ${link} 00 20 20010db8`, '')).update;
    const reach = announcedBy(two)[0];
    expect(reach?.nextHop && formatIp(reach.nextHop)).toBe('2001:db8::1');
    expect(attributeOf(two, 'MP_REACH_NLRI')).toMatchObject({ linkLocal: { family: 6 } });
  });

  it('passes over families that were not negotiated, whatever is in them', () => {
    const vpn = decode(withAttributes(`${GOOD} 80 0e 06 0001 80 ff ff ff`));
    expect(vpn.errors).toEqual([]);
    expect(announcedBy(vpn.update)).toHaveLength(1);
    const v4only = { ...EXTERNAL, families: [IPV4_UNICAST] };
    expect(
      attributeOf(decode(withAttributes(`${GOOD} 80 0f 04 0002 01 81`), v4only).update, 'MP_UNREACH_NLRI'),
    ).toEqual({
      family: IPV6_UNICAST,
      opaque: hex('81'),
    });
  });

  it('knows the End-of-RIB markers', () => {
    expect(endOfRibOf(decode('0000 0000').update)).toEqual(IPV4_UNICAST);
    expect(endOfRibOf(decode(withAttributes('80 0f 03 0002 01', '')).update)).toEqual(IPV6_UNICAST);
    expect(endOfRibOf(decode(withAttributes(GOOD)).update)).toBeNull();
  });

  it.each([
    ['withdrawn routes that overrun', '0009 18 0a4d01', 1],
    ['attributes that overrun', '0000 0050 40 01 01 00', 1],
    ['a withdrawn prefix of 33 bits', '0006 21 0a4d010000 0000', 10],
    ['a withdrawn prefix that is cut', '0002 18 0a 0000', 10],
    ['NLRI of 33 bits', withAttributes(GOOD, '21 0a4d010000'), 10],
    ['NLRI that is cut', withAttributes(GOOD, '18 0a'), 10],
    ['a well-known attribute that nobody knows', withAttributes(`${GOOD} 40 c8 01 00`), 2],
    ['MP_REACH_NLRI twice', withAttributes(`${GOOD} ${'80 0e 05 0001 80 00 00'.repeat(2)}`), 1],
    ['an IPv6 prefix of 129 bits', withAttributes(`${GOOD} 80 0f 04 0002 01 81`), 9],
    ['a next hop of 5 octets', withAttributes(`${GOOD} 80 0e 0a 0002 01 05 0000000000 00`), 9],
    ['an attribute error without NLRI (RFC 7606 section 5.2)', withAttributes('40 01 01 03', ''), 6],
  ])('answers %s with 3/x', (_, wire, subcode) => {
    let error: unknown;
    try {
      decode(wire);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as ProtocolError).notification).toMatchObject({ code: 3, subcode });
  });

  it.each([
    ['ORIGIN 3', `40 01 01 03 ${AS_PATH} ${NEXT_HOP}`, 6],
    ['ORIGIN of no octets', `40 01 00 ${AS_PATH} ${NEXT_HOP}`, 5],
    ['ORIGIN that is optional', `c0 01 01 00 ${AS_PATH} ${NEXT_HOP}`, 4],
    ['AS_PATH that is partial', `${ORIGIN} 60 02 06 02 01 0000fe4c ${NEXT_HOP}`, 4],
    ['a segment of type 5', `${ORIGIN} 40 02 06 05 01 0000fe4c ${NEXT_HOP}`, 11],
    ['an empty segment', `${ORIGIN} 40 02 02 02 00 ${NEXT_HOP}`, 11],
    ['a segment that overruns', `${ORIGIN} 40 02 06 02 02 0000fe4c ${NEXT_HOP}`, 11],
    ['AS 0', `${ORIGIN} 40 02 06 02 01 00000000 ${NEXT_HOP}`, 11],
    ['NEXT_HOP 0.0.0.0', `${ORIGIN} ${AS_PATH} 40 03 04 00000000`, 8],
    ['NEXT_HOP 127.0.0.1', `${ORIGIN} ${AS_PATH} 40 03 04 7f000001`, 8],
    ['NEXT_HOP 224.0.0.1', `${ORIGIN} ${AS_PATH} 40 03 04 e0000001`, 8],
    ['NEXT_HOP of 5 octets', `${ORIGIN} ${AS_PATH} 40 03 05 0a00000200`, 5],
    ['MED of 3 octets', `${GOOD} 80 04 03 000000`, 5],
    ['COMMUNITIES of 5 octets', `${GOOD} c0 08 05 0000000000`, 5],
    ['LARGE_COMMUNITY of no octets', `${GOOD} c0 20 00`, 5],
    ['no AS_PATH', `${ORIGIN} ${NEXT_HOP}`, 3],
    ['no NEXT_HOP', `${ORIGIN} ${AS_PATH}`, 3],
    ['an attribute that overruns', `${GOOD} c0 08 c8 0000`, 1],
    ['half a header of an attribute', `${GOOD} 40`, 1],
  ])('treats %s as a withdrawal', (_, attributes, subcode) => {
    const decoded = decode(withAttributes(attributes));
    expect(decoded.errors).toMatchObject([{ action: 'treat-as-withdraw', subcode }]);
    const update = actOn(decoded);
    expect(announcedBy(update)).toEqual([]);
    expect(withdrawnBy(update).flatMap((r) => r.prefixes.map(formatPrefix))).toEqual(['10.77.1.0/24']);
  });

  it('withdraws IPv6 routes the same way', () => {
    const nh = '20010db8000000000000000000000001';
    const decoded = decode(withAttributes(`40 01 01 03 ${AS_PATH} 80 0e 1a 0002 01 10 ${nh} 00 20 20010db8`, ''));
    expect(withdrawnBy(actOn(decoded))).toMatchObject([{ family: IPV6_UNICAST, prefixes: [{ length: 32 }] }]);
  });

  it.each([
    ['LOCAL_PREF of an external peer', `${GOOD} 40 05 04 00000064`],
    ['ORIGINATOR_ID of an external peer, of any length', `${GOOD} 80 09 03 000000`],
    ['ATOMIC_AGGREGATE with a value', `${GOOD} 40 06 01 00`],
    ['AGGREGATOR of 5 octets', `${GOOD} c0 07 05 0000fde90a`],
    ['AS4_PATH of a peer that has no need of it', `${GOOD} c0 11 06 02 01 0000fe4c`],
    ['an attribute that occurs twice', `${GOOD} 40 01 01 02`],
  ])('discards %s', (_, attributes) => {
    const { update, errors } = decode(withAttributes(attributes));
    expect(errors).toMatchObject([{ action: 'attribute-discard' }]);
    expect(update.attributes.map((a) => a.type)).toEqual(['ORIGIN', 'AS_PATH', 'NEXT_HOP']);
    expect(attributeOf(update, 'ORIGIN')).toBe('igp');
  });

  it('ignores the NEXT_HOP beside MP_REACH_NLRI (RFC 4760 section 3)', () => {
    const nh = '20010db8000000000000000000000001';
    const mp = `80 0e 1a 0002 01 10 ${nh} 00 20 20010db8`;
    const decoded = decode(withAttributes(`${ORIGIN} ${AS_PATH} 40 03 04 00000000 ${mp}`, ''));
    expect(announcedBy(actOn(decoded))).toHaveLength(1);
  });

  it('takes extended lengths on short attributes and any order', () => {
    const { update, errors } = decode(withAttributes(`${NEXT_HOP} ${AS_PATH} 5f 01 0001 00`));
    expect(errors).toEqual([]);
    expect(update.attributes.map((a) => a.type)).toEqual(['NEXT_HOP', 'AS_PATH', 'ORIGIN']);
  });
});

describe('AS paths of old speakers', () => {
  const sequence = (...asns: number[]) => ({ type: 'AS_SEQUENCE' as const, asns });
  it.each([
    [[sequence(1, 23456, 23456)], [sequence(70000, 80000)], '1 70000 80000'],
    [[sequence(23456)], [sequence(70000, 80000)], '23456'], // AS4_PATH longer: ignored
    [[sequence(1, 2), { type: 'AS_SET' as const, asns: [3, 4] }], [], '1 2 {3,4}'],
    [[sequence(1, 23456)], [sequence(1, 70000)], '1 70000'],
  ])('are completed by AS4_PATH (RFC 6793 section 4.2.3): %#', (path, as4, text) => {
    const merged = mergeAs4Path(path, as4);
    expect(formatAsPath(merged)).toBe(text);
    expect(asPathLength(merged)).toBe(asPathLength(path));
  });

  it('are what they are where an old speaker has aggregated since, and lose confederations in AS4_PATH', () => {
    const [path, as4] = [[sequence(1, 23456)], [sequence(70000)]];
    expect(formatAsPath(mergeAs4Path(path, as4, 1))).toBe('1 23456');
    expect(formatAsPath(mergeAs4Path(path, as4, 23456))).toBe('1 70000');
    const confederation = { type: 'AS_CONFED_SEQUENCE' as const, asns: [65010] };
    expect(formatAsPath(mergeAs4Path(path, [confederation, ...as4]))).toBe('1 70000');
  });
});

const v4: fc.Arbitrary<Ip> = fc
  .integer({ min: 0x0a000000, max: 0x0affffff })
  .map((n) => ({ family: 4, value: BigInt(n) }));
const v6: fc.Arbitrary<Ip> = fc
  .bigInt({ min: 1n << 125n, max: (1n << 126n) - 1n })
  .map((value) => ({ family: 6, value }));
const prefixes = (address: fc.Arbitrary<Ip>, bits: number): fc.Arbitrary<Prefix[]> =>
  fc.array(
    fc.tuple(address, fc.nat(bits)).map(([ip, length]) => prefixOf(ip, length)),
    { minLength: 1, maxLength: 12 },
  );
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const asn = fc.integer({ min: 1, max: 0xffff_ffff });
const path = fc.array(
  fc.record({
    type: fc.constantFrom('AS_SEQUENCE' as const, 'AS_SET' as const),
    asns: fc.array(asn, { minLength: 1, maxLength: 100 }),
  }),
  { maxLength: 3 },
);
const large = fc.record({ globalAdministrator: u32, localData1: u32, localData2: u32 });
const attribute: fc.Arbitrary<PathAttribute> = fc.oneof(
  u32.map((n) => known('MULTI_EXIT_DISC', n)),
  u32.map((n) => known('LOCAL_PREF', n)),
  fc.array(u32, { minLength: 1, maxLength: 100 }).map((list) => known('COMMUNITIES', list)),
  fc.array(large, { minLength: 1, maxLength: 30 }).map((list) => known('LARGE_COMMUNITY', list)),
  fc
    .array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { minLength: 1 })
    .map((list) => known('EXTENDED_COMMUNITIES', list)),
  fc.record({ asn, address: v4 }).map((value) => known('AGGREGATOR', value)),
  fc.constant(known('ATOMIC_AGGREGATE', null)),
  u32.map((n) => known('ORIGINATOR_ID', n)),
  fc.array(u32, { minLength: 1 }).map((list) => known('CLUSTER_LIST', list)),
  fc.record({ family: fc.constant(IPV6_UNICAST), prefixes: prefixes(v6, 128) }).map((v) => known('MP_UNREACH_NLRI', v)),
  fc
    .record({
      family: fc.constant(IPV6_UNICAST),
      nextHop: v6,
      linkLocal: fc.constant(null),
      prefixes: prefixes(v6, 128),
    })
    .map((v) => known('MP_REACH_NLRI', v)),
  fc.record({
    type: fc.constant('unknown' as const),
    code: fc.integer({ min: 100, max: 200 }),
    flags: fc.constant(0xc0),
    value: fc.uint8Array({ maxLength: 300 }),
  }),
);
const updates: fc.Arbitrary<Update> = fc
  .record({
    withdrawn: prefixes(v4, 32),
    nlri: prefixes(v4, 32),
    path,
    nextHop: v4,
    more: fc.uniqueArray(attribute, { selector: (a) => (a.type === 'unknown' ? a.code : a.type), maxLength: 6 }),
  })
  .map(({ path: p, nextHop, more, ...rest }) => ({
    ...rest,
    attributes: [known('ORIGIN', 'igp'), known('AS_PATH', p), known('NEXT_HOP', nextHop), ...more],
  }));

describe('properties', () => {
  const encode = (update: Update, context: UpdateContext): Uint8Array => {
    const w = new ByteWriter(20_000);
    encodeUpdate(w, update, context);
    return w.toBytes();
  };

  it('what is encoded is decoded', () => {
    fc.assert(
      fc.property(updates, (update) => {
        expect(decodeUpdate(new ByteReader(encode(update, INTERNAL)), INTERNAL)).toEqual({ update, errors: [] });
      }),
      { numRuns: 300 },
    );
  });

  it('a truncation is a ProtocolError or another UPDATE, never anything else; and no reader leaves its message', () => {
    fc.assert(
      fc.property(updates, fc.boolean(), (update, fourOctetAs) => {
        const wire = encode(update, INTERNAL);
        for (let length = 0; length < Math.min(wire.length, 400); length++) {
          // What lies behind the message is poison: reading it would give other values.
          const padded = new Uint8Array(length + 64).fill(0xee);
          padded.set(wire.subarray(0, length));
          const outcome = (r: ByteReader): unknown => {
            try {
              return decodeUpdate(r, { ...INTERNAL, fourOctetAs });
            } catch (error) {
              expect(error).toBeInstanceOf(ProtocolError);
              return (error as ProtocolError).message;
            }
          };
          expect(outcome(new ByteReader(padded, 0, length))).toEqual(outcome(new ByteReader(wire.subarray(0, length))));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('no octets whatever raise anything but ProtocolError', () => {
    const body = fc.tuple(fc.constantFrom(1, 2, 3, 4, 5), fc.uint8Array({ maxLength: 120 }));
    const flips = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 });
    const judge = (bytes: Uint8Array, context: UpdateContext): void => {
      try {
        decodeMessage(bytes, context);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    };
    const framed = (type: number, octets: Uint8Array): Uint8Array => {
      const length = 19 + octets.length;
      return new Uint8Array([...new Array<number>(16).fill(255), length >> 8, length & 255, type, ...octets]);
    };
    fc.assert(
      fc.property(body, fc.boolean(), fc.boolean(), ([type, octets], fourOctetAs, internal) => {
        judge(framed(type, octets), { ...EXTERNAL, fourOctetAs, internal });
      }),
      { numRuns: 3_000 },
    );
    fc.assert(
      fc.property(updates, flips, (update, changes) => {
        const octets = encode(update, INTERNAL);
        for (const [at, value] of changes) octets[at % octets.length] = value;
        judge(framed(2, octets.subarray(0, 4_000)), INTERNAL);
      }),
      { numRuns: 2_000 },
    );
  });

  it('hex of the simplest UPDATE is what the RFC draws', () => {
    const update: Update = {
      withdrawn: [],
      attributes: [known('ORIGIN', 'igp'), known('AS_PATH', [{ type: 'AS_SEQUENCE', asns: [65100] }])],
      nlri: [prefixOf({ family: 4, value: 0x0a4d0100n }, 24)],
    };
    //                          withdrawn attrs ORIGIN   AS_PATH            NLRI
    expect(toHex(encode(update, EXTERNAL))).toBe(toHex(hex('0000 000d 40010100 400206 02010000fe4c 18 0a4d01')));
  });
});
