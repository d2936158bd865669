import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, toHex } from '../../wire/hex.ts';
import { ByteReader } from '../../wire/reader.ts';
import { ByteWriter } from '../../wire/writer.ts';
import type { Capability } from './capability.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from './constants.ts';
import { ProtocolError } from './notification.ts';
import { decodeOpen, encodeOpen, myAsField, type Open } from './open.ts';

const decode = (wire: string): Open => decodeOpen(new ByteReader(hex(wire)));

function encode(open: Open): Uint8Array {
  const w = new ByteWriter(4096);
  encodeOpen(w, open);
  return w.toBytes();
}

describe('decodeOpen', () => {
  it('reads the four-octet AS over My AS (RFC 6793)', () => {
    //           v  My AS hold bgp id   len opt  cap AS4
    const open = decode('04 5ba0 005a c0000201 08 02 06 41 04 fa56ea00');
    expect(open).toMatchObject({ asn: 4_200_000_000, myAs: 23456, holdTime: 90, bgpIdentifier: 0xc0000201 });
  });

  it('takes capabilities in one or in many parameters, keeps the unknown, and none at all', () => {
    const one = '02 0c 01 04 0001 00 01 02 00 80 02 beef';
    const many = '02 06 01 04 0001 00 01 02 02 02 00 02 04 80 02 beef';
    const expected = [
      { type: 'multiprotocol', family: IPV4_UNICAST },
      { type: 'route-refresh' },
      { type: 'unknown', code: 128, value: hex('beef') },
    ];
    expect(decode(`04 fde9 005a 01020304 0e ${one}`).capabilities).toEqual(expected);
    expect(decode(`04 fde9 005a 01020304 12 ${many}`).capabilities).toEqual(expected);
    expect(decode('04 fde9 005a 01020304 00').capabilities).toEqual([]);
  });

  it('takes extended optional parameters (RFC 9072), whatever the length before them says', () => {
    //                                    len ext  len  opt len  cap
    const wire = (length: string) => `04 fde9 005a 01020304 ${length} ff 0005 02 0002 02 00`;
    expect(decode(wire('ff')).capabilities).toEqual([{ type: 'route-refresh' }]);
    expect(decode(wire('09')).capabilities).toEqual([{ type: 'route-refresh' }]);
  });

  it('keeps a known capability of a wrong length as unknown', () => {
    expect(decode('04 fde9 005a 01020304 04 02 02 01 00').capabilities).toEqual([
      { type: 'unknown', code: 1, value: new Uint8Array(0) },
    ]);
  });

  it.each([
    ['another version', '03 fde9 005a 01020304 00', 1, '0004'],
    ['AS 0', '04 0000 005a 01020304 00', 2, ''],
    ['identifier 0.0.0.0', '04 fde9 005a 00000000 00', 3, ''],
    ['an unknown optional parameter', '04 fde9 005a 01020304 04 fe 02 0000', 4, ''],
    ['hold time of one second', '04 fde9 0001 01020304 00', 6, ''],
    ['hold time of two seconds', '04 fde9 0002 01020304 00', 6, ''],
    ['a capability that overruns its parameter', '04 fde9 005a 01020304 04 02 02 41 04', 0, ''],
    ['parameters that overrun the message', '04 fde9 005a 01020304 08 02 00', 0, ''],
    ['octets after the parameters', '04 fde9 005a 01020304 02 02 00 00', 0, ''],
  ])('answers %s with NOTIFICATION 2/x', (_, wire, subcode, data) => {
    let error: unknown;
    try {
      decode(wire);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(ProtocolError);
    const { notification } = error as ProtocolError;
    expect([notification.code, notification.subcode, toHex(notification.data)]).toEqual([2, subcode, data]);
  });

  it('never throws anything but ProtocolError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        bytes[0] = 4;
        try {
          decodeOpen(new ByteReader(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

const capability: fc.Arbitrary<Capability> = fc.oneof(
  fc.constantFrom(
    { type: 'multiprotocol' as const, family: IPV4_UNICAST },
    { type: 'multiprotocol' as const, family: IPV6_UNICAST },
    { type: 'route-refresh' as const },
    { type: 'enhanced-route-refresh' as const },
  ),
  fc.record({
    type: fc.constant('unknown' as const),
    code: fc.integer({ min: 128, max: 255 }),
    value: fc.uint8Array({ maxLength: 60 }),
  }),
);

describe('encodeOpen', () => {
  const open = fc.record({
    asn: fc.integer({ min: 1, max: 0xffff_ffff }),
    holdTime: fc.constantFrom(0, 3, 90, 65_535),
    bgpIdentifier: fc.integer({ min: 1, max: 0xffff_ffff }),
    capabilities: fc.array(capability, { maxLength: 12 }),
  });

  it('is what decodeOpen reads, also beyond 255 octets; and every truncation of it is an error', () => {
    fc.assert(
      fc.property(open, (o) => {
        const full: Open = {
          ...o,
          myAs: myAsField(o.asn),
          capabilities: [...o.capabilities, { type: 'four-octet-as', asn: o.asn }],
        };
        const wire = encode(full);
        expect(decodeOpen(new ByteReader(wire))).toEqual(full);
        for (let length = 0; length < wire.length; length++) {
          expect(() => decodeOpen(new ByteReader(wire.subarray(0, length)))).toThrow(ProtocolError);
        }
      }),
    );
  });
});
