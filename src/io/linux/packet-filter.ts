/**
 * Classic BPF programs (bpf(4)) as octets: what a packet socket hands up is chosen by the kernel, so that no thread is woken for the rest of a link's traffic.
 *
 * Pure. An instruction is a struct sock_filter in host order: code, jump if true, jump if false, operand.
 */
import { type Ip, ipToBytes } from '../../net/ip.ts';

const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
/** Into the index: four times the lower half of an octet, which is the length of an IPv4 header. */
const LOAD_INDEX = 0xb1;
const LOAD_HALF_AT_INDEX = 0x48;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_SET = 0x45;
const RETURN = 0x06;

/** SKF_AD_OFF + SKF_AD_PKTTYPE, and PACKET_HOST: to our link address. */
const PACKET_TYPE = 0xffff_f004;
const PACKET_HOST = 0;
const UDP = 17;
/** More fragments, and the offset. */
const FRAGMENT = 0x3fff;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

/** Of the IPv4 packets that come in: UDP to this port, whole, to our link address, whose source and destination are both this address. */
export function selfAddressedUdp(address: Ip, port: number): Uint8Array<ArrayBuffer> {
  const own = new DataView(ipToBytes(address).buffer).getUint32(0);
  const checks: readonly (readonly [load: readonly Instruction[], wanted: number])[] = [
    // Nearly everything else fails at one of the first two.
    [[[LOAD_WORD, 0, 0, 16]], own],
    [[[LOAD_WORD, 0, 0, 12]], own],
    [[[LOAD_BYTE, 0, 0, 9]], UDP],
    [[[LOAD_WORD, 0, 0, PACKET_TYPE]], PACKET_HOST],
    [
      [
        [LOAD_INDEX, 0, 0, 0],
        [LOAD_HALF_AT_INDEX, 0, 0, 2],
      ],
      port,
    ],
  ];
  const program: Instruction[] = [];
  for (const [load, wanted] of checks) program.push(...load, [JUMP_IF_EQUAL, 0, 0, wanted]);
  program.push([LOAD_HALF, 0, 0, 6], [JUMP_IF_SET, 0, 0, FRAGMENT], [RETURN, 0, 0, 0xffff], [RETURN, 0, 0, 0]);
  const refuse = program.length - 1;
  return encoded(
    program.map(([code, , , operand], at) => {
      const toRefuse = refuse - at - 1;
      if (code === JUMP_IF_EQUAL) return [code, 0, toRefuse, operand];
      return code === JUMP_IF_SET ? [code, toRefuse, 0, operand] : [code, 0, 0, operand];
    }),
  );
}

function encoded(program: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(program.length * 8));
  const view = new DataView(bytes.buffer);
  for (const [i, [code, whenTrue, whenFalse, operand]] of program.entries()) {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, whenTrue);
    view.setUint8(i * 8 + 3, whenFalse);
    view.setUint32(i * 8 + 4, operand, true);
  }
  return bytes;
}
