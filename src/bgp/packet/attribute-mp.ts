/**
 * MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760, RFC 2545).
 *
 * Plain prefixes are read for the families that were negotiated. Any other family is an envelope: its bytes are kept and nothing in
 * them is looked at, so that what we did not ask for cannot cost the session.
 */
import { type Ip, ipFromBytes, ipToBytes, isLinkLocal } from '../../net/ip.ts';
import { type ByteReader, TruncatedError } from '../../wire/reader.ts';
import type { ByteWriter } from '../../wire/writer.ts';
import { AttributeError, attributeCodec, OPTIONAL_NON_TRANSITIVE, type UpdateContext } from './attribute.ts';
import { type Family, sameFamily, UpdateSubcode } from './constants.ts';
import { decodePrefixes, encodeNlri, hasPathIds, ipFamilyOf, type Nlri, NlriError } from './nlri.ts';

/** Routes of a family with their next hop; of a family that was not negotiated the octets. */
export type MpReach =
  | {
      readonly family: Family;
      readonly nextHop: Ip;
      /** The second address of a 32-octet next hop (RFC 2545 section 3). */
      readonly linkLocal: Ip | null;
      readonly prefixes: readonly Nlri[];
      readonly opaque?: never;
    }
  | { readonly family: Family; readonly opaque: Uint8Array; readonly prefixes?: never };

/** Withdrawn routes of a family; of a family that was not negotiated the octets. */
export type MpUnreach =
  | { readonly family: Family; readonly prefixes: readonly Nlri[]; readonly opaque?: never }
  | { readonly family: Family; readonly opaque: Uint8Array; readonly prefixes?: never };

/** MP_REACH_NLRI. */
export const mpReach = attributeCodec<'MP_REACH_NLRI', MpReach>({
  name: 'MP_REACH_NLRI',
  code: 14,
  category: OPTIONAL_NON_TRANSITIVE,
  // RFC 7606 section 7.11 allows no milder answer: which routes were meant cannot be known.
  onMalformed: () => 'session-reset',
  decode: optionalAttribute((r, context) => {
    const family = decodeFamily(r);
    const ipFamily = ipFamilyOf(family);
    if (ipFamily === null || !negotiated(family, context)) return { family, opaque: r.rest().slice() };
    const addresses = r.bytes(r.u8());
    r.u8(); // reserved
    const { nextHop, linkLocal } = decodeNextHop(addresses);
    return { family, nextHop, linkLocal, prefixes: decodePrefixes(r, ipFamily, hasPathIds(family, context)) };
  }),
  encode(w, value) {
    encodeFamily(w, value.family);
    if (value.prefixes === undefined) {
      w.bytes(value.opaque);
      return;
    }
    encodeNextHop(w, value.nextHop, value.linkLocal);
    for (const prefix of value.prefixes) encodeNlri(w, prefix);
  },
});

/** MP_UNREACH_NLRI. */
export const mpUnreach = attributeCodec<'MP_UNREACH_NLRI', MpUnreach>({
  name: 'MP_UNREACH_NLRI',
  code: 15,
  category: OPTIONAL_NON_TRANSITIVE,
  onMalformed: () => 'session-reset',
  decode: optionalAttribute((r, context) => {
    const family = decodeFamily(r);
    const ipFamily = ipFamilyOf(family);
    if (ipFamily === null || !negotiated(family, context)) return { family, opaque: r.rest().slice() };
    return { family, prefixes: decodePrefixes(r, ipFamily, hasPathIds(family, context)) };
  }),
  encode(w, value) {
    encodeFamily(w, value.family);
    if (value.prefixes === undefined) w.bytes(value.opaque);
    else for (const prefix of value.prefixes) encodeNlri(w, prefix);
  },
});

type Decode<T> = (r: ByteReader, context: UpdateContext) => T;

/** RFC 4760 section 7: whatever is wrong with these two attributes is an Optional Attribute Error. */
function optionalAttribute<T>(decode: Decode<T>): Decode<T> {
  return (r, context) => {
    try {
      return decode(r, context);
    } catch (error) {
      const what = error instanceof TruncatedError ? 'too short' : error instanceof NlriError ? error.message : null;
      throw what === null ? error : new AttributeError(what, UpdateSubcode.OptionalAttribute);
    }
  };
}

const negotiated = (family: Family, context: UpdateContext): boolean =>
  context.families.some((f) => sameFamily(f, family));

const decodeFamily = (r: ByteReader): Family => ({ afi: r.u16(), safi: r.u8() });

function encodeFamily(w: ByteWriter, family: Family): void {
  w.u16(family.afi);
  w.u8(family.safi);
}

/** Writes the length, the address or two, and the reserved octet. */
export function encodeNextHop(w: ByteWriter, nextHop: Ip, linkLocal: Ip | null): void {
  const addresses = linkLocal === null ? [nextHop] : [nextHop, linkLocal];
  w.u8(addresses.length * (nextHop.family === 4 ? 4 : 16));
  for (const address of addresses) w.bytes(ipToBytes(address));
  w.u8(0);
}

function decodeNextHop(bytes: Uint8Array): { nextHop: Ip; linkLocal: Ip | null } {
  if (bytes.length === 4 || bytes.length === 16) return { nextHop: ipFromBytes(bytes), linkLocal: null };
  if (bytes.length === 32) {
    const second = ipFromBytes(bytes.subarray(16));
    return { nextHop: ipFromBytes(bytes.subarray(0, 16)), linkLocal: isLinkLocal(second) ? second : null };
  }
  throw new AttributeError(`next hop of ${bytes.length} octets`, UpdateSubcode.OptionalAttribute);
}
