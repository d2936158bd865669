/**
 * Strategic merge patch, as kubectl sends it for built-in kinds: a merge patch that also merges lists, by the keys of their items.
 *
 * Which list is merged by which key is said by `patchMergeKey` in Kubernetes' Go types; the table below holds those of the kinds that are served
 * here. Directives: `$patch: delete | replace | merge`, `$retainKeys`, `$deleteFromPrimitiveList/FIELD`, `$setElementOrder/FIELD`.
 */
import { isObject, sameJson } from '../json.ts';
import { badRequest } from '../status.ts';
import type { Json } from '../types.ts';

/** By kind and path (list items as their list): the key, or null for a list of plain values that is a set. */
type MergeKeys = Readonly<Record<string, string | null>>;

const METADATA: MergeKeys = {
  'metadata.finalizers': null,
  'metadata.ownerReferences': 'uid',
};

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

const container = (at: string): MergeKeys => ({
  [`${at}`]: 'name',
  [`${at}.ports`]: 'containerPort',
  [`${at}.env`]: 'name',
  [`${at}.volumeMounts`]: 'mountPath',
  [`${at}.volumeDevices`]: 'devicePath',
});

const podSpec = (at: string): MergeKeys => ({
  ...Object.assign({}, ...CONTAINERS.map((name) => container(`${at}.${name}`))),
  [`${at}.volumes`]: 'name',
  [`${at}.imagePullSecrets`]: 'name',
  [`${at}.hostAliases`]: 'ip',
  [`${at}.topologySpreadConstraints`]: 'topologyKey',
  [`${at}.resourceClaims`]: 'name',
  [`${at}.schedulingGates`]: 'name',
});

const workload: MergeKeys = {
  ...podSpec('spec.template.spec'),
  'spec.template.metadata.finalizers': null,
  'spec.template.metadata.ownerReferences': 'uid',
  'status.conditions': 'type',
};

const KEYS: Readonly<Record<string, MergeKeys>> = {
  Service: { 'spec.ports': 'port', 'status.conditions': 'type' },
  Pod: {
    ...podSpec('spec'),
    'status.conditions': 'type',
    'status.podIPs': 'ip',
    'status.hostIPs': 'ip',
    'status.resourceClaimStatuses': 'name',
  },
  Node: { 'spec.podCIDRs': null, 'status.conditions': 'type', 'status.addresses': 'type' },
  Namespace: { 'status.conditions': 'type' },
  Deployment: workload,
  DaemonSet: workload,
  ReplicaSet: workload,
  ServiceAccount: { secrets: 'name' },
  ValidatingWebhookConfiguration: { webhooks: 'name' },
};

const ORDER = '$setElementOrder/';
const DELETE = '$deleteFromPrimitiveList/';

/** @throws ApiError 400 where a directive or an item's key is not as it must be */
export function applyStrategicMergePatch(kind: string, target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) throw badRequest('a strategic merge patch must be an object');
  return mergeObject(isObject(target) ? target : {}, patch, { ...METADATA, ...KEYS[kind] }, '');
}

function mergeObject(target: Json, patch: Json, keys: MergeKeys, path: string): Json {
  const { $patch: directive, $retainKeys: retain, ...fields } = patch;
  if (directive === 'replace') return fields;
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`unknown patch type found: ${String(directive)}`);
  const merged = new Map(Object.entries(target));
  if (Array.isArray(retain)) for (const field of merged.keys()) if (!retain.includes(field)) merged.delete(field);
  const orders = new Map<string, readonly unknown[]>();
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(ORDER)) {
      if (Array.isArray(value)) orders.set(name.slice(ORDER.length), value);
      continue;
    }
    if (name.startsWith(DELETE)) {
      const field = name.slice(DELETE.length);
      const [from, gone] = [merged.get(field), value];
      if (Array.isArray(from) && Array.isArray(gone))
        merged.set(
          field,
          from.filter((item) => !gone.some((other) => sameJson(item, other))),
        );
      continue;
    }
    if (value === null) merged.delete(name);
    else merged.set(name, mergeValue(merged.get(name), value, keys, path === '' ? name : `${path}.${name}`));
  }
  for (const [field, order] of orders) {
    const list = merged.get(field);
    const key = keys[path === '' ? field : `${path}.${field}`];
    if (Array.isArray(list) && key !== undefined) merged.set(field, inOrder(list, order, key));
  }
  return Object.fromEntries(merged);
}

function mergeValue(target: unknown, patch: unknown, keys: MergeKeys, path: string): unknown {
  if (isObject(patch)) return mergeObject(isObject(target) ? target : {}, patch, keys, path);
  if (!Array.isArray(patch)) return patch;
  const key = keys[path];
  const existing = Array.isArray(target) ? target : [];
  // A list of no known key is one value, apart from directives, which mean nothing in it.
  if (key === undefined) return patch;
  if (key === null) return [...existing, ...patch.filter((item) => !existing.some((other) => sameJson(item, other)))];
  return mergeList(existing, patch, key, keys, path);
}

function mergeList(target: readonly unknown[], patch: readonly unknown[], key: string, keys: MergeKeys, path: string) {
  const items = patch.map((item) => {
    if (!isObject(item)) throw badRequest(`the items of ${path} in a strategic merge patch must be objects`);
    return item;
  });
  const replaces = items.some((item) => item.$patch === 'replace');
  const merged: unknown[] = replaces ? [] : [...target];
  for (const item of items) {
    if (item.$patch === 'replace') continue;
    const id = item[key];
    if (id === undefined || id === null)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const index = merged.findIndex((other) => isObject(other) && sameJson(other[key], id));
    if (item.$patch === 'delete') {
      if (index >= 0) merged.splice(index, 1);
    } else if (index < 0) merged.push(mergeObject({}, item, keys, path));
    else merged[index] = mergeObject(merged[index] as Json, item, keys, path);
  }
  return merged;
}

/** The items that an order names, in it; each other one stays behind the one that it followed. */
function inOrder(list: readonly unknown[], order: readonly unknown[], key: string | null): readonly unknown[] {
  const idOf = (item: unknown): unknown => (key !== null && isObject(item) ? item[key] : item);
  const rank = (item: unknown): number => order.findIndex((entry) => sameJson(idOf(entry), idOf(item)));
  const ranked = list.map((item, index) => ({ item, index, rank: rank(item) }));
  let last = -1;
  // What no order names takes the place of what stands before it.
  const placed = ranked.map((entry) => {
    if (entry.rank >= 0) last = entry.rank;
    return { ...entry, place: entry.rank >= 0 ? entry.rank : last };
  });
  return placed
    .sort((a, b) => a.place - b.place || Number(a.rank < 0) - Number(b.rank < 0) || a.index - b.index)
    .map(({ item }) => item);
}
