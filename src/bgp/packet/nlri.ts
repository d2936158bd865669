/**
 * NLRI of the IP families (RFC 4271 section 4.3, RFC 4760 section 5): a length in bits and as many octets as that needs.
 *
 * Bits after the prefix are ignored on receipt and zero when sent. Path identifiers (RFC 7911) are read where the context says that they
 * are there, which no session of ours ever negotiates: it is for those who decode what others say to each other.
 */
import { bitsOf, type IpFamily } from '../../net/ip.ts';
import { type Prefix, prefixOf } from '../../net/prefix.ts';
import type { ByteReader } from '../../wire/reader.ts';
import type { ByteWriter } from '../../wire/writer.ts';
import { Afi, type Family, Safi, sameFamily } from './constants.ts';

/** A prefix that cannot be: its length is beyond the family's, or it overruns its field. Codecs choose the answer. */
export class NlriError extends Error {
  override readonly name = 'NlriError';
}

/** A prefix as NLRI carry it. */
export interface Nlri extends Prefix {
  /** Tells paths to one prefix apart (RFC 7911 section 3); absent where the session has no such identifiers. */
  readonly pathId?: number;
}

/** Whether NLRI of this family carry path identifiers. */
export const hasPathIds = (family: Family, context: { readonly addPath?: readonly Family[] }): boolean =>
  context.addPath?.some((f) => sameFamily(f, family)) ?? false;

/** The IP family of a unicast or multicast AFI/SAFI; null where NLRI are no plain prefixes. */
export function ipFamilyOf(family: Family): IpFamily | null {
  if (family.safi !== Safi.Unicast && family.safi !== Safi.Multicast) return null;
  return family.afi === Afi.Ipv4 ? 4 : family.afi === Afi.Ipv6 ? 6 : null;
}

/**
 * Decodes prefixes up to the end of the reader.
 *
 * @throws {NlriError}
 */
export function decodePrefixes(r: ByteReader, family: IpFamily, pathIds: boolean): Nlri[] {
  const prefixes: Nlri[] = [];
  while (r.remaining > 0) {
    if (!pathIds) {
      prefixes.push(decodePrefix(r, family));
      continue;
    }
    if (r.remaining < 5) throw new NlriError(`path identifier and prefix with ${r.remaining} octet(s) left`);
    const pathId = r.u32();
    prefixes.push({ pathId, ...decodePrefix(r, family) });
  }
  return prefixes;
}

function decodePrefix(r: ByteReader, family: IpFamily): Prefix {
  const length = r.u8();
  const bits = bitsOf(family);
  if (length > bits) throw new NlriError(`prefix length ${length} of an IPv${family} prefix`);
  const octets = (length + 7) >> 3;
  if (octets > r.remaining) throw new NlriError(`prefix of ${octets} octet(s) with ${r.remaining} left`);
  if (family === 4) {
    let value = 0;
    for (let i = 0; i < 4; i++) value = value * 256 + (i < octets ? r.u8() : 0);
    return prefixOf({ family, value: BigInt(value) }, length);
  }
  let value = 0n;
  for (let i = 0; i < octets; i++) value = (value << 8n) | BigInt(r.u8());
  return prefixOf({ family, value: value << BigInt(bits - octets * 8) }, length);
}

/** Writes a prefix, behind its path identifier where it has one. */
export function encodeNlri(w: ByteWriter, nlri: Nlri): void {
  if (nlri.pathId !== undefined) w.u32(nlri.pathId);
  encodePrefix(w, nlri);
}

/** Writes the length and the octets that it needs; host bits are zero by the contract of {@link Prefix}. */
export function encodePrefix(w: ByteWriter, prefix: Prefix): void {
  w.u8(prefix.length);
  const octets = (prefix.length + 7) >> 3;
  const { family, value } = prefix.address;
  if (family === 4) {
    const n = Number(value);
    if (octets === 4) w.u32(n);
    else for (let i = 0; i < octets; i++) w.u8((n >>> (24 - 8 * i)) & 0xff);
    return;
  }
  // 32 bits at a time: BigInt arithmetic per octet would dominate a dump of the table.
  for (let word = 0; word * 4 < octets; word++) {
    const n = Number((value >> BigInt(96 - 32 * word)) & 0xffff_ffffn);
    const left = octets - word * 4;
    if (left >= 4) w.u32(n);
    else for (let i = 0; i < left; i++) w.u8((n >>> (24 - 8 * i)) & 0xff);
  }
}
