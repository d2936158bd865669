/**
 * Objects of the API as they are kept: what decisions need, parsed where it comes in, and of the rest a few fields.
 *
 * A Service of a megabyte of annotations costs what its ports and labels cost. What we write ourselves (status) and what every write changes
 * (resourceVersion, generation) is no part of a configuration object's meaning: a status that is written is no change of the configuration
 * (docs/decisions.md 23).
 */

import { CURRENT_PREFIX, DEPRECATED_PREFIX } from '../allocator/annotation.ts';
import { withoutOldZeros } from '../config/peer-v1beta1.ts';
import type { Resource } from '../config/resource.ts';
import { isJsonObject } from '../is-json-object.ts';
import { apiVersionOf } from '../kube/resource-types.ts';
import type { KubeObject, ObjectKey, ResourceType } from '../kube/types.ts';
import { type CoreObject, understand } from '../plan/world/world-object.ts';

/** kubectl's copy of what was applied: as long as the object, and nothing that anybody decides by. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type Json = Readonly<Record<string, unknown>>;

/** A configuration object as it comes in. */
export interface SeenConfig {
  readonly resource: Resource;
  readonly generation: number;
  readonly uid: string;
  readonly status: Json;
}

/** Reads a Service. */
export const readService = (object: KubeObject): CoreObject | undefined =>
  understand(resourceOf(object, (key) => key.startsWith(CURRENT_PREFIX) || key.startsWith(DEPRECATED_PREFIX)));

/** Reads a Node, a Namespace or a Secret. */
export const readCore = (object: KubeObject): CoreObject | undefined => understand(resourceOf(object, () => false));

/** Reads a configuration object. Who wrote which field is not kept: what it tells of a BGPPeer is taken out here. */
export function readConfig(object: KubeObject): SeenConfig {
  const { metadata, status, apiVersion, kind } = object;
  const resource = resourceOf(object, () => true);
  const { namespace, name, labels, annotations, creationTimestamp } = resource.metadata;
  const { spec } = withoutOldZeros(resource).body;
  const body = {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, annotations, creationTimestamp, uid: metadata.uid },
    ...(spec === undefined ? {} : { spec }),
  };
  return {
    resource: { apiVersion, kind, metadata: { namespace, name, labels, annotations, creationTimestamp }, body },
    generation: metadata.generation ?? 0,
    uid: metadata.uid ?? '',
    status: isJsonObject(status) ? status : {},
  };
}

/** The status of an object. */
export const statusOf = ({ status }: KubeObject): Json => (isJsonObject(status) ? status : {});

/** How an object of a type is named to a world that it is gone. */
export const goneObject = (type: ResourceType, { namespace, name }: ObjectKey) => ({
  apiVersion: apiVersionOf(type),
  kind: type.kind,
  namespace,
  name,
});

function resourceOf(object: KubeObject, keeps: (annotation: string) => boolean): Resource {
  const { metadata, apiVersion, kind } = object;
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([key]) => key !== LAST_APPLIED && keeps(key)),
  );
  return {
    apiVersion,
    kind,
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace ?? '',
      labels: metadata.labels ?? {},
      annotations,
      creationTimestamp: metadata.creationTimestamp ?? null,
    },
    body: object,
  };
}
