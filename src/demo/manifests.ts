/** Manifest files as objects, and what `kubectl apply` does with them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../apiserver/json.ts';
import type { ApiObject } from '../apiserver/types.ts';
import { parseManifests } from '../manifest/manifest.ts';
import type { LocalApi } from './local-api.ts';
import { keyOf } from './workload-controller.ts';

/** As kubectl says of what it has applied, so that a user's own `kubectl apply` finds what it expects. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The objects of a file, or of all YAML files of a folder, in their order. @throws Error where one cannot be read. */
export function readManifests(path: string, change: (text: string) => string = (text) => text): readonly ApiObject[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((file) => file.endsWith('.yaml'))
        .sort()
        .map((file) => join(path, file))
    : [path];
  return files.flatMap((file) => {
    const read = parseManifests(file, change(readFileSync(file, 'utf8')));
    if (!read.ok) throw new Error(`${file}:${read.error.line}: ${read.error.message}`);
    return read.value.documents.map(({ value }) => objectOf(file, value));
  });
}

function objectOf(file: string, value: unknown): ApiObject {
  if (!isObject(value) || typeof value.kind !== 'string' || !isObject(value.metadata))
    throw new Error(`${file}: no Kubernetes object`);
  return value as unknown as ApiObject;
}

/** Creates an object, or merges it into the one that there is. */
export function apply(api: LocalApi, object: ApiObject): void {
  const type = api.typeOf(object);
  const { metadata } = object;
  const namespaced = type.namespaced ? { ...metadata, namespace: metadata.namespace ?? 'default' } : metadata;
  const placed = { ...object, metadata: type.kind === 'Secret' ? namespaced : withLastApplied(object, namespaced) };
  if (api.get(type, keyOf(placed)) === undefined) api.create(type, placed);
  else api.patch(type, keyOf(placed), placed);
}

/** kubectl writes the annotation on Secrets too. The demo does not: a key need not stand in two places. */
function withLastApplied(object: ApiObject, metadata: ApiObject['metadata']): ApiObject['metadata'] {
  const { annotations = {} } = metadata;
  const text = JSON.stringify(sorted({ ...object, metadata: { ...metadata, annotations } })).replace(
    /[<>&]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
  return { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: `${text}\n` } };
}

/** With fields by name: the annotation is as Go writes JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}
