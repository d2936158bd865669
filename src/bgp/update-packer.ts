/**
 * Empties an Adj-RIB-Out into UPDATEs of at most 4096 octets (RFC 4271 section 4.3), each written where it will be sent from.
 *
 * One UPDATE carries only one of: withdrawn IPv4 routes, IPv4 NLRI, MP_REACH_NLRI, MP_UNREACH_NLRI (RFC 7606 section 5.1). The
 * multiprotocol attribute stands in front, the others follow ascending by type.
 */
import { type Ip, ipToBytes } from '../net/ip.ts';
import type { AdjRibOut } from './adj-rib-out.ts';
import { WITHDRAWALS } from './family-rib.ts';
import { AttributeFlag, OPTIONAL_NON_TRANSITIVE } from './packet/attribute.ts';
import { mpReach, mpUnreach } from './packet/attribute-mp.ts';
import { Afi, type Family, HEADER_LENGTH, MARKER_LENGTH, MAX_MESSAGE_LENGTH, MessageType } from './packet/constants.ts';
import type { EncodedAttributes, PackingContext } from './path-attributes.ts';
import type { RouteTables } from './route-tables.ts';

/** What one UPDATE did. */
export interface PackedUpdate {
  /** With its header. */
  readonly octets: number;
  readonly announced: number;
  readonly withdrawn: number;
}

/** An UPDATE up to the length of the withdrawn routes, its own length still zero. */
const BEGINNING = new Uint8Array(HEADER_LENGTH).fill(0xff, 0, MARKER_LENGTH);
BEGINNING[HEADER_LENGTH - 1] = MessageType.Update;
/** Flags, type and an extended length. */
const MP_HEADER = 4;
const NO_ATTRIBUTES = new Uint8Array(0);

/** Packs the routes of one family as one session sends them. */
export class UpdatePacker {
  /** IPv4 with an IPv4 next hop goes into the fields of RFC 4271, everything else into multiprotocol attributes. */
  readonly #classic: boolean;
  readonly #encoded: EncodedAttributes;
  readonly #tables: RouteTables;
  readonly #family: Family;
  /** The values of MP_REACH_NLRI and MP_UNREACH_NLRI up to the NLRI. */
  readonly #reach: Uint8Array;
  readonly #unreach: Uint8Array;

  constructor(tables: RouteTables, context: PackingContext, family: Family, nextHop: Ip) {
    this.#tables = tables;
    this.#family = family;
    this.#classic = family.afi === Afi.Ipv4 && nextHop.family === 4;
    this.#encoded = tables.encoded(context, this.#classic ? nextHop : null);
    const address = ipToBytes(nextHop);
    this.#unreach = unreachOf(family);
    this.#reach = new Uint8Array([...this.#unreach, address.length, ...address, 0]);
  }

  /**
   * Takes what fits into the next UPDATE out of the RIB; null when nothing of the family is pending.
   *
   * @param into - has at least 4096 octets from `at` on.
   */
  next(rib: AdjRibOut, into: Uint8Array, at: number): PackedUpdate | null {
    const routes = rib.family(this.#family);
    const bucket = routes.nextBucket;
    if (bucket === null) return null;
    const withdrawal = bucket === WITHDRAWALS;
    const attributes = withdrawal ? NO_ATTRIBUTES : this.#encoded.of(this.#tables.sets.of(bucket));
    const limit = at + MAX_MESSAGE_LENGTH;
    const body = at + HEADER_LENGTH;
    let end: number;
    let prefixes: number;
    if (!this.#classic) {
      const head = withdrawal ? this.#unreach : this.#reach;
      const value = body + 4 + MP_HEADER;
      into.set(head, value);
      const taken = routes.take(bucket, into, value + head.length, limit - attributes.length);
      prefixes = taken.prefixes;
      end = writeMpHeader(withdrawal ? mpUnreach.code : mpReach.code, into, body + 4, taken.end);
      into.set(attributes, end);
      end += attributes.length;
      writeU16(into, body, 0);
      writeU16(into, body + 2, end - body - 4);
    } else if (withdrawal) {
      const taken = routes.take(bucket, into, body + 2, limit - 2);
      prefixes = taken.prefixes;
      writeU16(into, body, taken.end - body - 2);
      writeU16(into, taken.end, 0);
      end = taken.end + 2;
    } else {
      writeU16(into, body, 0);
      writeU16(into, body + 2, attributes.length);
      into.set(attributes, body + 4);
      const taken = routes.take(bucket, into, body + 4 + attributes.length, limit);
      prefixes = taken.prefixes;
      end = taken.end;
    }
    finish(into, at, end);
    return { octets: end - at, announced: withdrawal ? 0 : prefixes, withdrawn: withdrawal ? prefixes : 0 };
  }
}

/** Writes the End-of-RIB marker of a family (RFC 4724 section 2); answers its octets. */
export function writeEndOfRib(family: Family, into: Uint8Array, at: number): number {
  const body = at + HEADER_LENGTH;
  let end = body + 4;
  writeU16(into, body, 0);
  if (family.afi !== Afi.Ipv4) {
    const head = unreachOf(family);
    into.set(head, end + MP_HEADER);
    end = writeMpHeader(mpUnreach.code, into, end, end + MP_HEADER + head.length);
  }
  writeU16(into, body + 2, end - body - 4);
  finish(into, at, end);
  return end - at;
}

const unreachOf = ({ afi, safi }: Family): Uint8Array => new Uint8Array([afi >> 8, afi & 0xff, safi]);

function writeU16(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 8;
  into[at + 1] = value;
}

/** Writes the header of the message between `at` and `end`. */
function finish(into: Uint8Array, at: number, end: number): void {
  into.set(BEGINNING, at);
  writeU16(into, at + MARKER_LENGTH, end - at);
}

/**
 * Writes the header of the attribute whose value lies from `at + MP_HEADER` up to `end`; answers the end.
 *
 * RFC 4271 section 4.3: the extended length only where it is needed. A short value moves up an octet.
 */
function writeMpHeader(code: number, into: Uint8Array, at: number, end: number): number {
  const length = end - at - MP_HEADER;
  into[at + 1] = code;
  if (length > 255) {
    into[at] = OPTIONAL_NON_TRANSITIVE | AttributeFlag.ExtendedLength;
    writeU16(into, at + 2, length);
    return end;
  }
  into[at] = OPTIONAL_NON_TRANSITIVE;
  into[at + 2] = length;
  into.copyWithin(at + MP_HEADER - 1, at + MP_HEADER, end);
  return end - 1;
}
