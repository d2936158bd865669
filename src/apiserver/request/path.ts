/** The paths of resources: `/api/v1/…` for the core group, `/apis/GROUP/VERSION/…` for the others. */

export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  /** Empty: all namespaces, or a cluster-scoped resource. */
  readonly namespace: string;
  readonly plural: string;
  /** Empty: the collection. */
  readonly name: string;
  /** Empty: the object itself. */
  readonly subresource: string;
}

/** Splits a path; undefined where it cannot be one of a resource. Parts are percent-decoded. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = decoded(path);
  if (parts === undefined) return undefined;
  const [root, ...rest] = parts;
  const [group, version, tail] =
    root === 'api' ? ['', rest[0], rest.slice(1)] : root === 'apis' ? [rest[0], rest[1], rest.slice(2)] : [];
  if (group === undefined || version === undefined || tail === undefined || tail.length === 0) return undefined;
  // `/namespaces/NAME` and its subresources are the namespace itself; anything longer lies inside of it.
  const [first, namespace, plural, name = '', subresource = '', ...more] = tail;
  const inside = first === 'namespaces' && plural !== undefined && plural !== 'status' && plural !== 'finalize';
  if (inside)
    return more.length > 0 ? undefined : { group, version, namespace: namespace ?? '', plural, name, subresource };
  if (tail.length > 3) return undefined;
  return { group, version, namespace: '', plural: first ?? '', name: namespace ?? '', subresource: plural ?? '' };
}

function decoded(path: string): readonly string[] | undefined {
  try {
    const parts = path.replace(/^\//, '').replace(/\/$/, '').split('/').map(decodeURIComponent);
    return parts.every((part) => part !== '') ? parts : undefined;
  } catch {
    return undefined; // not a percent-encoding
  }
}
