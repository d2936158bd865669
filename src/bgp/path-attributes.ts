/**
 * The path attributes that a session makes of an originator's wish (`route.ts`), encoded.
 *
 * The session adds what only it knows: ORIGIN, AS_PATH, NEXT_HOP, and whether LOCAL_PREF may be sent at all. Sessions that know the same
 * share one encoding of each attribute set.
 */
import { bitsOf, type Ip } from '../net/ip.ts';
import { ByteWriter } from '../wire/writer.ts';
import type { AttributeSet } from './attribute-sets.ts';
import type { UpdateContext } from './packet/attribute.ts';
import type { AsPath } from './packet/attribute-as-path.ts';
import type { PathAttribute } from './packet/attribute-registry.ts';
import { HEADER_LENGTH, MAX_MESSAGE_LENGTH } from './packet/constants.ts';
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

/** Those that most routes of a session have in common. */
function leading(asPathPrepend: number, context: PackingContext, nextHop: Ip | null): PathAttribute[] {
  const attributes = [known('ORIGIN', 'igp'), known('AS_PATH', asPath(asPathPrepend, context))];
  if (nextHop !== null) attributes.push(known('NEXT_HOP', nextHop));
  return attributes;
}

function following(wish: RouteAttributes, context: PackingContext): PathAttribute[] {
  const attributes: PathAttribute[] = [];
  if (wish.med !== null) attributes.push(known('MULTI_EXIT_DISC', wish.med));
  if (context.internal) attributes.push(known('LOCAL_PREF', wish.localPref ?? DEFAULT_LOCAL_PREF));
  if (wish.communities.length > 0) attributes.push(known('COMMUNITIES', wish.communities));
  const extended = wish.extendedCommunities ?? [];
  if (extended.length > 0) attributes.push(known('EXTENDED_COMMUNITIES', extended));
  // RFC 6793 section 4.2.2: only where AS_TRANS stands for somebody.
  if (!context.fourOctetAs && !context.internal && context.localAsn > 0xffff)
    attributes.push(known('AS4_PATH', asPath(wish.asPathPrepend, context)));
  if (wish.largeCommunities.length > 0) attributes.push(known('LARGE_COMMUNITY', wish.largeCommunities));
  return attributes;
}

function asPath(asPathPrepend: number, context: PackingContext): AsPath {
  if (context.internal) return [];
  const times = Math.min(1 + asPathPrepend, MAX_SEGMENT);
  return [{ type: 'AS_SEQUENCE', asns: new Array<number>(times).fill(context.localAsn) }];
}

/** Attribute sets whose encoding is remembered: as many as peers that read at their own pace are apart from each other. */
const REMEMBERED = 4_096;

/** The encoded path attributes of one context and next hop. */
export class EncodedAttributes {
  readonly #context: PackingContext;
  readonly #nextHop: Ip | null;
  readonly #writer = new ByteWriter(MAX_MESSAGE_LENGTH);
  /** The leading attributes by how often our AS is prepended. */
  readonly #leading = new Map<number, Uint8Array>();
  /** Sets with neighbouring numbers lie beside each other; one that comes to a taken place takes it over. */
  readonly #remembered: ({ readonly set: AttributeSet; readonly bytes: Uint8Array } | undefined)[] = [];

  /** @param nextHop - for NEXT_HOP; null where MP_REACH_NLRI has it. */
  constructor(context: PackingContext, nextHop: Ip | null) {
    this.#context = context;
    this.#nextHop = nextHop;
  }

  /** The attributes of this set; not to be written to. */
  of(set: AttributeSet): Uint8Array {
    const place = set.id % REMEMBERED;
    const there = this.#remembered[place];
    // By the object: its number may have been another set's when this was encoded.
    if (there?.set === set) return there.bytes;
    const bytes = this.#encode(set.attributes);
    while (this.#remembered.length < place) this.#remembered.push(undefined);
    this.#remembered[place] = { set, bytes };
    return bytes;
  }

  #encode(wish: RouteAttributes): Uint8Array {
    const w = this.#writer;
    let leads = this.#leading.get(wish.asPathPrepend);
    if (leads === undefined) {
      w.reset();
      for (const attribute of leading(wish.asPathPrepend, this.#context, this.#nextHop))
        encodeAttribute(w, attribute, this.#context);
      leads = w.toBytes();
      this.#leading.set(wish.asPathPrepend, leads);
    }
    w.reset();
    w.bytes(leads);
    for (const attribute of following(wish, this.#context)) encodeAttribute(w, attribute, this.#context);
    return w.toBytes();
  }
}

/** Leaves room for MP_REACH_NLRI (its head, a next hop of two addresses) and one prefix. */
const MAX_ATTRIBUTES = MAX_MESSAGE_LENGTH - HEADER_LENGTH - 4 - 4 - (3 + 1 + 32 + 1) - (1 + bitsOf(6) / 8);
/** ORIGIN, NEXT_HOP, MED, LOCAL_PREF and the heads of the lists, generously. */
const FIXED_ATTRIBUTES = 64;

/** Whether a prefix with these attributes fits into an UPDATE at all: some thousand communities would not. */
export function fitsIntoUpdate(wish: RouteAttributes): boolean {
  const path = 2 * 4 * Math.min(1 + wish.asPathPrepend, MAX_SEGMENT);
  const extended = 8 * (wish.extendedCommunities?.length ?? 0);
  const lists = 4 * wish.communities.length + 12 * wish.largeCommunities.length + extended;
  return FIXED_ATTRIBUTES + path + lists <= MAX_ATTRIBUTES;
}
