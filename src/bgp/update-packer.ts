/**
 * Empties an Adj-RIB-Out into UPDATEs of at most 4096 octets (RFC 4271 section 4.3).
 *
 * One UPDATE carries only one of: withdrawn IPv4 routes, IPv4 NLRI, MP_REACH_NLRI, MP_UNREACH_NLRI (RFC 7606 section 5.1). Path attributes are
 * encoded once per bucket and session, ascending by type, with the multiprotocol one in front of them.
 */
import { bitsOf, type Ip } from '../net/ip.ts';
import type { Prefix } from '../net/prefix.ts';
import { ByteWriter } from '../wire/writer.ts';
import type { AdjRibOut, Bucket } from './adj-rib-out.ts';
import { AttributeFlag, OPTIONAL_NON_TRANSITIVE, type UpdateContext } from './packet/attribute.ts';
import type { AsPath } from './packet/attribute-as-path.ts';
import { encodeNextHop, mpReach, mpUnreach } from './packet/attribute-mp.ts';
import type { PathAttribute } from './packet/attribute-registry.ts';
import { Afi, type Family, HEADER_LENGTH, MAX_MESSAGE_LENGTH, MessageType } from './packet/constants.ts';
import { beginMessage, endMessage } from './packet/message.ts';
import { encodePrefix, prefixLengthOnWire } from './packet/nlri.ts';
import { encodeAttribute, known } from './packet/update.ts';
import type { RouteAttributes } from './route.ts';

/** What a session knows and the originator does not. */
export interface PackingContext extends UpdateContext {
  readonly localAsn: number;
}

/** RFC 4271 section 9.1.1: what a router takes where nothing was said. Always sent to internal peers (section 5.1.5). */
const DEFAULT_LOCAL_PREF = 100;
/** A segment of AS_PATH counts its AS numbers in one octet. */
const MAX_SEGMENT = 255;

/** The path attributes of a route, without what a family adds (NEXT_HOP, MP_REACH_NLRI), ascending by type. */
export function pathAttributes(wish: RouteAttributes, context: PackingContext, nextHop: Ip | null): PathAttribute[] {
  const times = Math.min(1 + wish.asPathPrepend, MAX_SEGMENT);
  const asns = new Array<number>(times).fill(context.localAsn);
  const path: AsPath = context.internal ? [] : [{ type: 'AS_SEQUENCE', asns }];
  const attributes = [known('ORIGIN', 'igp'), known('AS_PATH', path)];
  if (nextHop !== null) attributes.push(known('NEXT_HOP', nextHop));
  if (wish.med !== null) attributes.push(known('MULTI_EXIT_DISC', wish.med));
  if (context.internal) attributes.push(known('LOCAL_PREF', wish.localPref ?? DEFAULT_LOCAL_PREF));
  if (wish.communities.length > 0) attributes.push(known('COMMUNITIES', wish.communities));
  // RFC 6793 section 4.2.2: only where AS_TRANS stands for somebody.
  if (!context.fourOctetAs && !context.internal && context.localAsn > 0xffff) attributes.push(known('AS4_PATH', path));
  if (wish.largeCommunities.length > 0) attributes.push(known('LARGE_COMMUNITY', wish.largeCommunities));
  return attributes;
}

/** What one UPDATE did. */
export interface PackedUpdate {
  /** A view of the packer's buffer, valid until the next UPDATE. */
  readonly bytes: Uint8Array;
  readonly announced: number;
  readonly withdrawn: number;
}

/** Packs the UPDATEs of one session. Its buffers are reused from message to message. */
export class UpdatePacker {
  readonly #context: PackingContext;
  readonly #message = new ByteWriter(MAX_MESSAGE_LENGTH);
  readonly #nlri = new ByteWriter(MAX_MESSAGE_LENGTH);
  readonly #attributes = new ByteWriter(MAX_MESSAGE_LENGTH);
  /** The bucket whose path attributes lie in {@link #attributes}. */
  #encoded: Bucket | null = null;

  constructor(context: PackingContext) {
    this.#context = context;
  }

