import { describe, expect, it } from 'vitest';
import { formatIp, ipFromBytes } from '../../net/ip.ts';
import { hex } from '../../wire/hex.ts';
import { decodeArrival } from './sockopt.ts';

describe('how a datagram has arrived', () => {
  it('IPv4: IP_TTL and IP_PKTINFO, in either order', () => {
    //           cmsghdr: length  level    type     int and padding
    const ttl = '1400000000000000 00000000 02000000 ff000000 00000000';
    //           cmsghdr: length  level    type     ifindex  local    destination and padding
    const where = '1c00000000000000 00000000 08000000 03000000 c0000202 c0000209 00000000';
    for (const control of [ttl + where, where + ttl]) {
      const arrival = decodeArrival(hex(control));
      expect(arrival).toMatchObject({ ttl: 255, interfaceIndex: 3 });
      expect(arrival === null ? null : formatIp(ipFromBytes(arrival.destination))).toBe('192.0.2.9');
    }
  });

  it('IPv6: IPV6_HOPLIMIT and IPV6_PKTINFO', () => {
    const limit = '1400000000000000 29000000 34000000 40000000 00000000';
    const where = '2400000000000000 29000000 32000000 20010db8000000000000000000000001 07000000 00000000';
    const arrival = decodeArrival(hex(limit + where));
    expect(arrival).toMatchObject({ ttl: 64, interfaceIndex: 7 });
    expect(arrival === null ? null : formatIp(ipFromBytes(arrival.destination))).toBe('2001:db8::1');
  });

  it('is not known where one of them is missing, or the control messages are cut', () => {
    const ttl = hex('1400000000000000 00000000 02000000 ff000000 00000000');
    expect(decodeArrival(ttl)).toBeNull();
    expect(decodeArrival(new Uint8Array(0))).toBeNull();
    expect(decodeArrival(ttl.subarray(0, 18))).toBeNull();
    expect(decodeArrival(hex('0000000000000000 00000000 02000000'))).toBeNull();
  });
});
