import { describe, expect, it } from 'vitest';
import { formatIp, ipFromBytes } from '../../net/ip.ts';
import { hex } from '../../wire/hex.ts';
import { Arrival } from './sockopt.ts';

/** What control messages say; null where they do not say all. */
function arrivalOf(control: Uint8Array, addressLength = 4) {
  const arrival = new Arrival();
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  if (!arrival.read(view, 0, control.length)) return null;
  const { ttl, interfaceIndex, destinationAt: at } = arrival;
  const octets = control.subarray(at, at + addressLength);
  return { ttl, interfaceIndex, destination: formatIp(ipFromBytes(octets)) };
}

describe('how a datagram has arrived', () => {
  it('IPv4: IP_TTL and IP_PKTINFO, in either order', () => {
    //           cmsghdr: length  level    type     int and padding
    const ttl = '1400000000000000 00000000 02000000 ff000000 00000000';
    //           cmsghdr: length  level    type     ifindex  local    destination and padding
    const where = '1c00000000000000 00000000 08000000 03000000 c0000202 c0000209 00000000';
    for (const control of [ttl + where, where + ttl]) {
      expect(arrivalOf(hex(control))).toEqual({ ttl: 255, interfaceIndex: 3, destination: '192.0.2.9' });
    }
  });

  it('IPv6: IPV6_HOPLIMIT and IPV6_PKTINFO', () => {
    const limit = '1400000000000000 29000000 34000000 40000000 00000000';
    const where = '2400000000000000 29000000 32000000 20010db8000000000000000000000001 07000000 00000000';
    expect(arrivalOf(hex(limit + where), 16)).toEqual({ ttl: 64, interfaceIndex: 7, destination: '2001:db8::1' });
  });

  it('is not known where one of them is missing, or the control messages are cut', () => {
    const ttl = hex('1400000000000000 00000000 02000000 ff000000 00000000');
    expect(arrivalOf(ttl)).toBeNull();
    expect(arrivalOf(new Uint8Array(0))).toBeNull();
    expect(arrivalOf(ttl.subarray(0, 18))).toBeNull();
    expect(arrivalOf(hex('0000000000000000 00000000 02000000'))).toBeNull();
  });
});