  /** Takes what fits into the next UPDATE of this family out of the RIB; null when nothing of the family is pending. */
  next(rib: AdjRibOut, family: Family, nextHop: Ip): PackedUpdate | null {
    const bucket = rib.nextBucket(family);
    if (bucket === null) return null;
    const classic = family.afi === Afi.Ipv4 && nextHop.family === 4;
    const attributes = bucket.set === null ? NOTHING : this.#attributesOf(bucket, classic ? nextHop : null);
    this.#nlri.reset();
    if (!classic) this.#beginMp(family, bucket.set === null ? null : nextHop);
    const overhead = classic ? 0 : MP_HEADER;
    const room = MAX_MESSAGE_LENGTH - HEADER_LENGTH - 4 - overhead - attributes.length;
    let count = 0;
    for (let head = bucket.head; head !== null && this.#fits(head, room); head = bucket.head) {
      encodePrefix(this.#nlri, head);
      rib.take(bucket);
      count++;
    }
    const bytes = this.#assemble(classic, bucket.set === null, attributes);
    return bucket.set === null ? { bytes, announced: 0, withdrawn: count } : { bytes, announced: count, withdrawn: 0 };
  }

  /** The End-of-RIB marker of a family (RFC 4724 section 2). */
  endOfRib(family: Family): Uint8Array {
    this.#nlri.reset();
    if (family.afi !== Afi.Ipv4) this.#beginMp(family, null);
    return this.#assemble(family.afi === Afi.Ipv4, true, NOTHING);
  }

  #fits(prefix: Prefix, room: number): boolean {
    return this.#nlri.length + prefixLengthOnWire(prefix) <= room;
  }

  /** The head of MP_REACH_NLRI, or without a next hop that of MP_UNREACH_NLRI. */
  #beginMp(family: Family, nextHop: Ip | null): void {
    this.#nlri.u16(family.afi);
    this.#nlri.u8(family.safi);
    if (nextHop !== null) encodeNextHop(this.#nlri, nextHop, null);
  }

  #assemble(classic: boolean, withdrawal: boolean, attributes: Uint8Array): Uint8Array {
    const w = this.#message;
    const nlri = this.#nlri.view();
    w.reset();
    const start = beginMessage(w, MessageType.Update);
    if (classic && withdrawal) {
      w.u16(nlri.length);
      w.bytes(nlri);
      w.u16(0);
    } else {
      w.u16(0);
      const at = w.skip(2);
      if (!classic) writeMp(w, withdrawal ? mpUnreach.code : mpReach.code, nlri);
      w.bytes(attributes);
      w.patchU16(at, w.length - at - 2);
      if (classic) w.bytes(nlri);
    }
    endMessage(w, start);
    return w.view();
  }

  #attributesOf(bucket: Bucket, nextHop: Ip | null): Uint8Array {
    const w = this.#attributes;
    if (this.#encoded !== bucket) {
      w.reset();
      this.#encoded = bucket;
      const wish = bucket.set?.attributes;
      const attributes = wish === undefined ? [] : pathAttributes(wish, this.#context, nextHop);
      for (const attribute of attributes) encodeAttribute(w, attribute, this.#context);
    }
    return w.view();
  }
}

const NOTHING = new Uint8Array(0);
/** Flags, type and an extended length. */
const MP_HEADER = 4;

function writeMp(w: ByteWriter, code: number, value: Uint8Array): void {
  const extended = value.length > 255;
  w.u8(extended ? OPTIONAL_NON_TRANSITIVE | AttributeFlag.ExtendedLength : OPTIONAL_NON_TRANSITIVE);
  w.u8(code);
  if (extended) w.u16(value.length);
  else w.u8(value.length);
  w.bytes(value);
}

/** Leaves room for MP_REACH_NLRI with a next hop of two addresses and one prefix. */
const MAX_ATTRIBUTES = MAX_MESSAGE_LENGTH - HEADER_LENGTH - 4 - MP_HEADER - (3 + 1 + 32 + 1) - (1 + bitsOf(6) / 8);
/** ORIGIN, NEXT_HOP, MED, LOCAL_PREF and the heads of the lists, generously. */
const FIXED_ATTRIBUTES = 64;

/** Whether a prefix with these attributes fits into an UPDATE at all: some thousand communities would not. */
export function fitsIntoUpdate(wish: RouteAttributes): boolean {
  const path = 2 * 4 * Math.min(1 + wish.asPathPrepend, MAX_SEGMENT);
  return FIXED_ATTRIBUTES + path + 4 * wish.communities.length + 12 * wish.largeCommunities.length <= MAX_ATTRIBUTES;
}
