/**
 * What a cluster's own controllers and kubelets would make of its workloads, worked out from the objects that are there: the Pods of each
 * Deployment, spread over the nodes, and the EndpointSlice of each Service. Nothing runs in these Pods.
 *
 * It stands in for a cluster in the demo and in tests, and knows no more of Kubernetes than they need: no rollout, no readiness but the
 * Pod's own, one slice per Service, IPv4.
 */
import type { KubeObject } from '../kube/types.ts';

type Json = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A name's short suffix, the same at every run (FNV-1a): what Kubernetes draws by chance. */
function suffixOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(36).padStart(7, '0').slice(-5);
}

export interface NodeOfPods {
  readonly name: string;
  /** `status.hostIP` of its Pods. */
  readonly address: string;
  /** The first three octets of its Pods' addresses. */
  readonly podNetwork: string;
}

/** The Pods that a Deployment should have, running and ready. */
export function podsOf(deployment: KubeObject, nodes: readonly NodeOfPods[], startTime: string): readonly KubeObject[] {
  const { name, namespace = 'default', uid = '' } = deployment.metadata;
  const spec = objectOf(deployment.spec);
  const template = objectOf(spec.template);
  const replicas = typeof spec.replicas === 'number' ? spec.replicas : 1;
  return Array.from({ length: nodes.length === 0 ? 0 : replicas }, (_, i) => {
    const node = nodes[i % nodes.length] as NodeOfPods;
    const podName = `${name}-${suffixOf(name)}-${suffixOf(`${name} ${i}`)}`;
    const podSpec = objectOf(template.spec);
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: podName,
        namespace,
        labels: objectOf(objectOf(template.metadata).labels) as Readonly<Record<string, string>>,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid }],
      },
      spec: { ...podSpec, nodeName: node.name },
      status: runningStatus(
        podSpec,
        `${node.podNetwork}.${10 + Math.floor(i / nodes.length)}`,
        node.address,
        startTime,
      ),
    };
  });
}

/** The status of a Pod all of whose containers run and are ready. */
export function runningStatus(spec: Json, podIP: string, hostIP: string, startTime: string): Json {
  const condition = (type: string): Json => ({ type, status: 'True', lastTransitionTime: startTime });
  return {
    phase: 'Running',
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(condition),
    podIP,
    podIPs: [{ ip: podIP }],
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime,
    containerStatuses: listOf(spec.containers).map((container) => ({
      name: textOf(objectOf(container).name),
      image: textOf(objectOf(container).image),
      imageID: '',
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: startTime } },
    })),
  };
}

const isReady = (pod: KubeObject): boolean =>
  listOf(objectOf(pod.status).conditions).some(
    (condition) => objectOf(condition).type === 'Ready' && objectOf(condition).status === 'True',
  );

/** The EndpointSlice of a Service with a selector; null for one without. */
export function sliceOf(service: KubeObject, pods: readonly KubeObject[]): KubeObject | null {
  const { name, namespace = 'default', uid = '' } = service.metadata;
  const spec = objectOf(service.spec);
  const selector = Object.entries(objectOf(spec.selector));
  if (selector.length === 0) return null;
  const chosen = pods.filter(
    ({ metadata }) =>
      (metadata.namespace ?? 'default') === namespace &&
      metadata.deletionTimestamp === undefined &&
      selector.every(([key, value]) => metadata.labels?.[key] === value),
  );
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${suffixOf(`${namespace}/${name}`)}`,
      namespace,
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'stand-in.metallb-ts',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid }],
    },
    addressType: 'IPv4',
    ports: listOf(spec.ports).map((port) => {
      const { name: portName, port: number, targetPort, protocol } = objectOf(port);
      return {
        name: textOf(portName),
        port: typeof targetPort === 'number' ? targetPort : number,
        protocol: protocol ?? 'TCP',
      };
    }),
    endpoints: chosen.map((pod) => ({
      addresses: [textOf(objectOf(pod.status).podIP)],
      conditions: { ready: isReady(pod), serving: isReady(pod), terminating: false },
      nodeName: textOf(objectOf(pod.spec).nodeName),
      targetRef: { kind: 'Pod', namespace, name: pod.metadata.name, uid: pod.metadata.uid ?? '' },
    })),
  };
}

/** A Deployment's status once all its Pods run. */
export const deploymentStatus = (deployment: KubeObject, replicas: number): Json => ({
  observedGeneration: deployment.metadata.generation ?? 1,
  replicas,
  updatedReplicas: replicas,
  readyReplicas: replicas,
  availableReplicas: replicas,
});
