/** Who owns which fields: `metadata.managedFields` read and written (apimachinery: util/managedfields). */
import { isObject } from '../json.ts';
import { apiVersionOf } from '../registry.ts';
import type { ManagedFieldsEntry, RequestContext } from '../types.ts';
import { FieldSet } from './field-set.ts';

export interface Owner {
  readonly manager: string;
  readonly operation: ManagedFieldsEntry['operation'];
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly fields: FieldSet;
}

/** By {@link ownerKey}. */
export type Owners = ReadonlyMap<string, Owner>;

/** More updaters than this are one, so that an object that everybody writes does not grow. */
const MAX_UPDATERS = 10;
const ANCIENT = 'ancient-changes';

/** Who appliers are does not depend on the version that they apply; of updaters each version is another. */
export const ownerKey = ({ manager, operation, apiVersion, subresource }: Omit<Owner, 'fields' | 'time'>): string =>
  JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource]);

/** The owner that a request's writes are recorded under. */
export const ownerOf = (context: RequestContext, operation: Owner['operation']): Omit<Owner, 'fields'> => ({
  manager: context.fieldManager,
  operation,
  apiVersion: apiVersionOf(context.definition.group, context.version.name),
  subresource: context.subresource,
  time: context.time,
});

/** Undefined where the value is no list of entries. */
export function decodeOwners(value: unknown): Owners | undefined {
  if (!Array.isArray(value)) return undefined;
  const owners = new Map<string, Owner>();
  for (const entry of value) {
    if (!isObject(entry)) return undefined;
    const { manager = '', operation, apiVersion, subresource = '', time = '', fieldsType, fieldsV1 } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return undefined;
    if (fieldsType !== undefined && fieldsType !== 'FieldsV1') return undefined;
    const fields = FieldSet.decode(fieldsV1 ?? {});
    if (fields === undefined || typeof manager !== 'string' || typeof apiVersion !== 'string') return undefined;
    if (typeof subresource !== 'string' || typeof time !== 'string') return undefined;
    const owner: Owner = { manager, operation, apiVersion, subresource, time, fields };
    const key = ownerKey(owner);
    const same = owners.get(key);
    owners.set(key, same === undefined ? owner : { ...owner, fields: owner.fields.union(same.fields) });
  }
  return owners;
}

export function encodeOwners(owners: Owners): readonly ManagedFieldsEntry[] {
  return capped([...owners.values()].filter(({ fields }) => !fields.isEmpty).sort(byAge)).map(
    ({ manager, operation, apiVersion, subresource, time, fields }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === '' ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: fields.encode(),
      ...(subresource === '' ? {} : { subresource }),
    }),
  );
}

/** Appliers first, then the oldest first. */
function byAge(a: Owner, b: Owner): number {
  const keys = (owner: Owner): readonly string[] => [
    owner.operation,
    owner.time,
    owner.manager,
    owner.apiVersion,
    owner.subresource,
  ];
  const [left, right] = [keys(a), keys(b)];
  for (const [index, text] of left.entries()) {
    const other = right[index] as string;
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}

function capped(owners: readonly Owner[]): readonly Owner[] {
  const updaters = owners.filter(({ operation, subresource }) => operation === 'Update' && subresource === '');
  if (updaters.length <= MAX_UPDATERS) return owners;
  const merged = updaters.slice(0, updaters.length - MAX_UPDATERS + 1);
  const last = merged.at(-1) as Owner;
  const ancient: Owner = {
    ...last,
    manager: ANCIENT,
    fields: merged.reduce((all, { fields }) => all.union(fields), new FieldSet()),
  };
  return [...owners.filter((owner) => !merged.includes(owner)), ancient].sort(byAge);
}

/** `"kubectl" with subresource "scale" using apps/v1`, as conflicts name an owner. */
export function ownerText({ manager, operation, apiVersion, subresource }: Owner): string {
  const through = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(manager)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
