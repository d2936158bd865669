/**
 * UPDATE (RFC 4271 section 4.3) with the revised error handling of RFC 7606.
 *
 * Three outcomes: a {@link ProtocolError} where the session has to be reset (the parts of the message cannot be told apart, or NLRI
 * cannot be read); errors of a milder class listed beside the message as far as it was understood; or no errors. What a milder class
 * does to the routes is `update-routes.ts`'s to say.
 *
 * Loops (our own AS in AS_PATH, RFC 4271 section 9.1.2) are no error of the message and are not looked for here.
 */
import type { IpFamily } from '../../net/ip.ts';
import type { Prefix } from '../../net/prefix.ts';
import { ByteReader, TruncatedError } from '../../wire/reader.ts';
import { ByteWriter } from '../../wire/writer.ts';
import {
  AttributeError,
  AttributeFlag,
  type ErrorAction,
  OPTIONAL_TRANSITIVE,
  type UpdateContext,
} from './attribute.ts';
import {
  type AnyAttributeCodec,
  type AttributeName,
  codecNamed,
  codecOf,
  type KnownAttribute,
  type PathAttribute,
  type ValueOf,
} from './attribute-registry.ts';
import { ErrorCode, UpdateSubcode } from './constants.ts';
import { decodePrefixes, encodePrefix, NlriError } from './nlri.ts';
import { decodeOrAnswer, notification, ProtocolError } from './notification.ts';

/** An UPDATE as it stands on the wire; `update-routes.ts` says what it does. */
export interface Update {
  /** The field WITHDRAWN ROUTES: IPv4 unicast. */
  readonly withdrawn: readonly Prefix[];
  /** In the order of the wire, each type once. */
  readonly attributes: readonly PathAttribute[];
  /** The field NLRI: IPv4 unicast. */
  readonly nlri: readonly Prefix[];
}

/** Something wrong with an UPDATE that does not end the session (RFC 7606 section 2). */
export interface UpdateError {
  readonly action: Exclude<ErrorAction, 'session-reset'>;
  /** The attribute's type code; null when it is not known whose bytes they were. */
  readonly attribute: number | null;
  /** What RFC 4271 section 6.3 calls it. */
  readonly subcode: number;
  readonly message: string;
  /** The attribute as received, for the log (RFC 7606 section 8). */
  readonly data: Uint8Array;
}

/** An UPDATE with what was wrong with it. */
export interface DecodedUpdate {
  readonly update: Update;
  readonly errors: readonly UpdateError[];
}

/**
 * Decodes the body of an UPDATE.
 *
 * @throws {ProtocolError} where RFC 7606 leaves nothing but to reset the session.
 */
export function decodeUpdate(r: ByteReader, context: UpdateContext): DecodedUpdate {
  return decodeOrAnswer(
    'bad UPDATE',
    () => notification(ErrorCode.UpdateMessage, UpdateSubcode.MalformedAttributeList),
    () => {
      const withdrawn = prefixes(r.sub(r.u16()), 4);
      const list = new AttributeList(r.sub(r.u16()), context);
      const nlri = prefixes(r, 4);
      const update = { withdrawn, attributes: list.attributes, nlri };
      return { update, errors: judge(update, list.errors) };
    },
  );
}

function prefixes(r: ByteReader, family: IpFamily): Prefix[] {
  try {
    return decodePrefixes(r, family);
  } catch (cause) {
    if (!(cause instanceof NlriError)) throw cause;
    const answer = notification(ErrorCode.UpdateMessage, UpdateSubcode.InvalidNetworkField);
    throw new ProtocolError(`bad UPDATE: ${cause.message}`, answer, { cause });
  }
}

/** The path attributes of one UPDATE, each read, judged by itself, and put where it belongs. */
class AttributeList {
  readonly attributes: PathAttribute[] = [];
  readonly errors: UpdateError[] = [];
  readonly #context: UpdateContext;
  readonly #seen = new Set<number>();

