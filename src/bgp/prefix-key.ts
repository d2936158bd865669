/** Prefixes as keys of a Map: one number or bigint each, without making text of them. */
import type { Prefix } from '../net/prefix.ts';

/** A number for IPv4, a bigint for IPv6: the two never meet. */
export type PrefixKey = number | bigint;

const HALF_OF_IPV4 = 2 ** 31;

/**
 * The key of one IPv4 address, as most prefixes are, is a small integer, for which an engine keeps no object.
 *
 * Different prefixes have different keys. The IPv6 key folds its upper half into the lower: engines hash a bigint by its lowest 64 bits,
 * where all the /64s of one site would be alike.
 */
export function prefixKey(prefix: Prefix): PrefixKey {
  const { family, value } = prefix.address;
  if (family === 4) {
    const { length } = prefix;
    return length === 32 ? Number(value) - HALF_OF_IPV4 : HALF_OF_IPV4 + Number(value) * 64 + length;
  }
  const key = (value << 8n) | BigInt(prefix.length);
  return key ^ (key >> 64n);
}
