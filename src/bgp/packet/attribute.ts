/**
 * What a path attribute codec is (RFC 4271 section 4.3, error classes of RFC 7606).
 *
 * One file holds one family of attributes; `attribute-registry.ts` lists them. A codec reads the value alone: flags, length and
 * duplicates are the same for all of them and are judged in `update.ts`.
 */
import type { ByteReader } from '../../wire/reader.ts';
import type { ByteWriter } from '../../wire/writer.ts';
import type { Family } from './constants.ts';

/** The bits of the flags octet. */
export const AttributeFlag = { Optional: 0x80, Transitive: 0x40, Partial: 0x20, ExtendedLength: 0x10 } as const;

/** The three categories that known attributes come in, as flags on the wire. */
export const WELL_KNOWN = AttributeFlag.Transitive;
/** Passed on by who does not know it. */
export const OPTIONAL_TRANSITIVE = AttributeFlag.Optional | AttributeFlag.Transitive;
/** Dropped by who does not know it. */
export const OPTIONAL_NON_TRANSITIVE = AttributeFlag.Optional;

/** RFC 7606 section 2. `session-reset` here means that no milder answer exists for the attribute. */
export type ErrorAction = 'session-reset' | 'afi-safi-disable' | 'treat-as-withdraw' | 'attribute-discard';

/** What a decoder has to know of the session that the bytes came over. */
export interface UpdateContext {
  /** Both sides announced the four-octet AS capability (RFC 6793). */
  readonly fourOctetAs: boolean;
  /** Whether the peer is of our own AS: LOCAL_PREF and the reflector's attributes mean something only then. */
  readonly internal: boolean;
  /** The families that were negotiated; NLRI of others are passed over. */
  readonly families: readonly Family[];
  /** The families whose NLRI carry path identifiers (RFC 7911). Absent: none. Sessions of ours never offer to receive them. */
  readonly addPath?: readonly Family[];
}

/** How one path attribute is read, judged and written. */
export interface AttributeCodec<Name extends string, Value> {
  readonly name: Name;
  readonly code: number;
  /** One of the three categories; a received attribute with other category bits is malformed (RFC 7606 section 3c). */
  readonly category: number;
  /** RFC 7606 section 7. */
  onMalformed(context: UpdateContext): ErrorAction;
  /** Whether the attribute means anything on this session; if not, it is discarded unread. Absent: always. */
  accepted?(context: UpdateContext): boolean;
  /**
   * @throws {AttributeError} for a value that cannot be.
   * @throws {TruncatedError} for a value that is too short.
   */
  decode(r: ByteReader, context: UpdateContext): Value;
  /** What is wrong with a value that could be read; the attribute is kept, its routes get what {@link onMalformed} says. */
  validate?(value: Value): AttributeError | null;
  encode(w: ByteWriter, value: Value, context: UpdateContext): void;
}

/** Keeps the literal name of a codec for the type of what it decodes. */
export const attributeCodec = <const Name extends string, Value>(
  codec: AttributeCodec<Name, Value>,
): AttributeCodec<Name, Value> => codec;

/** A malformed value. `subcode` is the UPDATE error subcode, should the session have to be reset for it. */
export class AttributeError extends Error {
  override readonly name = 'AttributeError';
  readonly subcode: number;
  /** Overrides what the codec says of itself. */
  readonly action: ErrorAction | undefined;
  constructor(message: string, subcode: number, action?: ErrorAction) {
    super(message);
    this.subcode = subcode;
    this.action = action;
  }
}
