import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, toHex } from '../../wire/hex.ts';
import { Framer } from './framer.ts';
import { ProtocolError } from './notification.ts';

const MARKER = 'ff'.repeat(16);
const KEEPALIVE = hex(`${MARKER} 0013 04`);

/** A NOTIFICATION with this much data: the simplest message of any length. */
function messageOf(dataLength: number): Uint8Array {
  const length = 21 + dataLength;
  return new Uint8Array([...hex(MARKER), length >> 8, length & 255, 3, 6, 2, ...new Array<number>(dataLength).fill(7)]);
}

const join = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((p) => [...p]));

describe('Framer', () => {
  it('finds the same messages whatever the segmentation', () => {
    const lengths = fc.array(fc.oneof(fc.nat(40), fc.integer({ min: 4_000, max: 4_075 })), { maxLength: 6 });
    fc.assert(
      fc.property(lengths, fc.infiniteStream(fc.integer({ min: 1, max: 900 })), (dataLengths, sizes) => {
        const messages = dataLengths.map(messageOf);
        const stream = join(messages);
        const framer = new Framer();
        const found: string[] = [];
        for (let at = 0; at < stream.length; ) {
          const size = sizes.next().value as number;
          for (const m of framer.push(stream.subarray(at, at + size))) found.push(toHex(m));
          at += size;
        }
        expect(found).toEqual(messages.map(toHex));
      }),
    );
  });

  it('takes longer messages from where they were agreed on (RFC 8654), whatever the segmentation', () => {
    const lengths = fc.array(fc.oneof(fc.nat(40), fc.integer({ min: 4_075, max: 65_535 - 21 })), { maxLength: 4 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 70_000 }), (dataLengths, size) => {
        const messages = dataLengths.map(messageOf);
        const stream = join([KEEPALIVE, ...messages]);
        const framer = new Framer();
        let found = 0;
        for (let at = 0; at < stream.length; at += size) {
          for (const m of framer.push(stream.subarray(at, at + size))) {
            if (found > 0) expect(Buffer.compare(m, messages[found - 1] as Uint8Array)).toBe(0);
            framer.maximum = 65_535;
            found++;
          }
        }
        expect(found).toBe(messages.length + 1);
      }),
      { numRuns: 50 },
    );
  });

  it.each([1, 4])('takes no message of type %i that is longer than 4096 octets, ever', (type) => {
    const framer = new Framer();
    framer.maximum = 65_535;
    expect(() => [...framer.push(hex(`${MARKER} 1001 0${type}`))]).toThrow('length 4097');
  });

  it('takes one octet at a time', () => {
    const framer = new Framer();
    const stream = join([KEEPALIVE, messageOf(3), KEEPALIVE]);
    const found: string[] = [];
    for (const octet of stream) for (const m of framer.push(new Uint8Array([octet]))) found.push(toHex(m));
    expect(found).toEqual([KEEPALIVE, messageOf(3), KEEPALIVE].map(toHex));
  });

  it.each([
    ['a marker that is none', `${'ff'.repeat(15)}fe 0013 04`, 1, ''],
    ['a length below the header', `${MARKER} 0012 04`, 2, '0012'],
    ['a length above 4096', `${MARKER} 1001 02`, 2, '1001'],
    ['a KEEPALIVE with a body', `${MARKER} 0014 04 00`, 2, '0014'],
    ['an OPEN that is too short', `${MARKER} 001c 01`, 2, '001c'],
    ['type 0', `${MARKER} 0013 00`, 3, '00'],
    ['type 6', `${MARKER} 0013 06`, 3, '06'],
  ])('answers %s with 1/x, as soon as the header is there', (_, wire, subcode, data) => {
    for (const cut of [1, 18]) {
      const framer = new Framer();
      const bytes = hex(wire);
      const read = (): void => {
        for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) for (const _m of framer.push(part));
      };
      let error: unknown;
      try {
        read();
      } catch (e) {
        error = e;
      }
      expect(error).toBeInstanceOf(ProtocolError);
      const n = (error as ProtocolError).notification;
      expect([n.code, n.subcode, toHex(n.data)]).toEqual([1, subcode, data]);
    }
  });
});
