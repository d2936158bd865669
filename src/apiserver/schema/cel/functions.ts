/**
 * The functions of CEL that rules may call: the standard ones, strings (cel-go's extension), and Kubernetes' own for lists and regular
 * expressions (kubernetes.io: "Common Expression Language in Kubernetes"). One entry per function; its types are looked at when it is called.
 */
import { parseIp } from '../../../net/ip.ts';
import { parsePrefix } from '../../../net/prefix.ts';
import { compilePattern } from '../pattern.ts';
import {
  CelError,
  checkedInt,
  compare,
  Duration,
  durationText,
  equal,
  isList,
  Optional,
  parseDuration,
  parseTimestamp,
  Timestamp,
  TypeValue,
  timestampText,
  typeName,
  type Value,
} from './values.ts';

interface Budget {
  steps: number;
}

/** Undefined: the function is not for values of these types. */
type Function = (args: readonly Value[], budget: Budget) => Value | undefined;

const text = (value: Value | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** A function of texts. */
const ofTexts =
  (count: number, fn: (texts: readonly string[], budget: Budget) => Value): Function =>
  (args, budget) => {
    if (args.length !== count || args.some((arg) => typeof arg !== 'string')) return undefined;
    budget.steps -= args.reduce<number>((sum, arg) => sum + (arg as string).length / 10, 0);
    return fn(args as readonly string[], budget);
  };

/** A part of a moment or a span of time; of a span the whole of it in that unit. */
const ofTime =
  (nanosPerUnit: bigint | null, ofMoment: (date: Date, nanos: bigint) => number): Function =>
  ([value], _budget) => {
    if (value instanceof Duration && nanosPerUnit !== null) return value.nanos / nanosPerUnit;
    if (!(value instanceof Timestamp)) return undefined;
    return BigInt(ofMoment(new Date(Number(value.nanos / 1_000_000n)), value.nanos));
  };

const size: Function = ([value]) => {
  if (typeof value === 'string') return BigInt([...value].length);
  if (value !== undefined && isList(value)) return BigInt(value.length);
  return value instanceof Map ? BigInt(value.size) : undefined;
};

const matches = ofTexts(2, ([subject = '', pattern = '']) => regexp(pattern).test(subject));

const patterns = new Map<string, RegExp>();

function regexp(pattern: string): RegExp {
  let found = patterns.get(pattern);
  if (found === undefined) {
    found = compilePattern(pattern);
    if (found === undefined) throw new CelError(`invalid regular expression: ${pattern}`);
    // Patterns come from rules, few and fixed; one that is made while a rule runs must not fill the memory.
    if (patterns.size >= 1000) patterns.clear();
    patterns.set(pattern, found);
  }
  return found;
}

const GLOBAL: Readonly<Record<string, Function>> = {
  size,
  matches,
  type: ([value]) => (value === undefined ? undefined : new TypeValue(typeName(value))),
  dyn: ([value]) => value,
  int: ([value]) => {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return checkedInt(BigInt(Math.trunc(value)));
    if (value instanceof Timestamp) return value.nanos / 1_000_000_000n;
    if (typeof value !== 'string') return undefined;
    if (!/^[-+]?\d{1,30}$/.test(value)) throw new CelError(`type conversion error: ${JSON.stringify(value)} is no int`);
    return checkedInt(BigInt(value.replace(/^\+/, '')));
  },
  double: ([value]) => {
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    if (typeof value !== 'string') return undefined;
    if (value.trim() === '' || Number.isNaN(Number(value)))
      throw new CelError(`type conversion error: ${JSON.stringify(value)} is no double`);
    return Number(value);
  },
  bool: ([value]) => {
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'string') return undefined;
    if (['true', 't', '1', 'TRUE', 'True'].includes(value)) return true;
    if (['false', 'f', '0', 'FALSE', 'False'].includes(value)) return false;
    throw new CelError(`type conversion error: ${JSON.stringify(value)} is no bool`);
  },
  string: ([value]) => {
    if (typeof value === 'string') return value;
    if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (value instanceof Duration) return durationText(value);
    return value instanceof Timestamp ? timestampText(value) : undefined;
  },
  duration: ([value]) => {
    if (value instanceof Duration) return value;
    if (typeof value !== 'string') return undefined;
    const parsed = parseDuration(value);
    if (parsed === undefined) throw new CelError(`type conversion error: ${JSON.stringify(value)} is no duration`);
    return parsed;
  },
  timestamp: ([value]) => {
    if (value instanceof Timestamp) return value;
    if (typeof value !== 'string') return undefined;
    const parsed = parseTimestamp(value);
    if (parsed === undefined) throw new CelError(`type conversion error: ${JSON.stringify(value)} is no timestamp`);
    return parsed;
  },
  isIP: ofTexts(1, ([value = '']) => parseIp(value).ok),
  isCIDR: ofTexts(1, ([value = '']) => value.includes('/') && parsePrefix(value).ok),
};

