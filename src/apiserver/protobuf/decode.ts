/**
 * Bodies in Kubernetes' protobuf encoding, as JSON: `k8s\0`, then runtime.Unknown, which says the kind and holds the object.
 *
 * Some of kubectl's commands (`create deployment`, `auth can-i` …) send nothing else and do not fall back when it is refused. So it is read for the
 * kinds that they send (kinds/messages.ts); answers are always JSON, which they take. What is not understood is refused whole, never dropped.
 */
import { type Field, MESSAGES } from '../kinds/messages.ts';
import { ApiError } from '../status.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0');
const MAX_DEPTH = 32;

/** protobuf's wire types. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const UNKNOWN = new Map<number, Field>([
  [1, { name: 'typeMeta', shape: 'one', type: 'TypeMeta', zeroCounts: false }],
  [2, { name: 'raw', shape: 'one', type: 'raw', zeroCounts: false }],
  [3, { name: 'contentEncoding', shape: 'one', type: 's', zeroCounts: false }],
  [4, { name: 'contentType', shape: 'one', type: 's', zeroCounts: false }],
]);
const TYPE_META = new Map<number, Field>([
  [1, { name: 'apiVersion', shape: 'one', type: 's', zeroCounts: false }],
  [2, { name: 'kind', shape: 'one', type: 's', zeroCounts: false }],
]);

/** @throws ApiError 400 where it is no protobuf, 415 where it has what we do not know */
export function decodeProtobuf(body: Uint8Array): Readonly<Record<string, unknown>> {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!buffer.subarray(0, MAGIC.length).equals(MAGIC)) throw broken('it does not begin as Kubernetes encodes it');
  const envelope = new Map<string, unknown>();
  for (const { number, bytes } of fieldsOf(buffer.subarray(MAGIC.length))) {
    const field = UNKNOWN.get(number);
    if (field === undefined) throw unknownField('Unknown', number);
    envelope.set(field.name, bytes ?? Buffer.alloc(0));
  }
  const raw = envelope.get('raw') as Buffer | undefined;
  const typeMeta = readMessage(
    TYPE_META,
    'TypeMeta',
    (envelope.get('typeMeta') as Buffer | undefined) ?? Buffer.alloc(0),
    0,
  );
  const kind = String(typeMeta.kind ?? '');
  const message = MESSAGES.get(kind);
  if (message === undefined)
    throw new ApiError(415, 'UnsupportedMediaType', `${kind || 'an object'} in protobuf is not understood: send JSON`);
  return { ...typeMeta, ...readMessage(message.byNumber, kind, raw ?? Buffer.alloc(0), 0) };
}

interface WireField {
  readonly number: number;
  /** Of a number. */
  readonly value: bigint;
  /** Of everything that has a length. */
  readonly bytes: Buffer | undefined;
}

function* fieldsOf(buffer: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = buffer[at++];
      if (byte === undefined) throw broken('it ends too early');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw broken('a number is too long');
  };
  while (at < buffer.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (wire === WIRE.varint) yield { number, value: varint(), bytes: undefined };
    else {
      const length =
        wire === WIRE.bytes ? Number(varint()) : wire === WIRE.fixed64 ? 8 : wire === WIRE.fixed32 ? 4 : -1;
      if (length < 0) throw broken('a field has an unknown form');
      if (length > buffer.length - at) throw broken('it ends too early');
      yield { number, value: 0n, bytes: buffer.subarray(at, at + length) };
      at += length;
    }
  }
}

