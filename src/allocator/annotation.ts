/** Annotations of a Service, in both spellings. */
import type { Service } from '../cluster/service.ts';

/** The annotations that allocation reads. */
export type AnnotationName = 'address-pool' | 'loadBalancerIPs' | 'allow-shared-ip';

export const CURRENT_PREFIX = 'metallb.io/';
export const DEPRECATED_PREFIX = 'metallb.universe.tf/';

/** The value of an annotation: `metallb.io/…` if it is there and not empty, else the deprecated spelling (docs/decisions.md 10). */
export function annotationOf(service: Service, name: AnnotationName): string | null {
  return own(service.annotations, CURRENT_PREFIX + name) ?? own(service.annotations, DEPRECATED_PREFIX + name);
}

/** The key under which {@link annotationOf} finds the value, for messages and positions. */
export function annotationKeyOf(service: Service, name: AnnotationName): string | null {
  if (own(service.annotations, CURRENT_PREFIX + name) !== null) return CURRENT_PREFIX + name;
  return own(service.annotations, DEPRECATED_PREFIX + name) === null ? null : DEPRECATED_PREFIX + name;
}

/** Whether the annotation is there at all, in either spelling, be it empty. */
export const carriesAnnotation = (service: Pick<Service, 'annotations'>, name: AnnotationName): boolean =>
  Object.hasOwn(service.annotations, CURRENT_PREFIX + name) ||
  Object.hasOwn(service.annotations, DEPRECATED_PREFIX + name);

function own(record: Readonly<Record<string, string>>, key: string): string | null {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  return value === undefined || value.trim() === '' ? null : value;
}