  constructor(r: ByteReader, context: UpdateContext) {
    this.#context = context;
    while (r.remaining > 0 && this.#one(r));
  }

  /** Reads one attribute; false when the rest of the list cannot be told apart (RFC 7606 section 4). */
  #one(r: ByteReader): boolean {
    if (r.remaining < 2) return this.#overrun(null, r.rest());
    const flags = r.u8();
    const code = r.u8();
    const lengthSize = flags & AttributeFlag.ExtendedLength ? 2 : 1;
    if (r.remaining < lengthSize) return this.#overrun(code, r.rest());
    const length = lengthSize === 2 ? r.u16() : r.u8();
    if (length > r.remaining) return this.#overrun(code, r.rest());
    const value = r.bytes(length);
    const attribute = { code, flags: flags & 0xe0, value };
    if (this.#seen.has(code)) this.#duplicate(attribute);
    else {
      this.#seen.add(code);
      const codec = codecOf(code);
      if (codec === undefined) this.#unknown(attribute);
      else this.#known(codec, attribute);
    }
    return true;
  }

  #known(codec: AnyAttributeCodec, raw: RawAttribute): void {
    // RFC 7606 section 3c; the partial bit belongs to optional transitive attributes alone (RFC 4271 section 4.3).
    const partial = codec.category === OPTIONAL_TRANSITIVE ? AttributeFlag.Partial : 0;
    if ((raw.flags & ~partial) !== codec.category) {
      this.#fail(
        raw,
        'treat-as-withdraw',
        UpdateSubcode.AttributeFlags,
        `${codec.name}: flags 0x${raw.flags.toString(16)}`,
      );
    }
    if (codec.accepted?.(this.#context) === false) {
      this.#fail(
        raw,
        'attribute-discard',
        UpdateSubcode.OptionalAttribute,
        `${codec.name} means nothing on this session`,
      );
      return;
    }
    const r = new ByteReader(raw.value);
    try {
      const value = codec.decode(r, this.#context);
      if (r.remaining > 0) throw new AttributeError(`${r.remaining} octet(s) too long`, UpdateSubcode.AttributeLength);
      this.attributes.push({ type: codec.name, flags: raw.flags, value } as KnownAttribute);
      const wrong = codec.validate?.(value) ?? null;
      if (wrong !== null) throw wrong;
    } catch (error) {
      const what =
        error instanceof TruncatedError ? 'too short' : error instanceof AttributeError ? error.message : null;
      if (what === null) throw error;
      const subcode = error instanceof AttributeError ? error.subcode : UpdateSubcode.AttributeLength;
      this.#fail(raw, codec.onMalformed(this.#context), subcode, `${codec.name}: ${what}`);
    }
  }

  #unknown(raw: RawAttribute): void {
    if ((raw.flags & AttributeFlag.Optional) === 0) {
      // RFC 4271 section 6.3: a well-known attribute that we do not know.
      this.#reset(raw, UpdateSubcode.UnrecognizedWellKnown, `well-known attribute ${raw.code} is not known`);
    }
    this.attributes.push({ type: 'unknown', code: raw.code, flags: raw.flags, value: raw.value.slice() });
  }

  /** RFC 7606 section 3g: the first counts, except where two lists of routes contradict each other. */
  #duplicate(raw: RawAttribute): void {
    const name = codecOf(raw.code)?.name ?? `attribute ${raw.code}`;
    const twice = `${name} occurs twice`;
    if (name === 'MP_REACH_NLRI' || name === 'MP_UNREACH_NLRI') {
      this.#reset(raw, UpdateSubcode.MalformedAttributeList, twice);
    }
    this.#fail(raw, 'attribute-discard', UpdateSubcode.MalformedAttributeList, twice);
  }

  #overrun(code: number | null, data: Uint8Array): false {
    this.errors.push({
      action: 'treat-as-withdraw',
      attribute: code,
      subcode: UpdateSubcode.MalformedAttributeList,
      message: 'an attribute overruns the list of attributes',
      data: data.slice(),
    });
    return false;
  }

  #fail(raw: RawAttribute, action: ErrorAction, subcode: number, message: string): void {
    if (action === 'session-reset') this.#reset(raw, subcode, message);
    else this.errors.push({ action, attribute: raw.code, subcode, message, data: raw.value.slice() });
  }

  #reset(raw: RawAttribute, subcode: number, message: string): never {
    // Section 6.3: the data of these NOTIFICATIONs is the attribute, type, length and value; but for a malformed list, which has none.
    const data = subcode === UpdateSubcode.MalformedAttributeList ? undefined : onWire(raw);
    throw new ProtocolError(`bad UPDATE: ${message}`, notification(ErrorCode.UpdateMessage, subcode, data));
  }
}

interface RawAttribute {
  readonly code: number;
  readonly flags: number;
  readonly value: Uint8Array;
}

