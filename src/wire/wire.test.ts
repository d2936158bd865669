import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, toHex } from './hex.ts';
import { ByteReader, TruncatedError } from './reader.ts';
import { ByteWriter, OverflowError } from './writer.ts';

describe('ByteReader', () => {
  it('reads what ByteWriter wrote', () => {
    const w = new ByteWriter(64);
    w.u8(0xfe);
    w.u16(0xfdfc);
    w.u32(0xfbfaf9f8);
    w.bytes(hex('0102'));
    const r = new ByteReader(w.toBytes());
    expect([r.u8(), r.u16(), r.u32(), toHex(r.rest())]).toEqual([0xfe, 0xfdfc, 0xfbfaf9f8, '0102']);
  });

  it('confines sub-readers and skips them', () => {
    const r = new ByteReader(hex('01 02 03 04'));
    const sub = r.sub(2);
    expect([sub.u8(), sub.u8(), sub.remaining, r.u8()]).toEqual([1, 2, 0, 3]);
    expect(() => sub.u8()).toThrow(TruncatedError);
  });

  it('never reads past its end', () => {
    const ops = fc.array(fc.constantFrom('u8' as const, 'u16' as const, 'u32' as const));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 16 }), ops, (bytes, names) => {
        const r = new ByteReader(bytes);
        for (const name of names) {
          const before = r.remaining;
          const width = { u8: 1, u16: 2, u32: 4 }[name];
          if (width <= before) r[name]();
          else expect(() => r[name]()).toThrow(TruncatedError);
          expect(r.remaining).toBe(width <= before ? before - width : before);
        }
      }),
    );
  });
});

describe('ByteWriter', () => {
  it('refuses to outgrow its limit and keeps what it has', () => {
    const w = new ByteWriter(3);
    w.u16(0x0102);
    expect(() => w.u16(1)).toThrow(OverflowError);
    expect(toHex(w.view())).toBe('0102');
  });

  it('patches lengths and takes back', () => {
    const w = new ByteWriter(8);
    const at = w.skip(2);
    w.u8(0xaa);
    w.patchU16(at, w.length);
    const mark = w.length;
    w.u8(0xbb);
    w.rewind(mark);
    expect(toHex(w.view())).toBe('0003aa');
    w.reset();
    expect([w.length, w.remaining]).toEqual([0, 8]);
  });
});

it('hex refuses what is not hex', () => {
  expect(() => hex('0')).toThrow(SyntaxError);
  expect(() => hex('zz')).toThrow(SyntaxError);
  expect(toHex(hex('AB:cd 01-02'))).toBe('abcd0102');
});