const NANOS = { ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n } as const;
const DAY_MS = 86_400_000;

const METHODS: Readonly<Record<string, Function>> = {
  size,
  matches,
  contains: ofTexts(2, ([subject = '', part = '']) => subject.includes(part)),
  startsWith: ofTexts(2, ([subject = '', part = '']) => subject.startsWith(part)),
  endsWith: ofTexts(2, ([subject = '', part = '']) => subject.endsWith(part)),
  lowerAscii: ofTexts(1, ([subject = '']) => subject.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
  upperAscii: ofTexts(1, ([subject = '']) => subject.replace(/[a-z]/g, (letter) => letter.toUpperCase())),
  trim: ofTexts(1, ([subject = '']) => subject.trim()),
  reverse: ofTexts(1, ([subject = '']) => [...subject].reverse().join('')),
  find: ofTexts(2, ([subject = '', pattern = '']) => regexp(pattern).exec(subject)?.[0] ?? ''),
  findAll: (args) => {
    const [subject, pattern] = args.map(text);
    if (subject === undefined || pattern === undefined) return undefined;
    const found = [...subject.matchAll(new RegExp(regexp(pattern), `${regexp(pattern).flags}g`))].map(
      (match) => match[0],
    );
    return typeof args[2] === 'bigint' && args[2] >= 0n ? found.slice(0, Number(args[2])) : found;
  },
  split: (args) => {
    const [subject, separator] = args.map(text);
    if (subject === undefined || separator === undefined) return undefined;
    const parts = separator === '' ? [...subject] : subject.split(separator);
    const limit = typeof args[2] === 'bigint' ? Number(args[2]) : -1;
    if (limit < 0 || parts.length <= limit) return parts;
    return limit === 0 ? [] : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
  },
  join: ([list, separator = '']) => {
    if (list === undefined || !isList(list) || typeof separator !== 'string') return undefined;
    return list.every((item) => typeof item === 'string') ? list.join(separator) : undefined;
  },
  replace: (args) => {
    const [subject, from, to] = args.map(text);
    if (subject === undefined || from === undefined || to === undefined) return undefined;
    const parts = from === '' ? [...subject] : subject.split(from);
    const limit = typeof args[3] === 'bigint' && args[3] >= 0n ? Number(args[3]) : parts.length;
    return parts.slice(1).reduce((done, part, i) => `${done}${i < limit ? to : from}${part}`, parts[0] ?? '');
  },
  substring: ([subject, start, end]) => {
    if (typeof subject !== 'string' || typeof start !== 'bigint') return undefined;
    const letters = [...subject];
    const stop = typeof end === 'bigint' ? Number(end) : letters.length;
    if (start < 0n || stop < Number(start) || stop > letters.length) throw new CelError('index out of range');
    return letters.slice(Number(start), stop).join('');
  },
  charAt: ([subject, index]) => {
    if (typeof subject !== 'string' || typeof index !== 'bigint') return undefined;
    const letters = [...subject];
    if (index < 0n || index > letters.length) throw new CelError(`index out of range: ${index}`);
    return letters[Number(index)] ?? '';
  },
  indexOf: ([subject, part]) => {
    if (typeof subject === 'string' && typeof part === 'string') return BigInt(subject.indexOf(part));
    if (subject === undefined || part === undefined || !isList(subject)) return undefined;
    return BigInt(subject.findIndex((item) => equal(item, part)));
  },
  lastIndexOf: ([subject, part]) => {
    if (typeof subject === 'string' && typeof part === 'string') return BigInt(subject.lastIndexOf(part));
    if (subject === undefined || part === undefined || !isList(subject)) return undefined;
    return BigInt(subject.findLastIndex((item) => equal(item, part)));
  },
  isSorted: ([list]) =>
    list !== undefined && isList(list)
      ? list.every((item, i) => i === 0 || compare(list[i - 1] as Value, item) <= 0)
      : undefined,
  sum: ([list]) => (list !== undefined && isList(list) ? sum(list) : undefined),
  min: ([list]) => (list !== undefined && isList(list) ? extreme(list, -1) : undefined),
  max: ([list]) => (list !== undefined && isList(list) ? extreme(list, 1) : undefined),
  hasValue: ([value]) => (value instanceof Optional ? value.value !== undefined : undefined),
  value: ([value]) => {
    if (!(value instanceof Optional)) return undefined;
    if (value.value === undefined) throw new CelError('optional.none() dereference');
    return value.value;
  },
  orValue: ([value, other]) => (value instanceof Optional ? (value.value ?? other) : undefined),
  getHours: ofTime(NANOS.h, (date) => date.getUTCHours()),
  getMinutes: ofTime(NANOS.m, (date) => date.getUTCMinutes()),
  getSeconds: ofTime(NANOS.s, (date) => date.getUTCSeconds()),
  getMilliseconds: ofTime(NANOS.ms, (date) => date.getUTCMilliseconds()),
  getFullYear: ofTime(null, (date) => date.getUTCFullYear()),
  getMonth: ofTime(null, (date) => date.getUTCMonth()),
  getDate: ofTime(null, (date) => date.getUTCDate()),
  getDayOfMonth: ofTime(null, (date) => date.getUTCDate() - 1),
  getDayOfWeek: ofTime(null, (date) => date.getUTCDay()),
  getDayOfYear: ofTime(null, (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS)),
};

function sum(list: readonly Value[]): Value | undefined {
  if (list.length === 0) return 0n;
  if (list.every((item) => typeof item === 'bigint')) return checkedInt(list.reduce((a, b) => a + b, 0n));
  if (list.every((item) => typeof item === 'number')) return list.reduce((a, b) => a + b, 0);
  if (list.every((item) => item instanceof Duration))
    return new Duration(list.reduce((total, { nanos }) => total + nanos, 0n));
  return undefined;
}

function extreme(list: readonly Value[], sign: 1 | -1): Value {
  if (list.length === 0) throw new CelError(`${sign === 1 ? 'max' : 'min'} called on empty list`);
  return list.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best));
}

const find = (name: string, method: boolean): Function | undefined => {
  const table = method ? METHODS : GLOBAL;
  return Object.hasOwn(table, name) ? table[name] : undefined;
};

export const knows = (name: string, method: boolean): boolean => find(name, method) !== undefined;

/** @throws CelError */
export function callFunction(
  name: string,
  target: { readonly value: Value } | null,
  args: readonly Value[],
  budget: Budget,
): Value {
  const all = target === null ? args : [target.value, ...args];
  const result = find(name, target !== null)?.(all, budget);
  if (result === undefined) throw new CelError(`no such overload: ${name}(${all.map(typeName).join(', ')})`);
  return result;
}
