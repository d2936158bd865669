import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ECHO_PORT, EchoDatagram } from '../../bfd/echo-datagram.ts';
import { type Ip, parseIp } from '../../net/ip.ts';
import { selfAddressedUdp } from './packet-filter.ts';

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const OWN = ip('192.0.2.10');
const FILTER = selfAddressedUdp(OWN, ECHO_PORT);
/** PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST, PACKET_OTHERHOST, PACKET_OUTGOING of if_packet(7). */
const TO_US = 0;
const TYPES = [0, 1, 2, 3, 4] as const;

/** What the kernel's machine makes of a packet: as many octets as are kept, 0 where it is dropped. A load beyond the end drops it. */
function run(program: Uint8Array, packet: Uint8Array, packetType: number): number {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  let [accumulator, index] = [0, 0];
  for (let at = 0; at < program.length / 8; at++) {
    const [operation, operand] = [code.getUint16(at * 8, true), code.getUint32(at * 8 + 4, true)];
    const [whenTrue, whenFalse] = [code.getUint8(at * 8 + 2), code.getUint8(at * 8 + 3)];
    const load = (octets: 1 | 2 | 4, from: number): boolean => {
      if (from + octets > packet.length) return false;
      accumulator = octets === 4 ? data.getUint32(from) : octets === 2 ? data.getUint16(from) : data.getUint8(from);
      return true;
    };
    switch (operation) {
      case 0x20: // BPF_LD | BPF_W | BPF_ABS, and SKF_AD_PKTTYPE
        if (operand === 0xffff_f004) accumulator = packetType;
        else if (!load(4, operand)) return 0;
        break;
      case 0x28: // BPF_LD | BPF_H | BPF_ABS
        if (!load(2, operand)) return 0;
        break;
      case 0x30: // BPF_LD | BPF_B | BPF_ABS
        if (!load(1, operand)) return 0;
        break;
      case 0x48: // BPF_LD | BPF_H | BPF_IND
        if (!load(2, index + operand)) return 0;
        break;
      case 0xb1: // BPF_LDX | BPF_B | BPF_MSH
        if (operand >= packet.length) return 0;
        index = 4 * (data.getUint8(operand) & 0xf);
        break;
      case 0x15: // BPF_JMP | BPF_JEQ | BPF_K
        at += accumulator === operand ? whenTrue : whenFalse;
        break;
      case 0x45: // BPF_JMP | BPF_JSET | BPF_K
        at += (accumulator & operand) !== 0 ? whenTrue : whenFalse;
        break;
      case 0x06: // BPF_RET | BPF_K
        return operand;
      default:
        throw new Error(`no such instruction: 0x${operation.toString(16)}`);
    }
  }
  throw new Error('the program has no end');
}

const echo = (): Uint8Array => new EchoDatagram(OWN).with(new Uint8Array(16)).slice();
const passes = (packet: Uint8Array, packetType: number = TO_US): boolean => run(FILTER, packet, packetType) > 0;
const changed = (at: number, ...octets: readonly number[]): Uint8Array => {
  const packet = echo();
  packet.set(octets, at);
  return packet;
};

describe('selfAddressedUdp', () => {
  it('passes an Echo packet that is back, with options in its header too', () => {
    expect(passes(echo())).toBe(true);
    const packet = echo();
    expect(passes(Uint8Array.from([0x46, ...packet.slice(1, 20), 1, 1, 1, 0, ...packet.slice(20)]))).toBe(true);
    // Its identification and DF are nobody's business.
    expect(passes(changed(4, 0xab, 0xcd, 0x40, 0))).toBe(true);
  });

  it.each<[string, Uint8Array]>([
    ['another source', changed(12, 192, 0, 2, 11)],
    ['another destination', changed(16, 192, 0, 2, 11)],
    ['TCP', changed(9, 6)],
    ['another port', changed(22, 0x0e, 0xc8)],
    ['the first fragment', changed(6, 0x20, 0)],
    ['a later fragment', changed(6, 0, 1)],
    ['a packet that ends before its ports', echo().subarray(0, 22)],
    ['nothing', new Uint8Array()],
  ])('drops %s', (_, packet) => {
    expect(passes(packet)).toBe(false);
  });

  it('drops what is not to our link address, and what we send', () => {
    expect(TYPES.filter((type) => passes(echo(), type))).toEqual([TO_US]);
  });

  it('comes to an end with any packet, and passes none that is not between the address and itself', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...TYPES), (packet, type) => {
        if (!passes(packet, type)) return;
        expect([...packet.subarray(12, 20)]).toEqual([192, 0, 2, 10, 192, 0, 2, 10]);
      }),
    );
  });
});
