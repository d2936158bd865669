/** The verbs that write one object: create, update, patch, apply. What they have in common is `save`; here is what differs. */
import { type Core, existing } from '../core.ts';
import { isObject, withMeta } from '../json.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge.ts';
import { parseJson, parseYaml, unsupportedMediaType } from '../request/body.ts';
import {
  ApiError,
  alreadyExists,
  badRequest,
  conflict,
  forbiddenField,
  invalid,
  invalidValue,
  MODIFIED,
  notFound,
} from '../status.ts';
import { keyOf } from '../store/store.ts';
import type { ApiObject, RequestContext } from '../types.ts';
import { type Decoded, decodeObject } from './decode.ts';
import { type Saved, save } from './save.ts';

/** Which object a write is about; the namespace is empty for a cluster-scoped one. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** Letters and digits that make no words and are not taken for one another, as Kubernetes draws them. */
const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789';
const MAX_GENERATED_BASE = 58;

export interface Written extends Saved {
  readonly created: boolean;
}

/**
 * @param duplicates - what strict decoding has found in the body's text
 * @throws ApiError
 */
export function create(
  core: Core,
  context: RequestContext,
  namespace: string,
  body: unknown,
  duplicates: readonly string[] = [],
): Written {
  const { definition } = context;
  const { object: sent, findings } = decodeObject(context, body, namespace, '');
  if (sent.metadata.resourceVersion !== undefined && sent.metadata.resourceVersion !== '')
    throw new ApiError(500, 'Unknown', 'resourceVersion should not be set on objects to be created');
  const object = withMeta(sent, { name: sent.metadata.name || generatedName(core, sent.metadata.generateName ?? '') });
  if (core.store.collection(definition).get(keyOf(namespace, object.metadata.name)) !== undefined)
    throw alreadyExists(definition, object.metadata.name);
  return {
    ...save(core, context, null, { object, findings: [...duplicates, ...findings], tracked: false, patched: false }),
    created: true,
  };
}

function generatedName(core: Core, base: string): string {
  if (base === '') return '';
  let suffix = '';
  for (let i = 0; i < 5; i++) suffix += SUFFIX[Math.floor(core.random() * SUFFIX.length)];
  return base.slice(0, MAX_GENERATED_BASE) + suffix;
}

/** @throws ApiError */
export function update(
  core: Core,
  context: RequestContext,
  place: Place,
  body: unknown,
  duplicates: readonly string[] = [],
): Written {
  const { definition } = context;
  const strategy = core.strategies(definition);
  const read = decodeObject(context, body, place.namespace, place.name);
  const decoded = { ...read, findings: [...duplicates, ...read.findings] };
  const old = core.store.collection(definition).get(keyOf(place.namespace, place.name));
  const { resourceVersion = '' } = decoded.object.metadata;
  if (old === undefined) {
    if (context.subresource !== '' || !strategy.createOnUpdate || resourceVersion !== '')
      throw notFound(definition, place.name);
    return { ...save(core, context, null, { ...decoded, tracked: false, patched: false }), created: true };
  }
  if (resourceVersion === '' && !strategy.unconditionalUpdate)
    throw invalid(definition.group, definition.kind, place.name, [
      invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  return { ...replace(core, context, old, decoded, false), created: false };
}

/** How a patch says what it changes. */
const PATCHES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** @throws ApiError */
export function patch(
  core: Core,
  context: RequestContext,
  place: Place,
  mediaType: string,
  body: string,
  force: boolean,
): Written {
  const { definition, version } = context;
  if (mediaType === PATCHES.apply) return apply(core, context, place, parseYaml(body), force);
  const strategic = definition.source === 'built-in';
  const accepted = [PATCHES.json, PATCHES.merge, ...(strategic ? [PATCHES.strategic] : []), PATCHES.apply];
  if (!(accepted as string[]).includes(mediaType)) throw unsupportedMediaType(accepted);
  if (force)
    throw invalid('meta.k8s.io', 'PatchOptions', '', [
      forbiddenField('force', 'may not be specified for non-apply patch'),
    ]);
  const old = existing(core, definition, place.namespace, place.name);
  const decoded = decodeObject(
    context,
    patched(core.versions.read(definition, version, old), mediaType, parseJson(body)),
    place.namespace,
    place.name,
  );
  // A patch that names another uid wants to change it; a PUT means another object.
  checkUid(context, old, decoded.object);
  return { ...replace(core, context, old, decoded, true), created: false };
}

function checkUid({ definition }: RequestContext, old: ApiObject, { metadata: { uid = '' } }: ApiObject): void {
  if (uid !== '' && uid !== old.metadata.uid)
    throw invalid(definition.group, definition.kind, old.metadata.name, [
      invalidValue('metadata.uid', uid, 'field is immutable'),
    ]);
}

/** The object with a patch applied to it. @throws ApiError */
export function patched(object: ApiObject, mediaType: string, change: unknown): unknown {
  if (mediaType === PATCHES.json) return applyJsonPatch(object, change);
  if (mediaType === PATCHES.merge) {
    if (!isObject(change)) throw badRequest('a merge patch must be an object');
    return applyMergePatch(object, change);
  }
  if (mediaType === PATCHES.strategic) return applyStrategicMergePatch(object.kind, object, change);
  throw unsupportedMediaType(Object.values(PATCHES));
}

function apply(core: Core, context: RequestContext, place: Place, body: unknown, force: boolean): Written {
  const { definition, version } = context;
  const decoded = decodeObject(context, body, place.namespace, place.name);
  if (decoded.object.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const old = core.store.collection(definition).get(keyOf(place.namespace, place.name)) ?? null;
  if (old === null && context.subresource !== '') throw notFound(definition, place.name);
  if (old !== null) {
    checkUid(context, old, decoded.object);
    checkPreconditions(context, old, decoded.object);
  }
  // With neither object nor manager there is a uid in the way: an apply that names one wants an object that is gone.
  else if (decoded.object.metadata.uid !== undefined)
    throw conflict(
      definition,
      place.name,
      `uid mismatch: the provided object specified uid ${decoded.object.metadata.uid}, and no existing object was found`,
    );
  const live = old === null ? null : core.versions.read(definition, version, old);
  const object = core.applier.apply(context, live, decoded.object, force);
  return {
    ...save(core, context, old, { object, findings: decoded.findings, tracked: true, patched: false }),
    created: old === null,
  };
}

function replace(core: Core, context: RequestContext, old: ApiObject, decoded: Decoded, patched: boolean): Saved {
  checkPreconditions(context, old, decoded.object);
  return save(core, context, old, { ...decoded, tracked: false, patched });
}

/** What the body says of the object's uid and resourceVersion must hold. */
function checkPreconditions({ definition }: RequestContext, old: ApiObject, sent: ApiObject): void {
  const { uid, resourceVersion = '' } = sent.metadata;
  if (uid !== undefined && uid !== '' && uid !== old.metadata.uid)
    throw conflict(
      definition,
      old.metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  if (resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion)
    throw conflict(definition, old.metadata.name, MODIFIED);
}
