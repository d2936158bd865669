/**
 * Demo stand-in: what a cluster's own controllers would make of its workloads, worked out from the objects that are there. A Deployment has a
 * ReplicaSet and Pods, which are spread over the nodes, a DaemonSet one Pod on each node, a Service with a selector one EndpointSlice.
 *
 * It knows no more of Kubernetes than the demo needs: no gradual rollout, one slice per Service, IPv4.
 */
import { isObject, listAt, objectAt, textAt, valueAt } from '../apiserver/json.ts';
import type { ApiObject, Json, OwnerReference } from '../apiserver/types.ts';
import { compareText } from '../compare-text.ts';

/** Says of an object who made it. */
export const STAND_IN = 'demo-stand-in';
const MARK = { 'metallb.io/made-by': STAND_IN };

/** More of one Deployment are not made: nobody runs them. */
export const MAX_REPLICAS = 100;

/** A short suffix, the same at every run (FNV-1a): what Kubernetes draws by chance. */
function suffixOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(36).padStart(7, '0').slice(-5);
}

const controllerOf = ({ apiVersion, kind, metadata }: ApiObject): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

/** Whether one object was made of another. */
export const isMadeOf = ({ metadata }: ApiObject, owner: ApiObject): boolean =>
  metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) === true;

const templateHash = (owner: ApiObject): string => suffixOf(JSON.stringify(objectAt(owner, 'spec', 'template')));

const replicasOf = (owner: ApiObject): number => {
  const replicas = valueAt(owner, 'spec', 'replicas');
  return Math.min(typeof replicas === 'number' ? replicas : 1, MAX_REPLICAS);
};

function podOf(owner: ApiObject, name: string, placed: Json, labels: Readonly<Record<string, string>>): ApiObject {
  const template = objectAt(owner, 'spec', 'template');
  const { namespace = 'default' } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { ...(objectAt(template, 'metadata', 'labels') as Record<string, string>), ...labels },
      annotations: { ...(objectAt(template, 'metadata', 'annotations') as Record<string, string>), ...MARK },
      ownerReferences: [controllerOf(owner)],
    },
    spec: { ...objectAt(template, 'spec'), ...placed },
  };
}

