/**
 * The one way by which an object that a client wrote comes into the store, whatever verb it was: pruned, defaulted, its system fields kept from
 * the client, judged, given what is handed out, and counted as a change only if it is one.
 */

import { type Core, checkNamespace } from '../core.ts';
import { cloneJson, type Draft, isObject, sameJson } from '../json.ts';
import { conform } from '../kinds/conform.ts';
import { nameProblem, validateMetadata } from '../kinds/names.ts';
import {
  type ApiError,
  badRequest,
  type FieldError,
  forbiddenField,
  invalid,
  invalidValue,
  required,
} from '../status.ts';
import { keyOfObject } from '../store/store.ts';
import type { ApiObject, ManagedFieldsEntry, ObjectMeta, RequestContext } from '../types.ts';
import { asVersion } from '../versions.ts';
import { isFree } from './delete.ts';

/** What became of a write. */
export interface Saved {
  readonly object: ApiObject;
  /** False where the object was as wanted already: nothing was written, and no resourceVersion given. */
  readonly changed: boolean;
  readonly warnings: readonly string[];
}

export interface Candidate {
  /** In the form of the request's version. */
  readonly object: ApiObject;
  /** What strict decoding has found already: `unknown field "spec.x"`. */
  readonly findings: readonly string[];
  /** Whether a JSON, merge or strategic merge patch came to this. */
  readonly patched: boolean;
  /** Whether `metadata.managedFields` is settled, as after an apply. */
  readonly tracked: boolean;
}

/** @throws ApiError where the object is refused */
export function save(core: Core, context: RequestContext, old: ApiObject | null, candidate: Candidate): Saved {
  const { definition, version } = context;
  const strategy = core.strategies(definition);
  const before = old === null ? null : core.versions.read(definition, version, old);
  let object: ApiObject = candidate.object;
  const findings = [...candidate.findings];
  if (version.schema !== null) {
    const prepared = core.validator.prepare(version.schema, object);
    object = prepared.object;
    findings.push(...prepared.unknown.map(unknownField));
  }
  if (definition.source === 'built-in') {
    const { object: conformed, unknown, wrongType } = conform(object);
    if (wrongType !== undefined) throw undecodable(context, candidate, wrongType);
    object = conformed;
    findings.push(...unknown.map(unknownField));
  }
  const warnings = judgeFindings(context, candidate, findings);
  object = {
    ...separateStatus(context, before, object, strategy.statusAtCreation),
    metadata: systemMeta(core, context, before, object),
  };
  const draft = cloneJson(object) as unknown as Draft;
  strategy.prepare?.(draft, before);
  object = draft as unknown as ApiObject;
  if (!candidate.tracked) object = core.applier.track(context, before, object);
  const errors = [
    ...validateName(object, before, strategy.names),
    ...validateMetadata(object.metadata as unknown as Draft),
    ...validateFinalizers(object, before),
    ...(version.schema === null ? [] : core.validator.validate(version.schema, object, before)),
    ...(strategy.validate?.(object, before) ?? []),
  ];
  if (errors.length === 0 && strategy.allocate !== undefined) {
    const given = cloneJson(object) as unknown as Draft;
    errors.push(...strategy.allocate(given, before));
    object = given as unknown as ApiObject;
  }
  if (errors.length > 0) throw invalid(definition.group, definition.kind, object.metadata.name, errors);
  object = withGeneration(context, before, object, strategy.generation);
  if (before !== null && sameButTimes(before, object)) return { object: before, changed: false, warnings };
  if (old === null) checkNamespace(core, definition, object.metadata.namespace ?? '', object.metadata.name);
  const stored = asVersion(object, definition.group, definition.storageVersion);
  if (context.dryRun) {
    core.store.checkSize(definition, stored);
    return { object, changed: true, warnings };
  }
  // What was waited for is done: the last write of an object is its end, and no change before that.
  const written =
    old !== null && isFree(definition, stored)
      ? core.store.remove(definition, keyOfObject(stored), stored)
      : core.store.put(definition, stored);
  return { object: core.versions.read(definition, version, written ?? stored), changed: true, warnings };
}

/** What is found where strict decoding looks, in Kubernetes' words. */
export const unknownField = (field: string): string => `unknown field ${JSON.stringify(field)}`;
export const duplicateField = (field: string): string => `duplicate field ${JSON.stringify(field)}`;

