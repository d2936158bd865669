import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ip, parseIp } from '../net/ip.ts';
import { toHex } from '../wire/hex.ts';
import { ECHO_LENGTH } from './echo.ts';
import { EchoDatagram, parseEchoDatagram } from './echo-datagram.ts';

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

/** RFC 1071, section 1: the sum of a right header, its checksum included, is all ones. */
function onesComplementSum(...octets: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += ((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

const content = fc.uint8Array({ minLength: ECHO_LENGTH, maxLength: ECHO_LENGTH });
const address = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((octets) => ip(octets.join('.')));

describe('EchoDatagram', () => {
  it('is UDP from ourselves to ourselves, to port 3785 with a TTL of 255', () => {
    const written = new EchoDatagram(ip('192.0.2.10')).with(Uint8Array.from({ length: ECHO_LENGTH }, (_, i) => i));
    expect(toHex(written)).toBe(
      [
        // version and length, CS6, total length, identification, DF, TTL, UDP, checksum, source, destination
        '45c0002c00004000ff11f6ebc000020ac000020a',
        // ports, length, checksum
        '0ec90ec9001825d7',
        '000102030405060708090a0b0c0d0e0f',
      ].join(''),
    );
  });

  it('has both checksums right, whatever the address and the content, in a buffer that is used again', () => {
    fc.assert(
      fc.property(address, fc.array(content, { minLength: 1, maxLength: 4 }), (own, contents) => {
        const datagram = new EchoDatagram(own);
        for (const octets of contents) {
          const written = [...datagram.with(octets)];
          expect(onesComplementSum(...written.slice(0, 20))).toBe(0xffff);
          // The pseudo header of RFC 768: addresses, zero, protocol, length.
          const pseudo = [...written.slice(12, 20), 0, 17, 0, 24];
          expect(onesComplementSum(...pseudo, ...written.slice(20))).toBe(0xffff);
          expect((written[26] ?? 0) + (written[27] ?? 0)).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('parseEchoDatagram', () => {
  it('reads back what was written, with the TTL that it came with', () => {
    fc.assert(
      fc.property(address, content, fc.integer({ min: 1, max: 255 }), (own, octets, ttl) => {
        const written = new EchoDatagram(own).with(octets);
        written[8] = ttl;
        expect(parseEchoDatagram(written)).toEqual({ content: octets, ttl });
      }),
    );
  });

  it('passes over the options of an IP header, and what a link adds at the end', () => {
    const written = [...new EchoDatagram(ip('192.0.2.10')).with(new Uint8Array(ECHO_LENGTH).fill(7))];
    const withOptions = Uint8Array.from([0x46, ...written.slice(1, 20), 1, 1, 1, 0, ...written.slice(20), 0, 0]);
    expect(parseEchoDatagram(withOptions)?.content).toEqual(new Uint8Array(ECHO_LENGTH).fill(7));
  });

  it('takes nothing else, and throws for no octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
        const parsed = parseEchoDatagram(octets);
        if (parsed !== null) expect([octets[0] ?? 0].map((first) => first >> 4)).toEqual([4]);
      }),
    );
    const written = new EchoDatagram(ip('192.0.2.10')).with(new Uint8Array(ECHO_LENGTH));
    const changed = (at: number, value: number): Uint8Array => written.slice().fill(value, at, at + 1);
    for (const [at, value] of [
      [0, 0x65], // IPv6
      [0, 0x44], // a header of 16 octets
      [0, 0x4f], // one that is longer than the packet
      [23, 0xc8], // port 3784
      [25, 7], // a UDP length below the header's
      [25, 25], // one beyond the end
    ] as const)
      expect(parseEchoDatagram(changed(at, value))).toBeNull();
    expect(parseEchoDatagram(written.subarray(0, 27))).toBeNull();
  });
});
