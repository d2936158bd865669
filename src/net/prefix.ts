/** IP prefixes as values: an address whose host bits are zero, and a length. */
import { err, ok, type Result } from '../result.ts';
import { bitsOf, compareIp, formatIp, type Ip, parseIp } from './ip.ts';

export interface Prefix {
  /** Host bits are always zero: two equal prefixes are equal values. */
  readonly address: Ip;
  readonly length: number;
}

/** Parses `address/length`; host bits are masked off, as Kubernetes and MetalLB do. */
export function parsePrefix(text: string): Result<Prefix, string> {
  const slash = text.indexOf('/');
  if (slash < 0) {
    const one = parseIp(text);
    if (!one.ok) return one;
    return err(`"${text}" has no prefix length: write ${text}/${bitsOf(one.value.family)} for one address`);
  }
  const ip = parseIp(text.slice(0, slash));
  if (!ip.ok) return ip;
  const length = text.slice(slash + 1);
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(length)) return err(`"${text}" has no valid prefix length`);
  const bits = bitsOf(ip.value.family);
  if (Number(length) > bits) return err(`"${text}" has a prefix length above ${bits}`);
  return ok(prefixOf(ip.value, Number(length)));
}

/** The prefix of this length that holds the address. */
export function prefixOf(ip: Ip, length: number): Prefix {
  if (length === bitsOf(ip.family)) return { address: ip, length };
  const hostBits = BigInt(bitsOf(ip.family) - length);
  return { address: { family: ip.family, value: (ip.value >> hostBits) << hostBits }, length };
}

export const formatPrefix = (prefix: Prefix): string => `${formatIp(prefix.address)}/${prefix.length}`;

/** Order: by address, then the shorter prefix first. */
export const comparePrefix = (a: Prefix, b: Prefix): number => compareIp(a.address, b.address) || a.length - b.length;

export const samePrefix = (a: Prefix, b: Prefix): boolean => comparePrefix(a, b) === 0;

export const lastIpOf = (prefix: Prefix): Ip => ({
  family: prefix.address.family,
  value: prefix.address.value + (1n << BigInt(bitsOf(prefix.address.family) - prefix.length)) - 1n,
});

export const prefixContains = (prefix: Prefix, ip: Ip): boolean =>
  ip.family === prefix.address.family && ip.value >= prefix.address.value && ip.value <= lastIpOf(prefix).value;
