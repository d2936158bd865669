import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, formatIp, type Ip, maxOf } from './ip.ts';
import { comparePrefix, formatPrefix, lastIpOf, parsePrefix, prefixContains, prefixOf } from './prefix.ts';

const anyIp = fc.oneof(
  fc.bigInt(0n, maxOf(4)).map((value): Ip => ({ family: 4, value })),
  fc.bigInt(0n, maxOf(6)).map((value): Ip => ({ family: 6, value })),
);
const anyPrefix = anyIp.chain((ip) => fc.integer({ min: 0, max: bitsOf(ip.family) }).map((n) => prefixOf(ip, n)));

describe('parsePrefix', () => {
  it.each([
    ['10.100.0.0/24', '10.100.0.0/24'],
    ['192.168.1.10/24', '192.168.1.0/24'], // host bits masked, as MetalLB does
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:db8::1/64', '2001:db8::/64'],
    ['::1/128', '::1/128'],
  ])('reads %s as %s', (text, canonical) => {
    const prefix = parsePrefix(text);
    expect(prefix.ok && formatPrefix(prefix.value)).toBe(canonical);
  });

  it.each([
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/024',
    '10.0.0.0/-1',
    '::/129',
    '10.0.0/8',
    '/8',
    '010.0.0.0/8',
  ])('refuses %s', (text) => expect(parsePrefix(text).ok).toBe(false));

  it('says what to write for a bare address', () => {
    expect(parsePrefix('1.2.3.4')).toMatchObject({ error: expect.stringContaining('1.2.3.4/32') });
  });

  it('advises nobody to write a length behind what is no address', () => {
    expect(parsePrefix('10.100.0.x')).toEqual({ ok: false, error: '"10.100.0.x" is not an IP address' });
  });

  it('reads back what formatPrefix writes', () => {
    fc.assert(
      fc.property(anyPrefix, (p) => {
        expect(parsePrefix(formatPrefix(p))).toEqual({ ok: true, value: p });
      }),
    );
  });
});

it('contains its first and last address and not the ones beside them', () => {
  fc.assert(
    fc.property(anyPrefix, (p) => {
      const { family, value } = p.address;
      const last = lastIpOf(p);
      expect(prefixContains(p, p.address)).toBe(true);
      expect(prefixContains(p, last)).toBe(true);
      if (value > 0n) expect(prefixContains(p, { family, value: value - 1n })).toBe(false);
      if (last.value < maxOf(family)) expect(prefixContains(p, { family, value: last.value + 1n })).toBe(false);
    }),
  );
});

it('sorts by address, then the shorter first', () => {
  const sorted = ['10.0.0.0/8', '10.0.0.0/24', '10.0.1.0/24', '::/0'];
  const parsed = [...sorted].reverse().flatMap((t) => {
    const p = parsePrefix(t);
    return p.ok ? [p.value] : [];
  });
  expect(parsed.sort(comparePrefix).map(formatPrefix)).toEqual(sorted);
  expect(formatIp({ family: 4, value: 1n })).toBe('0.0.0.1');
});
