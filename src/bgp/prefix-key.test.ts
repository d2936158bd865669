import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPrefix, type Prefix, prefixOf } from '../net/prefix.ts';
import { prefixKey } from './prefix-key.ts';

const v6 = (n: number): Prefix => prefixOf({ family: 6, value: (0x20010db8n << 96n) + (BigInt(n) << 64n) }, 64);

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
