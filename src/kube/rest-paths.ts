/** Paths and queries of the Kubernetes API. */
import type { ListOptions, ObjectKey, ResourceType, Selection, WatchOptions } from './types.ts';

const segment = encodeURIComponent;

const collectionPath = ({ group, version, plural }: ResourceType, namespace: string): string =>
  `${group === '' ? `/api/${version}` : `/apis/${group}/${version}`}${namespace === '' ? '' : `/namespaces/${segment(namespace)}`}/${plural}`;

/** The path of a resource's objects, of one namespace where one is given. */
export const listPath = (type: ResourceType, namespace: string): string =>
  collectionPath(type, type.namespaced ? namespace : '');

export const objectPath = (type: ResourceType, { namespace, name }: ObjectKey, subresource?: string): string =>
  `${listPath(type, namespace)}/${segment(name)}${subresource === undefined ? '' : `/${subresource}`}`;

/** A query string, with its question mark where there is something in it. */
export function queryOf(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && value !== '') query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

const selectors = ({ labelSelector, fieldSelector }: Selection) => ({ labelSelector, fieldSelector });

export const listQuery = (selection: Selection, { limit, continueToken, resourceVersion }: ListOptions): string =>
  queryOf({
    ...selectors(selection),
    limit,
    continue: continueToken,
    // A continue token has its own: the server refuses both together.
    resourceVersion: continueToken ? undefined : resourceVersion,
  });

export const watchQuery = (selection: Selection, { resourceVersion, timeoutSeconds }: WatchOptions): string =>
  queryOf({ ...selectors(selection), watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds });
