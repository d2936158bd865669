/** The orders in which things are decided and printed: by name bytewise, and Services by age. */
import type { Service } from '../cluster/service.ts';

/**
 * Compares two texts as their UTF-8 octets would compare.
 *
 * JavaScript's `<` compares UTF-16 code units, which puts U+10000 and above before U+E000: only there do the two differ.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // A surrogate stands for a code point above every other unit.
    if (isSurrogate(x) !== isSurrogate(y)) return isSurrogate(x) ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Oldest `creationTimestamp` first, those that were never in a cluster last, then by `namespace/name`. */
export function byAge(services: readonly Service[]): Service[] {
  const born = new Map<Service, number>();
  for (const service of services) born.set(service, timeOf(service.creationTimestamp));
  return [...services].sort((a, b) => {
    const x = born.get(a) ?? Number.POSITIVE_INFINITY;
    const y = born.get(b) ?? Number.POSITIVE_INFINITY;
    return x === y ? compareText(a.namespace, b.namespace) || compareText(a.name, b.name) : x < y ? -1 : 1;
  });
}

function timeOf(timestamp: string | null): number {
  const at = timestamp === null ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(at) ? Number.POSITIVE_INFINITY : at;
}
