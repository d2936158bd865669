/**
 * IP addresses as values: strict parsing, canonical text, order.
 *
 * An address is its family and its number, so that comparing, masking and counting are arithmetic. Text is parsed strictly, because a
 * lenient reading is an address that nobody asked for: `010.0.0.1` is octal to some libraries and decimal to others, `1.2.3` is
 * 1.2.0.3 to inet_aton. Canonical IPv6 text follows RFC 5952.
 */
import { err, ok, type Result } from '../result.ts';

export type IpFamily = 4 | 6;

export interface Ip {
  readonly family: IpFamily;
  /** The address as an unsigned number of {@link bitsOf} bits. */
  readonly value: bigint;
}

/** The width of an address of this family, in bits. */
export const bitsOf = (family: IpFamily): 32 | 128 => (family === 4 ? 32 : 128);

/** The highest address number of a family. */
export const maxOf = (family: IpFamily): bigint => (1n << BigInt(bitsOf(family))) - 1n;

const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const HEXTET = /^[0-9a-fA-F]{1,4}$/;

/**
 * Parses one address in its usual notation: four decimal octets without leading zeros, or RFC 4291 section 2.2 text.
 *
 * A zone index (`%eth0`) is refused: it names a link of one machine, and no address that a cluster shares can mean that.
 */
export function parseIp(text: string): Result<Ip, string> {
  if (text.includes('%')) return err(`"${text}" has a zone index, which means nothing outside of one machine`);
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Result<Ip, string> {
  const octets = text.split('.');
  if (octets.length !== 4) return err(`"${text}" is not an IP address`);
  let value = 0;
  for (const octet of octets) {
    if (!OCTET.test(octet)) {
      const padded = /^0[0-9]+$/.test(octet);
      return err(
        padded
          ? `"${text}" has an octet with a leading zero, which some programs read as octal: write it without`
          : `"${text}" is not an IP address`,
      );
    }
    const number = Number(octet);
    if (number > 255) return err(`"${text}" has an octet above 255`);
    value = value * 256 + number;
  }
  return ok({ family: 4, value: BigInt(value) });
}

function parseIpv6(text: string): Result<Ip, string> {
  const bad = err(`"${text}" is not an IP address`);
  const halves = text.split('::');
  if (halves.length > 2) return bad;
  const head = hextets(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? hextets(halves[1] as string, true) : [];
  if (head === undefined || tail === undefined) return bad;
  const missing = 8 - head.length - tail.length;
  // "::" stands for at least one group (RFC 4291 section 2.2); without it all eight must be there.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return bad;
  let value = 0n;
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group);
  return ok({ family: 6, value });
}

/** The 16-bit groups of one side of "::"; the last two may be written as an IPv4 address where the address ends here. */
function hextets(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = parseIpv4(part);
      if (!endsAddress || i !== parts.length - 1 || !v4.ok) return undefined;
      groups.push(Number(v4.value.value >> 16n), Number(v4.value.value & 0xffffn));
    } else if (HEXTET.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** Canonical text: dotted decimal, or RFC 5952 (lower case, the longest run of zero groups as "::", IPv4-mapped as dotted). */
export function formatIp(ip: Ip): string {
  if (ip.family === 4) {
    const n = Number(ip.value);
    return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
  }
  if (isIpv4Mapped(ip)) return `::ffff:${formatIp(unmapIpv4(ip))}`;
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((ip.value >> shift) & 0xffffn));
  const { start, length } = longestZeroRun(groups);
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((g) => g.toString(16))
      .join(':');
  // RFC 5952 section 4.2.2: a single zero group is not shortened.
  return length < 2 ? hex(0, 8) : `${hex(0, start)}::${hex(start + length, 8)}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (groups[end] === 0) end++;
    if (end - i > best.length) best = { start: i, length: end - i };
    i = Math.max(i, end);
  }
  return best;
}

/** Whether an IPv6 address is `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2). */
export const isIpv4Mapped = (ip: Ip): boolean => ip.family === 6 && ip.value >> 32n === 0xffffn;

/** The IPv4 address inside an IPv4-mapped one; any other address as it is. */
export const unmapIpv4 = (ip: Ip): Ip => (isIpv4Mapped(ip) ? { family: 4, value: ip.value & 0xffff_ffffn } : ip);

/** Order: IPv4 before IPv6, then by number. */
export function compareIp(a: Ip, b: Ip): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

export const sameIp = (a: Ip, b: Ip): boolean => a.family === b.family && a.value === b.value;

export const isUnspecified = (ip: Ip): boolean => ip.value === 0n;

/** 224.0.0.0/4 or ff00::/8. */
export const isMulticast = (ip: Ip): boolean =>
  ip.family === 4 ? ip.value >> 28n === 0xen : ip.value >> 120n === 0xffn;

/** fe80::/10 or 169.254.0.0/16. */
export const isLinkLocal = (ip: Ip): boolean =>
  ip.family === 4 ? ip.value >> 16n === 0xa9fen : ip.value >> 118n === 0x3fan;

/** The address in network byte order: 4 or 16 octets, a fresh array. */
export function ipToBytes(ip: Ip): Uint8Array {
  const bytes = new Uint8Array(ip.family === 4 ? 4 : 16);
  const view = new DataView(bytes.buffer);
  if (ip.family === 4) view.setUint32(0, Number(ip.value));
  else {
    view.setBigUint64(0, ip.value >> 64n);
    view.setBigUint64(8, ip.value & 0xffff_ffff_ffff_ffffn);
  }
  return bytes;
}

/**
 * The address of 4 or 16 octets in network byte order.
 *
 * @throws {RangeError} for any other length: the caller has framed the field.
 */
export function ipFromBytes(bytes: Uint8Array): Ip {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return { family: 4, value: BigInt(view.getUint32(0)) };
  if (bytes.length === 16) return { family: 6, value: (view.getBigUint64(0) << 64n) | view.getBigUint64(8) };
  throw new RangeError(`an IP address has 4 or 16 octets, not ${bytes.length}`);
}
