import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIp, formatIp, type Ip, ipFromBytes, ipToBytes, maxOf, parseIp, unmapIpv4 } from './ip.ts';

const anyIp = fc.oneof(
  fc.bigInt(0n, maxOf(4)).map((value): Ip => ({ family: 4, value })),
  fc.bigInt(0n, maxOf(6)).map((value): Ip => ({ family: 6, value })),
  // Addresses with long runs of zero groups, which random ones hardly ever have.
  fc
    .array(fc.constantFrom(0n, 0n, 0n, 1n, 0xffffn), { minLength: 8, maxLength: 8 })
    .map((groups): Ip => ({ family: 6, value: groups.reduce<bigint>((n, g) => (n << 16n) | g, 0n) })),
);

describe('parseIp', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['10.100.0.1', '10.100.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // RFC 5952 section 4.2.2: one zero group stays
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], // the longest run
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // the first of two equal runs
    ['1::', '1::'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('reads %s as %s', (text, canonical) => {
    const ip = parseIp(text);
    expect(ip.ok && formatIp(ip.value)).toBe(canonical);
  });

  it.each([
    '',
    ' 10.0.0.1',
    '10.0.0.1 ',
    '010.0.0.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.-4',
    '1.2.3.0x4',
    '1.2.3.4/32',
    '1,2,3,4',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7::8', // "::" for nothing
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3',
    '::01.2.3.4',
    'fe80::1%eth0',
    ':1:2:3:4:5:6:7',
  ])('refuses "%s"', (text) => {
    expect(parseIp(text).ok).toBe(false);
  });

  it('says what is wrong with a padded octet and with a zone', () => {
    expect(parseIp('010.0.0.1')).toMatchObject({ error: expect.stringContaining('leading zero') });
    expect(parseIp('fe80::1%eth0')).toMatchObject({ error: expect.stringContaining('zone index') });
  });

  it('reads back what formatIp writes', () => {
    fc.assert(
      fc.property(anyIp, (ip) => {
        expect(parseIp(formatIp(ip))).toEqual({ ok: true, value: ip });
      }),
    );
  });

  it('takes any text without throwing', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%/]{0,40}$/));
    fc.assert(fc.property(text, (t) => typeof parseIp(t).ok === 'boolean'));
  });
});

describe('ipToBytes', () => {
  it('is undone by ipFromBytes', () => {
    fc.assert(
      fc.property(anyIp, (ip) => {
        expect(ipFromBytes(ipToBytes(ip))).toEqual(ip);
      }),
    );
  });

  it('is network byte order', () => {
    expect([...ipToBytes({ family: 4, value: 0x0a64_0001n })]).toEqual([10, 100, 0, 1]);
    expect(ipToBytes({ family: 6, value: 1n })).toEqual(
      Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    );
  });

  it('refuses other lengths', () => {
    expect(() => ipFromBytes(new Uint8Array(5))).toThrow(RangeError);
  });
});

describe('compareIp', () => {
  it('is a total order, IPv4 first', () => {
    fc.assert(
      fc.property(anyIp, anyIp, (a, b) => {
        expect(Math.sign(compareIp(a, b))).toBe(-Math.sign(compareIp(b, a)) + 0);
        if (a.family < b.family) expect(compareIp(a, b)).toBeLessThan(0);
      }),
    );
  });
});

it('unmaps ::ffff:a.b.c.d', () => {
  const mapped = parseIp('::ffff:10.0.0.1');
  expect(mapped.ok && formatIp(unmapIpv4(mapped.value))).toBe('10.0.0.1');
});
