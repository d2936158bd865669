/**
 * UPDATE (RFC 4271 section 4.3) with the revised error handling of RFC 7606.
 *
 * Three outcomes: an {@link UpdateResetError} where the session has to be reset (the parts of the message cannot be told apart, or NLRI
 * cannot be read); errors of a milder class listed beside the message as far as it was understood; or no errors. What a milder class
 * does to the routes is `update-routes.ts`'s to say.
 *
 * Loops (our own AS in AS_PATH, RFC 4271 section 9.1.2) are no error of the message and are not looked for here.
 */
import { ByteReader, TruncatedError } from '../../wire/reader.ts';
import type { ByteWriter } from '../../wire/writer.ts';
import type { UpdateContext } from './attribute.ts';
import { AttributeList, encodeRaw } from './attribute-list.ts';
import {
  type AttributeName,
  codecNamed,
  type KnownAttribute,
  type PathAttribute,
  type ValueOf,
} from './attribute-registry.ts';
import { IPV4_UNICAST, UpdateSubcode } from './constants.ts';
import { decodePrefixes, encodeNlri, hasPathIds, type Nlri, NlriError } from './nlri.ts';
import { type UpdateError, type UpdateReset, UpdateResetError } from './update-error.ts';

/** An UPDATE as it stands on the wire; `update-routes.ts` says what it does. */
export interface Update {
  /** The field WITHDRAWN ROUTES: IPv4 unicast. */
  readonly withdrawn: readonly Nlri[];
  /** In the order of the wire, each type once. */
  readonly attributes: readonly PathAttribute[];
  /** The field NLRI: IPv4 unicast. */
  readonly nlri: readonly Nlri[];
}

/** An UPDATE with what was wrong with it. */
export interface DecodedUpdate {
  readonly update: Update;
  readonly errors: readonly UpdateError[];
}

/**
 * Decodes the body of an UPDATE.
 *
 * @throws {UpdateResetError} where RFC 7606 leaves nothing but to reset the session.
 */
export function decodeUpdate(r: ByteReader, context: UpdateContext): DecodedUpdate {
  const fields = fieldsOf(r.rest());
  const resets: UpdateReset[] = [];
  const withdrawn = prefixes(fields.withdrawn, context, resets);
  const list = new AttributeList(new ByteReader(fields.attributes), context);
  resets.push(...list.resets);
  const nlri = prefixes(fields.nlri, context, resets);
  const update = { withdrawn, attributes: list.attributes, nlri };
  const errors = judge(update, list.errors, resets);
  // RFC 7606 section 3h: the strongest answer is the one.
  if (resets[0] !== undefined) throw new UpdateResetError(resets[0], { update, errors });
  return { update, errors };
}

/** RFC 7606 section 3a, section 4: where the two lengths do not fit into the message, nothing in it can be told apart. */
function fieldsOf(body: Uint8Array): Readonly<Record<'withdrawn' | 'attributes' | 'nlri', Uint8Array>> {
  const r = new ByteReader(body);
  try {
    const withdrawn = r.bytes(r.u16());
    const attributes = r.bytes(r.u16());
    return { withdrawn, attributes, nlri: r.rest() };
  } catch (error) {
    if (!(error instanceof TruncatedError)) throw error;
    const subcode = UpdateSubcode.MalformedAttributeList;
    const message = 'the lengths of its fields overrun the message';
    throw new UpdateResetError({ attribute: null, subcode, message, data: body.slice() }, null);
  }
}

function prefixes(field: Uint8Array, context: UpdateContext, resets: UpdateReset[]): Nlri[] {
  try {
    return decodePrefixes(new ByteReader(field), 4, hasPathIds(IPV4_UNICAST, context));
  } catch (error) {
    if (!(error instanceof NlriError)) throw error;
    const subcode = UpdateSubcode.InvalidNetworkField;
    resets.push({ attribute: null, subcode, message: error.message, data: field.slice() });
    return [];
  }
}

const DISCARD = 'attribute-discard' as const;

/** What can be said only of the message as a whole. */
function judge(update: Update, errors: readonly UpdateError[], resets: UpdateReset[]): readonly UpdateError[] {
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
    resets.push({ ...withdraw, message: `${withdraw.message}, and no NLRI` });
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
  for (const prefix of update.withdrawn) encodeNlri(w, prefix);
  w.patchU16(withdrawnAt, w.length - withdrawnAt - 2);
  const attributesAt = w.skip(2);
  for (const attribute of update.attributes) encodeAttribute(w, attribute, context);
  w.patchU16(attributesAt, w.length - attributesAt - 2);
  for (const prefix of update.nlri) encodeNlri(w, prefix);
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

/** An attribute as this engine originates it: with the flags of its category. */
export function known<Name extends AttributeName>(type: Name, value: ValueOf<Name>): PathAttribute {
  return { type, flags: codecNamed(type).category, value } as KnownAttribute;
}
