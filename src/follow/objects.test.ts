import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/types.ts';
import { readConfig, readService } from './objects.ts';

it("keeps none of the annotations but MetalLB's", () => {
  const annotations = { 'example.com/big': 'x'.repeat(1_000), 'metallb.io/address-pool': 'web' };
  const metadata = { name: 'shop', namespace: 'default', annotations };
  const seen = readService({ apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'LoadBalancer' } });
  expect(JSON.stringify(seen)).not.toContain('xxx');
  expect(seen?.parsed.value).toMatchObject({ annotations: { 'metallb.io/address-pool': 'web' } });
});

describe('a configuration object', () => {
  const pool = (metadata: object, status: object): KubeObject => ({
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name: 'web', namespace: 'metallb-system', uid: 'u', ...metadata },
    spec: { addresses: [] },
    status,
  });

  it('is the same whatever its status and its versions are', () => {
    const a = readConfig(pool({ resourceVersion: '1', generation: 1, managedFields: [{}] }, { assignedIPv4: 1 }));
    const b = readConfig(pool({ resourceVersion: '2', generation: 2 }, { assignedIPv4: 2 }));
    expect(a.resource).toEqual(b.resource);
    expect([a.generation, b.generation]).toEqual([1, 2]);
  });

  it('of BGPPeer v1beta1 has not the zeros that mean "unset" there, though it is read as v1beta2', () => {
    const peer = (apiVersion: string): KubeObject => ({
      apiVersion: 'metallb.io/v1beta2',
      kind: 'BGPPeer',
      metadata: {
        name: 'r',
        namespace: 'metallb-system',
        managedFields: [{ apiVersion, fieldsV1: { 'f:spec': { 'f:holdTime': {} } } }],
      } as KubeObject['metadata'],
      spec: { myASN: 1, holdTime: '0s' },
    });
    expect(readConfig(peer('metallb.io/v1beta1')).resource.body.spec).toEqual({ myASN: 1 });
    expect(readConfig(peer('metallb.io/v1beta2')).resource.body.spec).toEqual({ myASN: 1, holdTime: '0s' });
  });
});
