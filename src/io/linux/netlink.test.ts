import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIp } from '../../net/ip.ts';
import { formatPrefix } from '../../net/prefix.ts';
import { hex, toHex } from '../../wire/hex.ts';
import { decodeNetlink, encodeDumpRequest, encodeNetlinkAddress, type NetlinkMessage } from './netlink.ts';

/** One message: header, body. */
const message = (type: string, body: string): string => {
  const length = 16 + body.replace(/\s/g, '').length / 2;
  return `${length.toString(16).padStart(2, '0')}000000 ${type} 0000 00000000 00000000 ${body}`;
};
//                              type index    flags    change   len  ifname "eth0"
const ETH0_UP = message('1000', '0000 0100 02000000 43100100 00000000 0900 0300 65746830 00000000');
const ETH0_DOWN = message('1000', '0000 0100 02000000 03100000 00000000 0900 0300 65746830 00000000');
const PORT_GONE = message('1100', '0700 0100 02000000 43100100 00000000');
//                            v4 /24 flags scope index   address             local
const V4 = message('1400', '02 18 80 00 02000000 0800 0100 c000020a 0800 0200 c000020a');
//                            v6 /64 flags scope index   address                                   flags: tentative
const V6 = message('1400', '0a 40 00 00 02000000 1400 0100 20010db8000000000000000000000010 0800 0800 40000000');
//                            one end of a link with two: address is the other end's
const P2P = message('1500', '02 20 80 00 03000000 0800 0100 c6336401 0800 0200 c6336402');

//                                   v4 index      state flags type  address            link address
const NEIGHBOR = message('1c00', '02 00 0000 02000000 0200 00 01 0800 0100 c0000201 0a00 0200 020000000001 0000');

const text = (m: NetlinkMessage): unknown => {
  if (m.type === 'neighbor') return { ...m, address: formatIp(m.address), linkAddress: toHex(m.linkAddress) };
  return 'address' in m ? { ...m, address: formatIp(m.address), network: formatPrefix(m.network) } : m;
};
const decoded = (...messages: readonly string[]): unknown[] => [...decodeNetlink(hex(messages.join('')))].map(text);

describe('decodeNetlink', () => {
  it('reads links, with what they can do', () => {
    expect(decoded(ETH0_UP, ETH0_DOWN)).toEqual([
      { type: 'link', index: 2, name: 'eth0', up: true },
      { type: 'link', index: 2, name: 'eth0', up: false },
    ]);
    expect(decoded(message('1100', '0000 0100 02000000 00000000 00000000'))).toEqual([{ type: 'linkGone', index: 2 }]);
  });

  it('passes over what a bridge says of its ports', () => {
    expect(decoded(PORT_GONE)).toEqual([]);
  });

  it('reads addresses of both families and of links with two ends', () => {
    expect(decoded(V4, V6, P2P)).toEqual([
      { type: 'address', index: 2, address: '192.0.2.10', network: '192.0.2.0/24', usable: true },
      { type: 'address', index: 2, address: '2001:db8::10', network: '2001:db8::/64', usable: false },
      { type: 'addressGone', index: 3, address: '198.51.100.2', network: '198.51.100.1/32', usable: true },
    ]);
  });

  it('reads neighbors of IPv4 whose link address is known and is one', () => {
    expect(decoded(NEIGHBOR)).toEqual([
      { type: 'neighbor', index: 2, address: '192.0.2.1', linkAddress: '020000000001' },
    ]);
    const states = ['0100', '2000', '4000'].map((state) => NEIGHBOR.replace(' 0200 00 01 ', ` ${state} 00 01 `));
    const gone = NEIGHBOR.replace(' 1c00 ', ' 1d00 ');
    const withoutAddress = message('1c00', '02 00 0000 02000000 0200 00 01 0800 0100 c0000201');
    const v6 = NEIGHBOR.replace(' 02 00 0000 ', ' 0a 00 0000 ');
    const tunnel = message('1c00', '02 00 0000 02000000 0200 00 01 0800 0100 c0000201 0800 0200 c0000209');
    expect(decoded(...states, gone, withoutAddress, v6, tunnel)).toEqual([]);
  });

  it('reads the end of a dump and errors by their number', () => {
    expect(decoded(message('0300', '00000000'), message('0200', 'f0ffffff'))).toEqual([
      { type: 'done' },
      { type: 'error', errno: 16 },
    ]);
  });

  it('never throws and never loops, whatever the octets, and finds what stands before a cut', () => {
    const whole = hex(ETH0_UP + V4 + V6 + NEIGHBOR);
    const mutated = fc
      .tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length))
      .map(([at, value, cut]) => whole.with(at, value).subarray(0, cut));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        expect([...decodeNetlink(bytes)].length).toBeLessThanOrEqual(bytes.length / 16);
      }),
      { numRuns: 2_000 },
    );
    for (let cut = 0; cut <= whole.length; cut++)
      expect([...decodeNetlink(whole.subarray(0, cut))].length).toBe(
        [ETH0_UP, ETH0_UP + V4, ETH0_UP + V4 + V6].map((text) => hex(text).length).filter((end) => end <= cut).length +
          Number(cut === whole.length),
      );
  });
});

it('asks for links, addresses of both families and neighbors of IPv4, and joins groups', () => {
  //                                        length   type flags seq      port
  expect(toHex(encodeDumpRequest('links'))).toBe(`2000000012000103${'00'.repeat(24)}`);
  expect(toHex(encodeDumpRequest('addresses'))).toBe(`2000000016000103${'00'.repeat(24)}`);
  expect(toHex(encodeDumpRequest('neighbors'))).toBe(`1c0000001e000103${'00'.repeat(8)}02${'00'.repeat(11)}`);
  expect(toHex(encodeNetlinkAddress(0x111))).toBe('100000000000000011010000');
});
