import { expect, it } from 'vitest';
import type { KubeObject } from '../kube/types.ts';
import { podsOf, sliceOf } from './workloads.ts';

const NODES = ['node1', 'node2'].map((name, i) => ({ name, address: `192.0.2.${i}`, podNetwork: `10.244.${i + 1}` }));
const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid: 'd' },
  spec: { replicas: 3, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c' }] } } },
};
const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', uid: 's' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
};

it('spreads the Pods of a Deployment over the nodes, each with an address and a name of its own', () => {
  const pods = podsOf(deployment, NODES, '2026-01-01T00:00:00Z');
  expect(pods.map(({ spec }) => (spec as { nodeName: string }).nodeName)).toEqual(['node1', 'node2', 'node1']);
  expect(new Set(pods.map(({ metadata }) => metadata.name)).size).toBe(3);
  expect(new Set(pods.map(({ status }) => (status as { podIP: string }).podIP)).size).toBe(3);
  expect(podsOf(deployment, [], '')).toEqual([]);
});

it('makes the slice of a Service of the Pods that it selects, and none without a selector', () => {
  const pods = podsOf(deployment, NODES, '2026-01-01T00:00:00Z');
  const other = { ...deployment, metadata: { ...deployment.metadata, namespace: 'elsewhere' } };
  const slice = sliceOf(service, [...pods, ...podsOf(other, NODES, '')]);
  expect(slice).toMatchObject({
    ports: [{ port: 8080 }],
    metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
  });
  expect(slice?.endpoints).toHaveLength(3);
  expect(sliceOf({ ...service, spec: { ports: [] } }, pods)).toBeNull();
});
