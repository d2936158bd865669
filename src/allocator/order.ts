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

/** The order of {@link byAge}, with the age read once. */
export interface Aged {
  readonly service: Service;
  /** Milliseconds since 1970; infinite for a Service that was never in a cluster. */
  readonly born: number;
}

export const agedOf = (service: Service): Aged => ({ service, born: timeOf(service.creationTimestamp) });

/** Oldest `creationTimestamp` first, those that were never in a cluster last, then by namespace and name. */
export const compareAge = (a: Aged, b: Aged): number =>
  a.born === b.born
    ? compareText(a.service.namespace, b.service.namespace) || compareText(a.service.name, b.service.name)
    : a.born < b.born
      ? -1
      : 1;

/** The Services in the order of {@link compareAge}. */
export const byAge = (services: readonly Service[]): Service[] =>
  services
    .map(agedOf)
    .sort(compareAge)
    .map(({ service }) => service);

function timeOf(timestamp: string | null): number {
  const at = timestamp === null ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(at) ? Number.POSITIVE_INFINITY : at;
}
