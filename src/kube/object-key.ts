/** Where an object is, as text: `NAMESPACE/NAME`, and `/NAME` for cluster-scoped kinds. */
import type { ObjectKey } from './types.ts';

/** The key of an object, by its metadata or by its place. */
export const keyText = ({ namespace, name }: { readonly namespace?: string; readonly name: string }): string =>
  `${namespace ?? ''}/${name}`;

/** The place that a key names. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}