/** The ReplicaSet of a Deployment's present template. */
export function replicaSetOf(deployment: ApiObject): ApiObject {
  const { name, namespace = 'default' } = deployment.metadata;
  const spec = objectAt(deployment, 'spec');
  const template = objectAt(spec, 'template');
  const hash = { 'pod-template-hash': templateHash(deployment) };
  const labels = { ...(objectAt(template, 'metadata', 'labels') as Record<string, string>), ...hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${templateHash(deployment)}`,
      namespace,
      labels,
      annotations: MARK,
      ownerReferences: [controllerOf(deployment)],
    },
    spec: {
      replicas: replicasOf(deployment),
      selector: { matchLabels: { ...objectAt(spec, 'selector', 'matchLabels'), ...hash } },
      template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
    },
  };
}

/** The Pods that a ReplicaSet should have; on which node each is, is not its business. */
export function podsOfReplicaSet(replicaSet: ApiObject): readonly ApiObject[] {
  const { name } = replicaSet.metadata;
  return Array.from({ length: replicasOf(replicaSet) }, (_, i) =>
    podOf(replicaSet, `${name}-${suffixOf(`${name} ${i}`)}`, {}, {}),
  );
}

/** The node for a Pod: of those that take new ones, the one with the fewest of the same owner; undefined where there is none. */
export function nodeFor(pod: ApiObject, nodes: readonly ApiObject[], pods: readonly ApiObject[]): string | undefined {
  const owner = pod.metadata.ownerReferences?.[0]?.uid;
  const siblings = pods.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner));
  const countOn = (node: string): number => siblings.filter(({ spec }) => textAt(spec, 'nodeName') === node).length;
  const open = nodes.filter((node) => valueAt(node, 'spec', 'unschedulable') !== true && fits(pod.spec, node));
  return open.map(({ metadata }) => metadata.name).sort((a, b) => countOn(a) - countOn(b) || compareText(a, b))[0];
}

/** Whether a node has what a Pod's `nodeSelector` asks for. */
const fits = (podSpec: unknown, { metadata }: ApiObject): boolean =>
  Object.entries(objectAt(podSpec, 'nodeSelector')).every(([label, value]) => metadata.labels?.[label] === value);

/** The names of the nodes on which a DaemonSet should have a Pod, whether or not they take new ones. */
export const nodesOfDaemonSet = (daemonSet: ApiObject, nodes: readonly ApiObject[]): readonly string[] =>
  nodes
    .filter((node) => fits(objectAt(daemonSet, 'spec', 'template', 'spec'), node))
    .map(({ metadata }) => metadata.name);

/** Its Pods, named by their nodes. */
export const podsOfDaemonSet = (daemonSet: ApiObject, nodes: readonly string[]): readonly ApiObject[] =>
  nodes.map((node) =>
    podOf(
      daemonSet,
      `${daemonSet.metadata.name}-${node}`,
      { nodeName: node },
      {
        'controller-revision-hash': templateHash(daemonSet),
      },
    ),
  );

export const isReady = (pod: ApiObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );

const readyOf = (pods: readonly ApiObject[]): number => pods.filter(isReady).length;

export const replicaSetStatus = (replicaSet: ApiObject, pods: readonly ApiObject[]): Json => ({
  observedGeneration: replicaSet.metadata.generation ?? 1,
  replicas: pods.length,
  fullyLabeledReplicas: pods.length,
  readyReplicas: readyOf(pods),
  availableReplicas: readyOf(pods),
});

/** @param pods - those of the present template. */
export function deploymentStatus(deployment: ApiObject, pods: readonly ApiObject[], time: string): Json {
  const ready = readyOf(pods);
  const available = ready >= replicasOf(deployment);
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas: pods.length,
    updatedReplicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: Math.max(0, replicasOf(deployment) - ready),
    conditions: [
      condition(deployment, time, 'Available', available, {
        reason: available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      }),
      condition(deployment, time, 'Progressing', true, {
        reason: available ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
      }),
    ],
  };
}

/** @param pods - those of the present template. */
export const daemonSetStatus = (daemonSet: ApiObject, pods: readonly ApiObject[], wanted: number): Json => ({
  observedGeneration: daemonSet.metadata.generation ?? 1,
  desiredNumberScheduled: wanted,
  currentNumberScheduled: pods.length,
  updatedNumberScheduled: pods.length,
  numberMisscheduled: 0,
  numberReady: readyOf(pods),
  numberAvailable: readyOf(pods),
  numberUnavailable: wanted - readyOf(pods),
});

/** A condition, which keeps its time as long as its status. */
export function condition(of: ApiObject, time: string, type: string, holds: boolean, more: Json = {}): Json {
  const status = holds ? 'True' : 'False';
  const before = listAt(of, 'status', 'conditions').find((one) => textAt(one, 'type') === type);
  const lastTransitionTime = textAt(before, 'status') === status ? textAt(before, 'lastTransitionTime') : time;
  return { type, status, ...more, lastTransitionTime };
}

/** The EndpointSlice of a Service with a selector; null for one without. */
export function sliceOf(service: ApiObject, pods: readonly ApiObject[]): ApiObject | null {
  const { name, namespace = 'default' } = service.metadata;
  const selector = Object.entries(objectAt(service, 'spec', 'selector'));
  if (selector.length === 0) return null;
  const chosen = pods.filter(
    ({ metadata, ...pod }) =>
      (metadata.namespace ?? 'default') === namespace &&
      metadata.deletionTimestamp === undefined &&
      textAt(pod, 'status', 'podIP') !== '' &&
      selector.every(([key, value]) => metadata.labels?.[key] === value),
  );
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${suffixOf(`${namespace}/${name}`)}`,
      namespace,
      labels: {
        'endpointslice.kubernetes.io/managed-by': `${STAND_IN}.metallb-ts`,
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [controllerOf(service)],
    },
    addressType: 'IPv4',
    ports: listAt(service, 'spec', 'ports').map((port) => ({
      name: textAt(port, 'name'),
      port: targetPortOf(port, chosen[0]),
      protocol: textAt(port, 'protocol') || 'TCP',
    })),
    endpoints: chosen.map((pod) => ({
      addresses: [textAt(pod, 'status', 'podIP')],
      conditions: { ready: isReady(pod), serving: isReady(pod), terminating: false },
      nodeName: textAt(pod, 'spec', 'nodeName'),
      targetRef: { kind: 'Pod', namespace, name: pod.metadata.name, uid: pod.metadata.uid ?? '' },
    })),
  };
}

/** A target port is a number, or the name of a port of the Pod's containers; without one it is the Service's own. */
function targetPortOf(port: unknown, pod: ApiObject | undefined): unknown {
  const target = valueAt(port, 'targetPort');
  if (typeof target === 'number' && target !== 0) return target;
  const named = listAt(pod, 'spec', 'containers')
    .flatMap((container) => listAt(container, 'ports'))
    .find((one) => typeof target === 'string' && textAt(one, 'name') === target);
  return isObject(named) ? named.containerPort : valueAt(port, 'port');
}