function readMessage(
  fields: ReadonlyMap<number, Field>,
  name: string,
  buffer: Buffer,
  depth: number,
): Readonly<Record<string, unknown>> {
  if (depth > MAX_DEPTH) throw broken('it is nested too deeply');
  const read = new Map<string, unknown>();
  for (const wire of fieldsOf(buffer)) {
    const field = fields.get(wire.number);
    if (field === undefined) throw unknownField(name, wire.number);
    if (field.shape === 'map') {
      const [key, value] = readEntry(field, wire, depth);
      const entries = (read.get(field.name) as Map<string, unknown> | undefined) ?? new Map<string, unknown>();
      read.set(field.name, entries.set(key, value));
      continue;
    }
    const value = readValue(field, wire, depth);
    if (field.shape === 'list') {
      const list = read.get(field.name) as unknown[] | undefined;
      if (list === undefined) read.set(field.name, [value]);
      else list.push(value);
    } else if (!isUnset(value, field)) read.set(field.name, value);
  }
  for (const [name, value] of read) if (value instanceof Map) read.set(name, Object.fromEntries(value));
  return Object.fromEntries(read);
}

/** A map is a list of messages with a key and a value. */
function readEntry(field: Field, wire: WireField, depth: number): readonly [string, unknown] {
  let key = '';
  let value: unknown = field.type === 's' || field.type === 'y' ? '' : undefined;
  for (const part of fieldsOf(bytesOf(wire))) {
    if (part.number === 1) key = bytesOf(part).toString();
    else if (part.number === 2) value = readValue(field, part, depth);
  }
  return [key, value];
}

/** What Go sends for a field that nobody set. */
const isUnset = (value: unknown, field: Field): boolean =>
  value === undefined || value === '' || (!field.zeroCounts && (value === 0 || value === false));

function readValue(field: Field, wire: WireField, depth: number): unknown {
  switch (field.type) {
    case 's':
      return bytesOf(wire).toString();
    case 'y':
      return bytesOf(wire).toString('base64');
    case 'b':
      return wire.value !== 0n;
    case 'i':
      return Number(BigInt.asIntN(64, wire.value));
    case 'Time':
    case 'MicroTime':
      return readTime(bytesOf(wire), field.type === 'MicroTime');
    case 'IntOrString':
      return readIntOrString(bytesOf(wire));
    case 'Quantity':
      return [...fieldsOf(bytesOf(wire))].map((part) => bytesOf(part).toString()).join('');
    case 'FieldsV1':
      return readJson([...fieldsOf(bytesOf(wire))].map((part) => bytesOf(part).toString()).join(''));
    default: {
      const message = MESSAGES.get(field.type);
      if (message === undefined) throw unknownField(field.type, wire.number);
      return readMessage(message.byNumber, field.type, bytesOf(wire), depth + 1);
    }
  }
}

/** The seconds since 1970; none at all for a time that was not set. */
function readTime(buffer: Buffer, micro: boolean): string | undefined {
  let seconds: number | undefined;
  let nanos = 0;
  for (const { number, value } of fieldsOf(buffer)) {
    if (number === 1) seconds = Number(BigInt.asIntN(64, value));
    if (number === 2) nanos = Number(BigInt.asIntN(32, value));
  }
  if (seconds === undefined) return undefined;
  if (!(Math.abs(seconds) <= 8.64e12)) throw broken('a time is out of range');
  const fraction = micro ? `.${String(Math.floor(Math.abs(nanos) / 1000)).padStart(6, '0')}Z` : 'Z';
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, fraction);
}

function readIntOrString(buffer: Buffer): number | string {
  let isText = false;
  let number = 0;
  let text = '';
  for (const part of fieldsOf(buffer)) {
    if (part.number === 1) isText = part.value === 1n;
    if (part.number === 2) number = Number(BigInt.asIntN(64, part.value));
    if (part.number === 3) text = bytesOf(part).toString();
  }
  return isText ? text : number;
}

function readJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    throw broken('managed fields are no JSON');
  }
}

function bytesOf(wire: WireField): Buffer {
  if (wire.bytes === undefined) throw broken('a number is where a text is expected');
  return wire.bytes;
}

const broken = (why: string): ApiError =>
  new ApiError(400, 'BadRequest', `the body of the request is no protobuf of Kubernetes: ${why}`);

const unknownField = (message: string, number: number): ApiError =>
  new ApiError(415, 'UnsupportedMediaType', `field ${number} of ${message} in protobuf is not understood: send JSON`);
