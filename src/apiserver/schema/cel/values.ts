/**
 * The values of CEL. Integers are bigint (bounded to 64 bits), doubles number; a map is a `Map`; durations, timestamps, types and optionals are
 * classes of their own, so that nothing is taken for something else.
 */
import { isObject } from '../../json.ts';
import type { SchemaNode } from '../schema-node.ts';

/** Thrown while an expression is evaluated; {@link Program} turns it into its answer. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A moment, in nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class TypeValue {
  readonly type: string;
  constructor(type: string) {
    this.type = type;
  }
}

/** What may be there: `oldSelf` of a rule with optionalOldSelf. */
export class Optional {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export type Value =
  | bigint
  | number
  | string
  | boolean
  | null
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | Duration
  | Timestamp
  | TypeValue
  | Optional;

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

export function typeName(value: Value): string {
  if (value === null) return 'null_type';
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    default:
      if (value instanceof Map) return 'map';
      if (value instanceof Duration) return 'google.protobuf.Duration';
      if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
      if (value instanceof TypeValue) return 'type';
      return value instanceof Optional ? 'optional_type' : 'list';
  }
}

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);

/** @throws CelError where the number does not fit into 64 bits */
export function checkedInt(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new CelError('integer overflow');
  return value;
}

/** Equality of any two values; values of different types are unequal, numbers are compared by what they stand for. */
export function equal(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return a >= b && a <= b;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] as Value));
  if (a instanceof Map)
    return (
      b instanceof Map && a.size === b.size && [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key)))
    );
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.type === b.type;
  if (a instanceof Optional)
    return (
      b instanceof Optional &&
      (a.value === undefined || b.value === undefined ? a.value === b.value : equal(a.value, b.value))
    );
  return a === b;
}

const isNumber = (value: Value): value is bigint | number => typeof value === 'bigint' || typeof value === 'number';

/** The order of two values. @throws CelError where they have none */
export function compare(a: Value, b: Value): number {
  if ((isNumber(a) && isNumber(b)) || (typeof a === 'boolean' && typeof b === 'boolean'))
    return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') {
    // By code points: UTF-16 units put those beyond the basic plane in another place.
    const [left, right] = [[...a], [...b]];
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
      const difference = (left[i]?.codePointAt(0) as number) - (right[i]?.codePointAt(0) as number);
      if (difference !== 0) return Math.sign(difference);
    }
    return Math.sign(left.length - right.length);
  }
  if ((a instanceof Duration && b instanceof Duration) || (a instanceof Timestamp && b instanceof Timestamp))
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  throw new CelError(`no such overload: ${typeName(a)} < ${typeName(b)}`);
}

/** JSON as CEL sees it through a schema: there an integer is an int, `format: date-time` a timestamp. */
export function fromJson(json: unknown, schema: SchemaNode | null): Value {
  if (json === null || json === undefined) return null;
  if (typeof json === 'string') return fromText(json, schema);
  if (typeof json === 'boolean') return json;
  if (typeof json === 'number') return schema?.type !== 'number' && Number.isInteger(json) ? BigInt(json) : json;
  if (Array.isArray(json)) return json.map((item) => fromJson(item, schema?.items ?? null));
  if (!isObject(json)) return null;
  const map = new Map<Value, Value>();
  for (const [name, value] of Object.entries(json))
    map.set(name, fromJson(value, schema?.properties.get(name) ?? schema?.additional ?? null));
  return map;
}

function fromText(text: string, schema: SchemaNode | null): Value {
  switch (schema?.format) {
    case 'date-time':
    case 'date':
      return parseTimestamp(text) ?? text;
    case 'duration':
      return parseDuration(text) ?? text;
    default:
      return text;
  }
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's durations: `1h30m`, `-1.5s`. Undefined where the text is none, or too long for Go's 64 bits of nanoseconds. */
export function parseDuration(text: string): Duration | undefined {
  const match = /^([-+]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/.exec(text);
  if (match === null || text.length > 100) return undefined;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit] of (match[2] as string).matchAll(
    /(\d*)\.?(\d*)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g,
  )) {
    const size = UNITS[unit as string] as bigint;
    nanos += BigInt(whole || '0') * size;
    if (fraction !== '') nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return nanos > MAX_INT ? undefined : new Duration(match[1] === '-' ? -nanos : nanos);
}

export function parseTimestamp(text: string): Timestamp | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[-+]\d{2}:\d{2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, date, time = '00:00:00', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : new Timestamp(BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

const SECOND = 1_000_000_000n;

/** A duration as CEL writes it: seconds. */
export function durationText({ nanos }: Duration): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${size / SECOND}${fraction === '' ? '' : `.${fraction}`}s`;
}

export function timestampText({ nanos }: Timestamp): string {
  const ms = Number(nanos / 1_000_000n);
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
