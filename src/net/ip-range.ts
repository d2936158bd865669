/** Ranges of addresses: what a pool is written in, counted and walked without being spelled out. */
import { err, ok, type Result } from '../result.ts';
import { bitsOf, compareIp, formatIp, type Ip, parseIp } from './ip.ts';
import { lastIpOf, type Prefix, parsePrefix } from './prefix.ts';

/** An inclusive range; both ends are of one family and `first` is not after `last`. */
export interface IpRange {
  readonly first: Ip;
  readonly last: Ip;
}

/** Parses `FIRST-LAST` (spaces around the dash allowed) or a prefix. */
export function parseIpRange(text: string): Result<IpRange, string> {
  const dash = text.indexOf('-');
  if (dash < 0) {
    const prefix = parsePrefix(text);
    return prefix.ok ? ok(rangeOfPrefix(prefix.value)) : prefix;
  }
  const first = parseIp(text.slice(0, dash).trim());
  if (!first.ok) return first;
  const last = parseIp(text.slice(dash + 1).trim());
  if (!last.ok) return last;
  if (first.value.family !== last.value.family)
    return err(`"${text}" begins in one address family and ends in the other`);
  if (compareIp(first.value, last.value) > 0)
    return err(`"${text}" runs backwards: its first address is after its last`);
  return ok({ first: first.value, last: last.value });
}

export const rangeOfPrefix = (prefix: Prefix): IpRange => ({ first: prefix.address, last: lastIpOf(prefix) });

export const rangeContains = (range: IpRange, ip: Ip): boolean =>
  ip.family === range.first.family && ip.value >= range.first.value && ip.value <= range.last.value;

export const rangesOverlap = (a: IpRange, b: IpRange): boolean =>
  a.first.family === b.first.family && a.first.value <= b.last.value && b.first.value <= a.last.value;

/** How many addresses the range has. */
export const rangeSize = (range: IpRange): bigint => range.last.value - range.first.value + 1n;

export const formatIpRange = (range: IpRange): string => `${formatIp(range.first)}-${formatIp(range.last)}`;

/** Each address in ascending order, made one at a time: a /64 costs nothing until it is walked. */
export function* addressesOf(range: IpRange): Generator<Ip> {
  const family = range.first.family;
  for (let value = range.first.value; value <= range.last.value; value++) yield { family, value };
}

/** The fewest prefixes that cover exactly this range, ascending. */
export function prefixesOf(range: IpRange): readonly Prefix[] {
  const family = range.first.family;
  const bits = bitsOf(family);
  const prefixes: Prefix[] = [];
  let at = range.first.value;
  while (at <= range.last.value) {
    let hostBits = 0;
    while (hostBits < bits) {
      const size = 1n << BigInt(hostBits + 1);
      if (at % size !== 0n || at + size - 1n > range.last.value) break;
      hostBits++;
    }
    prefixes.push({ address: { family, value: at }, length: bits - hostBits });
    at += 1n << BigInt(hostBits);
  }
  return prefixes;
}
