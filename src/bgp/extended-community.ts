/**
 * Extended communities as text (RFC 4360, RFC 5668): route targets and route origins by name, any other by its eight octets.
 *
 * `rt:64512:100`, `rt:4200000000:100`, `rt:192.0.2.1:100`, `soo:…` likewise, `0x0002fc0000000064` for anything. A value is the community's eight octets as one unsigned
 * number, as the codec has it. What a community asks a router to do is not judged here.
 */
import { formatIp, parseIp } from '../net/ip.ts';
import { err, ok, type Result } from '../result.ts';

/** The high octet of the type: whose number the administrator is. */
const TWO_OCTET_AS = 0x00n;
const IPV4_ADDRESS = 0x01n;
const FOUR_OCTET_AS = 0x02n;

const SUBTYPES: Readonly<Record<string, bigint>> = { rt: 0x02n, soo: 0x03n };
const NAME_OF_SUBTYPE = new Map(Object.entries(SUBTYPES).map(([name, subtype]) => [subtype, name]));

const FORM = 'rt:AS:NUMBER, rt:IPv4:NUMBER, soo: likewise, or 0x and 16 hexadecimal digits';

/** Parses one; numbers are decimal and must fit their field. */
export function parseExtendedCommunity(text: string): Result<bigint, string> {
  if (/^0x[0-9a-fA-F]{16}$/.test(text)) return ok(BigInt(text));
  const bad = err(`"${text}" is no extended community: write ${FORM}`);
  const [, name = '', administrator = '', number = ''] = /^([a-z]+):([^:]+):(0|[1-9][0-9]{0,9})$/.exec(text) ?? [];
  const subtype = Object.hasOwn(SUBTYPES, name) ? SUBTYPES[name] : undefined;
  if (subtype === undefined) return bad;
  const value = BigInt(number);
  if (administrator.includes('.')) {
    const ip = parseIp(administrator);
    return ip.ok && value <= 0xffffn ? ok(packed(IPV4_ADDRESS, subtype, ip.value.value, value, 16n)) : bad;
  }
  if (!/^(?:0|[1-9][0-9]{0,9})$/.test(administrator)) return bad;
  const asn = BigInt(administrator);
  if (asn <= 0xffffn && value <= 0xffff_ffffn) return ok(packed(TWO_OCTET_AS, subtype, asn, value, 32n));
  if (asn <= 0xffff_ffffn && asn > 0xffffn && value <= 0xffffn)
    return ok(packed(FOUR_OCTET_AS, subtype, asn, value, 16n));
  return err(
    `"${text}" has a number that does not fit: beside an AS above 65535 or an address it has 16 bits, else 32`,
  );
}

const packed = (type: bigint, subtype: bigint, administrator: bigint, value: bigint, bits: bigint): bigint =>
  (type << 56n) | (subtype << 48n) | (administrator << bits) | value;

/** The text that {@link parseExtendedCommunity} reads back to the same value. */
export function formatExtendedCommunity(community: bigint): string {
  const type = community >> 56n;
  const name = NAME_OF_SUBTYPE.get((community >> 48n) & 0xffn);
  const [wide, narrow] = [(community >> 16n) & 0xffff_ffffn, community & 0xffffn];
  if (name !== undefined && type === TWO_OCTET_AS)
    return `${name}:${(community >> 32n) & 0xffffn}:${community & 0xffff_ffffn}`;
  if (name !== undefined && type === IPV4_ADDRESS) return `${name}:${formatIp({ family: 4, value: wide })}:${narrow}`;
  // A four-octet AS that fits into two is another community than the one that the text would be read as.
  if (name !== undefined && type === FOUR_OCTET_AS && wide > 0xffffn) return `${name}:${wide}:${narrow}`;
  return `0x${community.toString(16).padStart(16, '0')}`;
}

/** Order of extended communities: by their octets. */
export const compareExtendedCommunity = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
