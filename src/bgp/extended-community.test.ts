import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatExtendedCommunity, parseExtendedCommunity } from './extended-community.ts';

it.each([
  //                       type sub AS   number
  ['rt:64512:100', 0x00_02_fc00_00000064n],
  //                           type sub AS       number
  ['rt:4200000000:100', 0x02_02_fa56ea00_0064n],
  //                          type sub address  number
  ['soo:192.0.2.1:7', 0x01_03_c0000201_0007n],
  ['0x4004fc0000000000', 0x40_04_fc00_00000000n],
])('reads %s as its octets and writes it back', (text, value) => {
  expect(parseExtendedCommunity(text)).toEqual({ ok: true, value });
  expect(formatExtendedCommunity(value)).toBe(text);
});

it.each([
  '64512:100',
  'rt:64512',
  'rt:4294967296:1',
  'rt:4200000000:65536',
  'rt:1.2.3:4',
  'constructor:1:2',
  'rt:01:2',
  '0x12',
  '',
])('refuses "%s" and says what to write', (text) => {
  const parsed = parseExtendedCommunity(text);
  expect(parsed.ok ? '' : parsed.error).not.toBe('');
});

it('writes any eight octets so that they are read back', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 64n) - 1n), (value) => {
      expect(parseExtendedCommunity(formatExtendedCommunity(value))).toEqual({ ok: true, value });
    }),
  );
});
