/**
 * The formats of strings that Kubernetes' API server checks (apiextensions-apiserver: pkg/apiserver/validation/formats.go); any other one says
 * nothing. Those of integers (`int32`, `int64`) are looked at with the bounds.
 */
import { parseIp } from '../../net/ip.ts';
import { parsePrefix } from '../../net/prefix.ts';

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;
const HOSTNAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*\.?$/;
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const GO_DURATION = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/;
const SCALA_DURATION =
  /^\d+(?:\.\d+)?\s*(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h|hr|d|w|hours?|days?|weeks?|minutes?|seconds?|secs?|mins?|millis|milliseconds?|nanos?|nanoseconds?|micros?|microseconds?)$/;

function isDate(text: string): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

const daysOf = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31;

function isUri(text: string): boolean {
  return text.startsWith('/') || URL.canParse(text);
}

const isIp = (text: string, family?: 4 | 6): boolean => {
  const parsed = parseIp(text);
  return parsed.ok && (family === undefined || parsed.value.family === family);
};

const isDateTime = (text: string): boolean => {
  const match = DATE_TIME.exec(text);
  return match !== null && isDate(match[1] as string);
};

const CHECKS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  'date-time': isDateTime,
  datetime: isDateTime,
  duration: (text) => GO_DURATION.test(text) || SCALA_DURATION.test(text),
  uuid: (text) => UUID.test(text),
  uri: isUri,
  email: (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text),
  hostname: (text) => HOSTNAME.test(text),
  ipv4: (text) => isIp(text, 4),
  ipv6: (text) => isIp(text, 6),
  cidr: (text) => text.includes('/') && parsePrefix(text).ok,
  mac: (text) =>
    /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2}){5}(?:\1[0-9a-f]{2}){0,2}$/i.test(text) ||
    /^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i.test(text),
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  hexcolor: (text) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  'k8s-short-name': (text) => LABEL.test(text),
  'k8s-long-name': (text) =>
    text.length <= 253 && text.split('.').every((part) => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(part)),
};

/** Whether a text is of this format; true for a format that is not checked. */
export const isOfFormat = (format: string, text: string): boolean =>
  Object.hasOwn(CHECKS, format) ? (CHECKS[format] as (text: string) => boolean)(text) : true;
