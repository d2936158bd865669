import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIp, type Ip, maxOf } from './ip.ts';
import {
  addressesOf,
  formatIpRange,
  type IpRange,
  parseIpRange,
  prefixesOf,
  rangeContains,
  rangeOfPrefix,
  rangeSize,
  rangesOverlap,
} from './ip-range.ts';
import { formatPrefix } from './prefix.ts';

const range = (text: string): IpRange => {
  const parsed = parseIpRange(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

const anyRange = fc
  .tuple(fc.constantFrom(4 as const, 6 as const), fc.bigInt(0n, maxOf(4)), fc.bigInt(0n, 4096n))
  .map(([family, first, size]): IpRange => {
    const ip = (value: bigint): Ip => ({ family, value });
    const last = first + size > maxOf(family) ? maxOf(family) : first + size;
    return { first: ip(first), last: ip(last) };
  });

describe('parseIpRange', () => {
  it.each([
    ['192.168.1.240-192.168.1.250', '192.168.1.240-192.168.1.250'],
    ['192.168.1.240 - 192.168.1.250', '192.168.1.240-192.168.1.250'],
    ['10.0.0.0/30', '10.0.0.0-10.0.0.3'],
    ['fd00::1-fd00::ff', 'fd00::1-fd00::ff'],
  ])('reads %s as %s', (text, canonical) => expect(formatIpRange(range(text))).toBe(canonical));

  it.each([
    ['1.2.3.4', 'no prefix length'],
    ['1.2.3.4-1.2.3.3', 'backwards'],
    ['1.2.3.4-fc00::1', 'family'],
    ['fc00::1-1.2.3.4', 'family'],
    ['1.2.3.4-', 'not an IP address'],
    ['1.2.3.4-1.2.3.5-1.2.3.6', 'not an IP address'],
  ])('refuses %s and says why', (text, why) => {
    expect(parseIpRange(text)).toMatchObject({ ok: false, error: expect.stringContaining(why) });
  });
});

describe('prefixesOf', () => {
  it('is the summary that MetalLB makes of .240-.250', () => {
    expect(prefixesOf(range('192.168.1.240-192.168.1.250')).map(formatPrefix)).toEqual([
      '192.168.1.240/29',
      '192.168.1.248/31',
      '192.168.1.250/32',
    ]);
  });

  it('covers the whole of a family', () => {
    expect(prefixesOf(range('0.0.0.0/0')).map(formatPrefix)).toEqual(['0.0.0.0/0']);
    expect(prefixesOf(range('::/0')).map(formatPrefix)).toEqual(['::/0']);
  });

  it('covers exactly the range, ascending, without a gap', () => {
    fc.assert(
      fc.property(anyRange, (r) => {
        let next = r.first.value;
        for (const part of prefixesOf(r).map(rangeOfPrefix)) {
          expect(part.first.value).toBe(next);
          next = part.last.value + 1n;
        }
        expect(next).toBe(r.last.value + 1n);
      }),
    );
  });
});

it('walks a /64 without making a list of it', () => {
  const walk = addressesOf(range('2001:db8::/64'));
  expect([walk.next().value, walk.next().value].map((ip) => ip !== undefined && formatIp(ip as Ip))).toEqual([
    '2001:db8::',
    '2001:db8::1',
  ]);
  expect(rangeSize(range('2001:db8::/64'))).toBe(1n << 64n);
  expect([...addressesOf(range('10.0.0.254-10.0.1.1'))].map(formatIp)).toEqual([
    '10.0.0.254',
    '10.0.0.255',
    '10.0.1.0',
    '10.0.1.1',
  ]);
});

it('overlaps as its addresses do', () => {
  fc.assert(
    fc.property(anyRange, anyRange, (a, b) => {
      const touches = rangeContains(a, b.first) || rangeContains(b, a.first);
      expect(rangesOverlap(a, b)).toBe(touches);
    }),
  );
});