function judgeFindings(context: RequestContext, candidate: Candidate, texts: readonly string[]): string[] {
  if (texts.length === 0 || context.fieldValidation === 'Ignore') return [];
  if (context.fieldValidation === 'Warn') return [...texts];
  throw undecodable(context, candidate, `strict decoding error: ${texts.join(', ')}`);
}

/** What a body comes to that is no object of its kind: of a patch, that the patch is invalid. */
function undecodable({ definition, version }: RequestContext, { patched }: Candidate, why: string): ApiError {
  if (patched) return invalid('', '', '', [invalidValue('patch', definition.kind, why)]);
  const { kind } = definition;
  return badRequest(`${kind} in version ${JSON.stringify(version.name)} cannot be handled as a ${kind}: ${why}`);
}

/** Each of the two ways of writing leaves alone what the other one is for. */
function separateStatus(
  context: RequestContext,
  old: ApiObject | null,
  object: ApiObject,
  keptAtCreation: boolean,
): ApiObject {
  const { definition, version, subresource } = context;
  if (subresource === 'status' && old !== null)
    // A built-in kind's labels and annotations may be written with its status, a custom one's may not.
    return {
      ...old,
      metadata:
        definition.source === 'custom'
          ? { ...old.metadata, managedFields: object.metadata.managedFields ?? [] }
          : object.metadata,
      ...(object.status === undefined ? {} : { status: object.status }),
    };
  if (!version.subresources.status || (old === null && keptAtCreation)) return object;
  const { status: _, ...rest } = object;
  return { ...(rest as ApiObject), ...(old?.status === undefined ? {} : { status: old.status }) };
}

/** The fields of the metadata that the server alone sets. */
function systemMeta(core: Core, context: RequestContext, old: ApiObject | null, object: ApiObject): ObjectMeta {
  const custom = context.definition.source === 'custom' && context.subresource === 'status' && old !== null;
  const sent = object.metadata;
  const {
    uid: _uid,
    resourceVersion: _resourceVersion,
    generation: _generation,
    creationTimestamp: _creationTimestamp,
    deletionTimestamp: _deletionTimestamp,
    deletionGracePeriodSeconds: _grace,
    ...free
  } = custom
    ? { ...old.metadata, ...(sent.managedFields === undefined ? {} : { managedFields: sent.managedFields }) }
    : sent;
  if (old === null) return { ...free, uid: core.uid(), creationTimestamp: context.time };
  const { uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } =
    old.metadata;
  const kept = { uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds };
  return {
    ...free,
    ...(Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) as Partial<ObjectMeta>),
  };
}

function validateName(object: ApiObject, old: ApiObject | null, rule: Parameters<typeof nameProblem>[0]): FieldError[] {
  if (old !== null) return [];
  const { name } = object.metadata;
  if (name === '') return [required('metadata.name', 'name or generateName is required')];
  const wrong = nameProblem(rule, name);
  return wrong === undefined ? [] : [invalidValue('metadata.name', name, wrong)];
}

/** An object that is being deleted may lose finalizers and get no new ones. */
function validateFinalizers(object: ApiObject, old: ApiObject | null): FieldError[] {
  if (old?.metadata.deletionTimestamp === undefined) return [];
  const before = old.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.includes(finalizer));
  return added.length === 0
    ? []
    : [
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((text) => JSON.stringify(text)).join(', ')}}`,
        ),
      ];
}

function withGeneration(
  context: RequestContext,
  old: ApiObject | null,
  object: ApiObject,
  counted: boolean,
): ApiObject {
  if (!counted) return object;
  if (old === null) return { ...object, metadata: { ...object.metadata, generation: 1 } };
  const hasStatus = context.version.subresources.status;
  const content = ({ metadata: _, apiVersion: __, status, ...rest }: ApiObject): unknown =>
    hasStatus ? rest : { ...rest, status };
  if (sameJson(content(old), content(object))) return object;
  return { ...object, metadata: { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 } };
}

/** Whether two objects differ in nothing but when their fields were last set. */
function sameButTimes(a: ApiObject, b: ApiObject): boolean {
  const timeless = (object: ApiObject): unknown => {
    const { managedFields = [], ...metadata } = object.metadata;
    return { ...object, metadata: { ...metadata, managedFields: managedFields.map(withoutTime) } };
  };
  return sameJson(timeless(a), timeless(b));
}

const withoutTime = (entry: ManagedFieldsEntry): unknown => {
  if (!isObject(entry)) return entry;
  const { time: _, ...rest } = entry;
  return rest;
};
