/**
 * Deletion: at once, or by and by where finalizers, a kubelet or contents are waited for. The object is marked then, and `Lifecycle` removes it
 * when nothing holds it any more.
 */
import { type Core, DEFINITIONS, existing, NAMESPACES, PODS, timeText } from '../core.ts';
import { isObject, objectAt, textAt, withMeta } from '../json.ts';
import { isScheduled } from '../kinds/workload.ts';
import { dryRunOption, numberOption } from '../request/options.ts';
import { badRequest, conflict, forbidden } from '../status.ts';
import { keyOf } from '../store/store.ts';
import type { ApiObject, Json, ResourceDefinition } from '../types.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

/** metav1.DeleteOptions. */
export interface DeleteOptions {
  readonly graceSeconds: number | undefined;
  readonly propagation: Propagation;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly dryRun: boolean;
}

export const IMMEDIATELY: DeleteOptions = {
  graceSeconds: undefined,
  propagation: 'Background',
  uid: undefined,
  resourceVersion: undefined,
  dryRun: false,
};

/** What a Foreground deletion waits with, by Kubernetes' name for it. */
export const FOREGROUND = 'foregroundDeletion';
/** What holds a CustomResourceDefinition until its objects are gone. */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

const UNDELETABLE = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const DEFAULT_GRACE_SECONDS = 30;

/** Options come in the body, in the query, or in both. @throws ApiError 400 */
export function deleteOptionsOf(query: URLSearchParams, body: unknown): DeleteOptions {
  const fields: Json = isObject(body) ? body : {};
  const policy = fields.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  if (policy !== undefined && policy !== 'Background' && policy !== 'Foreground' && policy !== 'Orphan')
    throw badRequest(
      `propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`,
    );
  const orphan = fields.orphanDependents === true || query.get('orphanDependents') === 'true';
  const grace = fields.gracePeriodSeconds ?? numberOption(query, 'gracePeriodSeconds');
  if (grace !== undefined && grace !== null && !(Number.isInteger(grace) && (grace as number) >= 0))
    throw badRequest('gracePeriodSeconds: Invalid value: must be a number that is not negative');
  const preconditions = objectAt(fields, 'preconditions');
  return {
    graceSeconds: typeof grace === 'number' ? grace : undefined,
    propagation: policy ?? (orphan ? 'Orphan' : 'Background'),
    uid: textAt(preconditions, 'uid') || undefined,
    resourceVersion: textAt(preconditions, 'resourceVersion') || undefined,
    dryRun: dryRunOption(query, Array.isArray(fields.dryRun) ? fields.dryRun : []),
  };
}

export interface Deleted {
  /** As it was last. */
  readonly object: ApiObject;
  /** False while something is waited for. */
  readonly gone: boolean;
}

/** @throws ApiError 404, 409 where a precondition does not hold, 403 for what may not go */
export function deleteObject(
  core: Core,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
  options: DeleteOptions,
): Deleted {
  const object = existing(core, definition, namespace, name);
  checkPreconditions(definition, object, options);
  const is = (resource: { group: string; plural: string }): boolean =>
    definition.group === resource.group && definition.plural === resource.plural;
  if (is(NAMESPACES) && UNDELETABLE.includes(name))
    throw forbidden(definition, name, 'this namespace may not be deleted');
  const grace = is(PODS) ? podGrace(object, options) : 0;
  const holders = [
    ...(object.metadata.finalizers ?? []),
    ...(options.propagation === 'Foreground' ? [FOREGROUND] : []),
    ...(is(DEFINITIONS) ? [CLEANUP] : []),
  ];
  const waits = holders.length > 0 || grace > 0 || is(NAMESPACES);
  if (options.dryRun) return { object, gone: !waits };
  if (!waits) return { object: core.store.remove(definition, keyOf(namespace, name)) ?? object, gone: true };
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation } = object.metadata;
  // Marked already: only a shorter grace changes something.
  if (deletionTimestamp !== undefined && grace >= deletionGracePeriodSeconds) return { object, gone: false };
  const marked = withMeta(object, {
    deletionTimestamp: timeText(core.wallClock() + grace * 1000),
    deletionGracePeriodSeconds: grace,
    ...(holders.length === 0 ? {} : { finalizers: [...new Set(holders)] }),
    ...(generation === undefined ? {} : { generation: generation + 1 }),
  });
  const stored = core.store.put(
    definition,
    is(NAMESPACES) ? { ...marked, status: { ...objectAt(marked, 'status'), phase: 'Terminating' } } : marked,
  );
  return { object: stored, gone: false };
}

function checkPreconditions(definition: ResourceDefinition, { metadata }: ApiObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options;
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      definition,
      metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      definition,
      metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
}

/** How long a pod has: none where no kubelet has it, or where it has ended. */
function podGrace(pod: ApiObject, options: DeleteOptions): number {
  const phase = textAt(pod, 'status', 'phase');
  if (!isScheduled(pod) || phase === 'Succeeded' || phase === 'Failed') return 0;
  const own = objectAt(pod, 'spec').terminationGracePeriodSeconds;
  return options.graceSeconds ?? (typeof own === 'number' ? own : DEFAULT_GRACE_SECONDS);
}

/** Whether an object is marked and nothing holds it any more; a namespace is held by its contents. */
export function isFree(definition: ResourceDefinition, object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  if (deletionTimestamp === undefined || finalizers.length > 0 || deletionGracePeriodSeconds > 0) return false;
  return definition.group !== NAMESPACES.group || definition.plural !== NAMESPACES.plural;
}
