/**
 * The path attributes of an UPDATE (RFC 4271 section 4.3): flags, lengths, order and repetition, which are the same for all of them, judged by
 * RFC 7606. Values are their codecs' to read (`attribute-registry.ts`).
 */
import { ByteReader, TruncatedError } from '../../wire/reader.ts';
import { ByteWriter } from '../../wire/writer.ts';
import {
  AttributeError,
  AttributeFlag,
  type ErrorAction,
  OPTIONAL_TRANSITIVE,
  type UpdateContext,
} from './attribute.ts';
import { type AnyAttributeCodec, codecOf, type KnownAttribute, type PathAttribute } from './attribute-registry.ts';
import { UpdateSubcode } from './constants.ts';
import type { UpdateError, UpdateReset } from './update-error.ts';

/** The path attributes of one UPDATE, each read, judged by itself, and put where it belongs. */
export class AttributeList {
  readonly attributes: PathAttribute[] = [];
  readonly errors: UpdateError[] = [];
  /** What the session has to be reset for. Reading goes on, for whoever wants to see the rest. */
  readonly resets: UpdateReset[] = [];
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
      return;
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

  #reset(raw: RawAttribute, subcode: number, message: string): void {
    // Section 6.3: the data of these NOTIFICATIONs is the attribute, type, length and value; but for a malformed list, which has none.
    const quoted = subcode === UpdateSubcode.MalformedAttributeList ? {} : { quoted: onWire(raw) };
    this.resets.push({ attribute: raw.code, subcode, message, data: raw.value.slice(), ...quoted });
  }
}

/** An attribute as it came. */
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

/** Writes an attribute with its header; the extended length is used only where the value needs it. */
export function encodeRaw(w: ByteWriter, code: number, flags: number, value: Uint8Array): void {
  const extended = value.length > 255;
  w.u8(extended ? flags | AttributeFlag.ExtendedLength : flags);
  w.u8(code);
  if (extended) w.u16(value.length);
  else w.u8(value.length);
  w.bytes(value);
}
