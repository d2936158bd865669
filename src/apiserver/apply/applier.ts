/**
 * Server-side apply, and the record of who set which field (kubernetes.io: "Server-Side Apply"; structured-merge-diff: merge/update.go).
 *
 * An applier owns the fields that it applies; what it applied before and does not apply any more, and nobody else owns, goes. A field that another
 * owns with another value is a conflict, unless forced. Every other write takes the fields that it changes from whoever owned them.
 *
 * All versions of a resource have one form here (conversion strategy None), so that sets of fields need no conversion. Deliberately not: what
 * Kubernetes does for fields that `kubectl apply` once recorded in its annotation (kubectl itself moves them over since 1.26).
 */
import { isObject, withoutMeta } from '../json.ts';
import { apiVersionOf } from '../registry.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { ApiError } from '../status.ts';
import type { ApiObject, Applier, ManagedFieldsEntry, RequestContext } from '../types.ts';
import { FieldSet, pathText } from './field-set.ts';
import { decodeOwners, encodeOwners, type Owner, type Owners, ownerKey, ownerOf, ownerText } from './managers.ts';
import { mergeApplied, withoutFields } from './merge.ts';
import { type Comparison, compareFields, fieldsOf, partsOf, structureOf, withNamedFields } from './structure.ts';

/** Fields that nobody owns: the server sets them, or they are what the object is. */
const NOBODYS = FieldSet.of([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['f:metadata', `f:${name}`]),
]);

const BEFORE = 'before-first-apply';

export const fieldApplier: Applier = { apply, track };

function apply(context: RequestContext, live: ApiObject | null, applied: ApiObject, force: boolean): ApiObject {
  const node = structureOf(context.definition, context.version);
  checkApplied(context, applied, node);
  const owners = live === null ? new Map<string, Owner>() : ownersBefore(context, live, node);
  const self = ownerOf(context, 'Apply');
  const key = ownerKey(self);
  const before = owners.get(key)?.fields ?? new FieldSet();
  const ignored = ignoredFields(context);
  const fields = fieldsOf(applied, node).recursiveDifference(ignored).difference(NOBODYS);
  const others = new Map([...owners].filter(([other]) => other !== key));
  const merged = live === null ? applied : mergeApplied(withoutMeta(live, 'managedFields'), applied, node);
  const kept = [...others.values()].reduce((all, owner) => all.union(owner.fields), fields);
  const gone = withNamedFields(before, node).difference(withNamedFields(kept, node)).difference(NOBODYS);
  const next = withoutFields(merged, gone, kept, node) as ApiObject;
  const comparison = compareFields(live === null ? {} : withoutMeta(live, 'managedFields'), next, node);
  const left = taken(others, comparison, ignored, force);
  return withOwners(next, new Map([...left, [key, { ...self, fields }]]));
}

function track(context: RequestContext, old: ApiObject | null, next: ApiObject): ApiObject {
  const node = structureOf(context.definition, context.version);
  const owners = ownersFor(context, old, next);
  // Who owned what was forgotten, or never known: it is not begun in the middle.
  if (old !== null && owners.size === 0) return withOwners(next, owners);
  const ignored = ignoredFields(context);
  const before = old === null ? {} : withoutMeta(old, 'managedFields');
  const comparison = compareFields(before, withoutMeta(next, 'managedFields'), node);
  const left = new Map(taken(owners, comparison, ignored, true));
  const changed = comparison.added.union(comparison.modified).recursiveDifference(ignored).difference(NOBODYS);
  if (!changed.isEmpty) {
    const self = ownerOf(context, 'Update');
    const same = left.get(ownerKey(self));
    left.set(ownerKey(self), { ...self, fields: same === undefined ? changed : same.fields.union(changed) });
  }
  return withOwners(next, left);
}

/** Of an object of which nobody knows who owns what, everything is owned by who was there before the first apply. */
function ownersBefore(context: RequestContext, live: ApiObject, node: SchemaNode): Owners {
  const owners = decodeOwners(live.metadata.managedFields);
  if (owners !== undefined && owners.size > 0) return owners;
  const { added } = compareFields({}, withoutMeta(live, 'managedFields'), node);
  const owner: Owner = {
    ...ownerOf(context, 'Update'),
    manager: BEFORE,
    subresource: '',
    fields: added.recursiveDifference(ignoredFields(context)).difference(NOBODYS),
  };
  return new Map([[ownerKey(owner), owner]]);
}

