import { expect, it } from 'vitest';
import type { ApiObject } from '../apiserver/types.ts';
import {
  daemonSetStatus,
  deploymentStatus,
  isMadeOf,
  MAX_REPLICAS,
  nodeFor,
  nodesOfDaemonSet,
  podsOfDaemonSet,
  podsOfReplicaSet,
  replicaSetOf,
  sliceOf,
} from './workloads.ts';

const NODES = ['node1', 'node2'];
const TIME = '2026-01-01T00:00:00Z';
const container = { name: 'c', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }] };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };
const deployment = (spec: object = {}): ApiObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid: 'd' },
  spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template, ...spec },
});
const service: ApiObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', uid: 's' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
};
const made = (object: ApiObject, i = 0): ApiObject => ({
  ...object,
  metadata: { ...object.metadata, uid: `${object.kind}${i}` },
});
const running = (pod: ApiObject, i: number, nodeName = 'node1'): ApiObject => ({
  ...made(pod, i),
  spec: { ...(pod.spec as object), nodeName },
  status: { podIP: `10.244.0.${i}`, conditions: [{ type: 'Ready', status: i === 0 ? 'False' : 'True' }] },
});
const nodeOf = ({ spec }: ApiObject): string => (spec as { nodeName: string }).nodeName;

const node = (name: string, spec = {}, labels = {}): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  spec,
});

it('makes the Pods of a Deployment, each with a name of its own', () => {
  const set = made(replicaSetOf(deployment()));
  const pods = podsOfReplicaSet(set);
  expect(isMadeOf(set, deployment())).toBe(true);
  expect(pods.every((pod) => isMadeOf(pod, set))).toBe(true);
  expect(new Set(pods.map(({ metadata }) => metadata.name)).size).toBe(3);
  expect(pods[0]?.metadata.labels).toMatchObject({ app: 'web', 'pod-template-hash': expect.any(String) });
});

it('spreads Pods over the nodes that take new ones', () => {
  const nodes = [node('node2'), node('node1'), node('node3', { unschedulable: true })];
  const placed: ApiObject[] = [];
  for (const pod of podsOfReplicaSet(made(replicaSetOf(deployment()))))
    placed.push({ ...pod, spec: { nodeName: nodeFor(pod, nodes, placed) } });
  expect(placed.map(nodeOf)).toEqual(['node1', 'node2', 'node1']);
  expect(nodeFor(placed[0] as ApiObject, nodes.slice(2), [])).toBeUndefined();
});

it('makes another ReplicaSet of another template, and bounds the number of Pods', () => {
  const other = { ...template, metadata: { ...template.metadata, annotations: { restarted: 'now' } } };
  expect(replicaSetOf(deployment({ template: other })).metadata.name).not.toBe(
    replicaSetOf(deployment()).metadata.name,
  );
  expect(replicaSetOf(deployment({ replicas: 7 })).metadata.name).toBe(replicaSetOf(deployment()).metadata.name);
  expect(podsOfReplicaSet(replicaSetOf(deployment({ replicas: 1e9 })))).toHaveLength(MAX_REPLICAS);
});

it('gives a DaemonSet one Pod on each node', () => {
  const pods = podsOfDaemonSet({ ...deployment(), kind: 'DaemonSet' }, NODES);
  expect(pods.map(({ metadata }) => metadata.name)).toEqual(['web-node1', 'web-node2']);
  expect(pods.map(nodeOf)).toEqual(NODES);
});

it('asks a node for the labels that a template selects', () => {
  const nodes = [node('windows', {}, { os: 'windows' }), node('linux', {}, { os: 'linux' })];
  const picky = { ...template, spec: { ...template.spec, nodeSelector: { os: 'linux' } } };
  expect(nodesOfDaemonSet(deployment({ template: picky }), nodes)).toEqual(['linux']);
  expect(nodesOfDaemonSet(deployment(), nodes)).toEqual(['windows', 'linux']);
  const [pod] = podsOfReplicaSet(made(replicaSetOf(deployment({ template: picky }))));
  expect(nodeFor(pod as ApiObject, nodes, [])).toBe('linux');
});

it('makes the slice of a Service of the Pods that it selects, and none without a selector', () => {
  const pods = podsOfReplicaSet(replicaSetOf(deployment())).map((pod, i) => running(pod, i, NODES[i % 2]));
  const elsewhere = pods.map((pod) => ({ ...pod, metadata: { ...pod.metadata, namespace: 'elsewhere' } }));
  const slice = sliceOf(service, [...pods, ...elsewhere]);
  expect(slice).toMatchObject({
    ports: [{ port: 8080 }],
    metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
  });
  expect(slice?.endpoints).toMatchObject([
    { addresses: ['10.244.0.0'], conditions: { ready: false }, nodeName: 'node1' },
    { addresses: ['10.244.0.1'], conditions: { ready: true }, nodeName: 'node2' },
    { addresses: ['10.244.0.2'], conditions: { ready: true }, nodeName: 'node1' },
  ]);
  expect(sliceOf({ ...service, spec: { ports: [] } }, pods)).toBeNull();
});

it('counts as ready what is ready, and keeps the time of a condition that stays', () => {
  const pods = podsOfReplicaSet(replicaSetOf(deployment())).map((pod, i) => running(pod, i));
  const status = deploymentStatus(deployment(), pods, TIME);
  expect(status).toMatchObject({ replicas: 3, readyReplicas: 2, unavailableReplicas: 1 });
  const available = (value: unknown) => (value as { conditions: object[] }).conditions[0];
  expect(available(status)).toMatchObject({ type: 'Available', status: 'False', lastTransitionTime: TIME });
  const later = deploymentStatus({ ...deployment(), status }, pods, '2026-01-02T00:00:00Z');
  expect(available(later)).toMatchObject({ lastTransitionTime: TIME });
  const whole = deploymentStatus(
    { ...deployment(), status },
    pods.slice(1).concat(pods.slice(1)),
    '2026-01-02T00:00:00Z',
  );
  expect(available(whole)).toMatchObject({ status: 'True', lastTransitionTime: '2026-01-02T00:00:00Z' });
  expect(daemonSetStatus(deployment(), pods, 3)).toMatchObject({ numberReady: 2, numberUnavailable: 1 });
});
