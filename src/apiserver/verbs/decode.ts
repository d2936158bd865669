/** From a request's body to an object: what every kind has is looked at here, whatever else it is. */
import { isObject } from '../json.ts';
import { apiVersionOf } from '../registry.ts';
import { badRequest } from '../status.ts';
import type { ApiObject, Json, ObjectMeta, RequestContext } from '../types.ts';

/** metav1.ObjectMeta: its fields, and what their values are. */
const META_FIELDS: Readonly<Record<string, 'string' | 'number' | 'strings' | 'list'>> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'number',
  creationTimestamp: 'string',
  deletionTimestamp: 'string',
  deletionGracePeriodSeconds: 'number',
  labels: 'strings',
  annotations: 'strings',
  ownerReferences: 'list',
  finalizers: 'list',
  managedFields: 'list',
};

export interface Decoded {
  readonly object: ApiObject;
  /** What strict decoding finds: fields of the metadata that do not exist. */
  readonly findings: readonly string[];
}

/**
 * Reads an object as one of the request's kind, version and place; what the body leaves out of them is filled in.
 *
 * @param name - by the path; empty at creation
 * @throws ApiError 400 where it says something else
 */
export function decodeObject(context: RequestContext, body: unknown, namespace: string, name: string): Decoded {
  const { definition, version } = context;
  if (!isObject(body)) throw badRequest('the body of the request must be an object');
  const expected = apiVersionOf(definition.group, version.name);
  const apiVersion = body.apiVersion ?? expected;
  const kind = body.kind ?? definition.kind;
  if (apiVersion !== expected)
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected})`,
    );
  if (kind !== definition.kind)
    throw badRequest(`the kind in the data (${String(kind)}) does not match the expected kind (${definition.kind})`);
  const { metadata, findings } = decodeMeta(body.metadata ?? {}, definition.kind, version.name);
  const own = metadata.namespace ?? '';
  if (own !== '' && own !== namespace)
    throw badRequest(
      definition.namespaced
        ? `the namespace of the provided object does not match the namespace sent on the request`
        : `namespace: cluster-scoped ${definition.plural} have none`,
    );
  if (name !== '' && (metadata.name ?? '') !== '' && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  const { namespace: _, ...rest } = metadata;
  return {
    object: {
      ...body,
      apiVersion,
      kind,
      metadata: {
        ...rest,
        name: metadata.name ?? name,
        ...(namespace === '' ? {} : { namespace }),
      },
    },
    findings,
  };
}

function decodeMeta(value: unknown, kind: string, version: string) {
  if (!isObject(value)) throw wrongType(kind, version, 'metadata', 'an object');
  const metadata: Record<string, unknown> = {};
  const findings: string[] = [];
  for (const [field, content] of Object.entries(value)) {
    const type = Object.hasOwn(META_FIELDS, field) ? META_FIELDS[field] : undefined;
    if (type === undefined) findings.push(`unknown field "metadata.${field}"`);
    else if (content !== null && content !== undefined && field !== 'selfLink') {
      checkType(content, type, kind, version, `metadata.${field}`);
      // An empty list or map is none, except that an empty `managedFields` means to forget them.
      if (!isEmpty(content) || field === 'managedFields') metadata[field] = content;
    }
  }
  return { metadata: metadata as unknown as Partial<ObjectMeta>, findings };
}

const isEmpty = (content: unknown): boolean =>
  typeof content === 'object' && content !== null && Object.keys(content).length === 0;

function checkType(content: unknown, type: string, kind: string, version: string, field: string): void {
  if (type === 'strings') {
    if (!isObject(content)) throw wrongType(kind, version, field, 'an object');
    for (const [key, text] of Object.entries(content as Json))
      if (typeof text !== 'string') throw wrongType(kind, version, `${field}.${key}`, 'a string');
  } else if (type === 'list' ? !Array.isArray(content) : typeof content !== type)
    throw wrongType(kind, version, field, type === 'list' ? 'an array' : `a ${type}`);
}

const wrongType = (kind: string, version: string, field: string, what: string) =>
  badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${field} must be ${what}`);
