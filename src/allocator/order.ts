/** The order in which Services are served: by age. */
import type { Service } from '../cluster/service.ts';
import { compareText } from '../compare-text.ts';

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