function onWire(raw: RawAttribute): Uint8Array {
  const w = new ByteWriter(raw.value.length + 4);
  encodeRaw(w, raw.code, raw.flags, raw.value);
  return w.toBytes();
}

const DISCARD = 'attribute-discard' as const;

/** What can be said only of the message as a whole. */
function judge(update: Update, errors: readonly UpdateError[]): readonly UpdateError[] {
  const reach = attributeOf(update, 'MP_REACH_NLRI');
  const announces = update.nlri.length > 0 || reach !== undefined;
  // RFC 4760 section 3: beside MP_REACH_NLRI alone, NEXT_HOP is to be ignored, whatever it says.
  const found = errors.map((e) => (e.attribute === 3 && update.nlri.length === 0 ? { ...e, action: DISCARD } : e));
  if (update.nlri.length > 0 || (reach?.prefixes ?? []).length > 0) {
    const mandatory: AttributeName[] = ['ORIGIN', 'AS_PATH'];
    if (update.nlri.length > 0) mandatory.push('NEXT_HOP');
    for (const name of mandatory) {
      const { code } = codecNamed(name);
      if (attributeOf(update, name) !== undefined || errors.some((e) => e.attribute === code)) continue;
      // RFC 7606 section 3d
      found.push({
        action: 'treat-as-withdraw',
        attribute: code,
        subcode: UpdateSubcode.MissingWellKnown,
        message: `${name} is missing`,
        data: new Uint8Array([code]),
      });
    }
  }
  const withdraw = found.find((e) => e.action === 'treat-as-withdraw');
  if (withdraw !== undefined && !announces) {
    // RFC 7606 section 5.2: without NLRI there is nothing to withdraw, and perhaps it was the NLRI that could not be read.
    const answer = notification(ErrorCode.UpdateMessage, withdraw.subcode);
    throw new ProtocolError(`bad UPDATE: ${withdraw.message}, and no NLRI`, answer);
  }
  return found;
}

/** The value of one attribute, if the UPDATE has it. */
export function attributeOf<Name extends AttributeName>(update: Update, name: Name): ValueOf<Name> | undefined {
  for (const a of update.attributes) if (a.type === name) return a.value as ValueOf<Name> | undefined;
  return undefined;
}

/**
 * Encodes the body of an UPDATE, attributes in the order given.
 *
 * @throws {OverflowError} when it does not fit: the caller packs (`../update-packer.ts`).
 */
export function encodeUpdate(w: ByteWriter, update: Update, context: UpdateContext): void {
  const withdrawnAt = w.skip(2);
  for (const prefix of update.withdrawn) encodePrefix(w, prefix);
  w.patchU16(withdrawnAt, w.length - withdrawnAt - 2);
  const attributesAt = w.skip(2);
  for (const attribute of update.attributes) encodeAttribute(w, attribute, context);
  w.patchU16(attributesAt, w.length - attributesAt - 2);
  for (const prefix of update.nlri) encodePrefix(w, prefix);
}

/** Encodes one attribute with its header; the extended length is used only where the value needs it. */
export function encodeAttribute(w: ByteWriter, attribute: PathAttribute, context: UpdateContext): void {
  if (attribute.type === 'unknown') {
    encodeRaw(w, attribute.code, attribute.flags, attribute.value);
    return;
  }
  const codec = codecNamed(attribute.type);
  const start = w.length;
  w.u8(attribute.flags);
  w.u8(codec.code);
  w.u8(0);
  codec.encode(w, attribute.value, context);
  const length = w.length - start - 3;
  if (length <= 255) {
    w.patchU8(start + 2, length);
    return;
  }
  const value = w.view().slice(start + 3);
  w.rewind(start);
  encodeRaw(w, codec.code, attribute.flags, value);
}

function encodeRaw(w: ByteWriter, code: number, flags: number, value: Uint8Array): void {
  const extended = value.length > 255;
  w.u8(extended ? flags | AttributeFlag.ExtendedLength : flags);
  w.u8(code);
  if (extended) w.u16(value.length);
  else w.u8(value.length);
  w.bytes(value);
}

/** An attribute as this engine originates it: with the flags of its category. */
export function known<Name extends AttributeName>(type: Name, value: ValueOf<Name>): PathAttribute {
  return { type, flags: codecNamed(type).category, value } as KnownAttribute;
}
