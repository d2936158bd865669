/**
 * Pruning and defaulting of custom resources (apiextensions-apiserver: pkg/apiserver/schema/{pruning,defaulting}).
 *
 * A null where the schema allows none counts as absent: it gives way to the default, or is dropped. `apiVersion`, `kind` and `metadata` of the
 * object itself and of embedded resources are always known; what is in the metadata is judged where every object's is.
 */
import { cloneJson, type Draft, isObject } from '../json.ts';
import type { ApiObject } from '../types.ts';
import { fieldPath, indexPath } from './path.ts';
import type { SchemaNode } from './schema-node.ts';

const OF_RESOURCES = ['apiVersion', 'kind', 'metadata'];

export interface Prepared {
  readonly object: ApiObject;
  /** The fields that the schema does not know, sorted: `spec.adresses`. */
  readonly unknown: readonly string[];
}

export function prepare(schema: SchemaNode, object: ApiObject): Prepared {
  const draft = cloneJson(object) as unknown as Draft;
  const unknown: string[] = [];
  prune(draft, schema, true, '', unknown);
  setDefaults(draft, schema);
  dropNulls(draft, schema);
  return { object: draft as unknown as ApiObject, unknown: unknown.sort() };
}

function prune(value: unknown, schema: SchemaNode, resource: boolean, path: string, unknown: string[]): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== null)
      for (const [index, item] of value.entries())
        prune(item, items, items.embeddedResource, indexPath(path, index), unknown);
    return;
  }
  if (!isObject(value)) return;
  const draft = value as Draft;
  for (const [name, content] of Object.entries(draft)) {
    if (resource && OF_RESOURCES.includes(name)) continue;
    const at = fieldPath(path, name);
    const known = schema.properties.get(name) ?? schema.additional;
    if (known !== null) prune(content, known, known.embeddedResource, at, unknown);
    else if (!schema.preserveUnknown) {
      delete draft[name];
      unknown.push(at);
    }
  }
}

const isForbiddenNull = (value: unknown, schema: SchemaNode): boolean => value === null && !schema.nullable;

/** Sets the defaults below a value, in place. */
export function setDefaults(value: unknown, schema: SchemaNode): void {
  if (!schema.hasDefaults) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === null) return;
    value.forEach((item, index) => {
      if (isForbiddenNull(item, items) && items.default !== undefined) value[index] = cloneJson(items.default);
      setDefaults(value[index], items);
    });
    return;
  }
  if (!isObject(value)) return;
  const draft = value as Draft;
  for (const [name, property] of schema.properties)
    if (property.default !== undefined && (!Object.hasOwn(draft, name) || isForbiddenNull(draft[name], property)))
      put(draft, name, cloneJson(property.default));
  for (const name of Object.keys(draft)) {
    const known = schema.properties.get(name) ?? schema.additional;
    if (known === null) continue;
    if (isForbiddenNull(draft[name], known) && known.default !== undefined) put(draft, name, cloneJson(known.default));
    setDefaults(draft[name], known);
  }
}

/** Defines a field, also one that is called `__proto__`. */
function put(draft: Draft, name: string, value: unknown): void {
  Object.defineProperty(draft, name, { value, enumerable: true, configurable: true, writable: true });
}

function dropNulls(value: unknown, schema: SchemaNode): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== null) for (const item of value) dropNulls(item, items);
    return;
  }
  if (!isObject(value)) return;
  const draft = value as Draft;
  for (const [name, content] of Object.entries(draft)) {
    const known = schema.properties.get(name) ?? schema.additional;
    if (known === null || known.preserveUnknown) continue;
    if (isForbiddenNull(content, known)) delete draft[name];
    else dropNulls(content, known);
  }
}