/** The record as the request has it, where it may and does say so; else as it was. An entry without content resets it. */
function ownersFor(context: RequestContext, old: ApiObject | null, next: ApiObject): Owners {
  const were = decodeOwners(old?.metadata.managedFields) ?? new Map<string, Owner>();
  if (context.subresource !== '') return were;
  const sent: readonly ManagedFieldsEntry[] | undefined = next.metadata.managedFields;
  if (sent?.length === 1 && isObject(sent[0]) && Object.keys(sent[0]).length === 0) return new Map();
  const owners = decodeOwners(sent);
  return owners === undefined || owners.size === 0 ? were : owners;
}

/** What the owners are left with after a change. @throws ApiError 409 where they own what changes, and are not to be forced */
function taken(owners: Owners, comparison: Comparison, ignored: FieldSet, force: boolean): Owners {
  const { removed } = comparison;
  const changed = comparison.added.union(comparison.modified).recursiveDifference(ignored);
  const conflicts = new Map<Owner, FieldSet>();
  for (const owner of owners.values()) {
    const common = owner.fields.intersection(changed);
    if (!common.isEmpty) conflicts.set(owner, common);
  }
  if (!force && conflicts.size > 0) throw conflictOf(conflicts);
  return new Map(
    [...owners].map(([key, owner]) => [
      key,
      {
        ...owner,
        fields: owner.fields
          .difference(conflicts.get(owner) ?? new FieldSet())
          .difference(removed.recursiveDifference(ignored)),
      },
    ]),
  );
}

function conflictOf(conflicts: ReadonlyMap<Owner, FieldSet>): ApiError {
  const all = [...conflicts]
    .map(([owner, fields]) => ({ owner: ownerText(owner), paths: [...fields.paths()].map(pathText).sort() }))
    .sort((a, b) => (a.owner < b.owner ? -1 : 1));
  const causes = all.flatMap(({ owner, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field })),
  );
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${causes[0]?.message}: ${causes[0]?.field}`
      : `Apply failed with ${causes.length} conflicts: ${all
          .flatMap(({ owner, paths }) => [`conflicts with ${owner}:`, ...paths.map((path) => `- ${path}`)])
          .join('\n')}`;
  return new ApiError(409, 'Conflict', message, { causes });
}

const STATUS = FieldSet.of([['f:status']]);
const ALL_BUT_STATUS = FieldSet.of([['f:metadata'], ['f:spec']]);
const SPEC = FieldSet.of([['f:spec']]);

/** What a request through this path cannot write, and so does not own. */
function ignoredFields({ definition, version, subresource }: RequestContext): FieldSet {
  if (subresource === 'status') return definition.source === 'custom' ? ALL_BUT_STATUS : SPEC;
  return version.subresources.status ? STATUS : new FieldSet();
}

function withOwners(object: ApiObject, owners: Owners): ApiObject {
  const managedFields = encodeOwners(owners);
  const bare = withoutMeta(object, 'managedFields');
  return managedFields.length === 0 ? bare : { ...bare, metadata: { ...bare.metadata, managedFields } };
}

/** An applier must know what it wants to own. @throws ApiError in the words of structured-merge-diff */
function checkApplied(context: RequestContext, applied: ApiObject, node: SchemaNode): void {
  const problem = findProblem(applied, node, '');
  if (problem === undefined) return;
  const { definition, version } = context;
  const { namespace = '', name } = applied.metadata;
  const gvk = `${apiVersionOf(definition.group, version.name)}, Kind=${definition.kind}`;
  throw new ApiError(500, 'Unknown', `failed to create typed patch object (${namespace}/${name}; ${gvk}): ${problem}`);
}

function findProblem(value: unknown, node: SchemaNode, path: string): string | undefined {
  const parts = partsOf(value, node);
  if (parts === null) {
    if (!Array.isArray(value) || node.listType !== 'map') return undefined;
    return `${path}: element ${value.findIndex((item) => !isObject(item))}: associative list with keys may not have non-map elements`;
  }
  const seen = new Set<string>();
  for (const part of parts) {
    const at = path + pathText([part.element]);
    if (seen.has(part.element)) return `${path}: duplicate entries for key ${pathText([part.element])}`;
    seen.add(part.element);
    if (!Array.isArray(value) && !part.named && node.additional === null && !node.preserveUnknown)
      return `${at}: field not declared in schema`;
    const below = findProblem(part.value, part.node, at);
    if (below !== undefined) return below;
  }
  return undefined;
}
