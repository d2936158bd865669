import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyText, parseKey } from '../kube/object-key.ts';
import type { KubeObject } from '../kube/types.ts';
import { readConfig, readRecord, readService } from './objects.ts';
import { readEstablished, readPod } from './speakers.ts';
import { originOf } from './status-cleaner.ts';

const service = (ingress: unknown, annotations: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop', namespace: 'default', uid: 'u', resourceVersion: '7', annotations },
  spec: { type: 'LoadBalancer' },
  status: { loadBalancer: { ingress } },
});

describe('what a Service has of ours', () => {
  it.each([
    [undefined, []],
    [[{ ip: '192.0.2.1' }], ['192.0.2.1']],
    [[{ ip: '2001:DB8:0::1', ipMode: 'VIP', ports: [] }], ['2001:db8::1']],
    [[{ ip: '192.0.2.1', ipMode: 'Proxy' }], null],
    [[{ hostname: 'lb.example.com' }], null],
    [[{ ip: '192.0.2.1', ports: [{ port: 80 }] }], null],
    [[{ ip: 'nonsense' }], null],
    ['nonsense', []],
  ])('of %j is %j', (ingress, expected) => {
    expect(readRecord(service(ingress)).ingress).toEqual(expected);
  });

  it("keeps none of the annotations but MetalLB's", () => {
    const seen = readService(service([], { 'example.com/big': 'x'.repeat(1_000), 'metallb.io/address-pool': 'web' }));
    expect(JSON.stringify(seen)).not.toContain('xxx');
    expect(seen?.object.parsed.value).toMatchObject({ annotations: { 'metallb.io/address-pool': 'web' } });
  });
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

it('keys are text and back', () => {
  expect(parseKey(keyText({ namespace: 'a', name: 'b' }))).toEqual({ namespace: 'a', name: 'b' });
  expect(parseKey(keyText({ name: 'b' }))).toEqual({ namespace: '', name: 'b' });
});

it('reads any JSON without a fault', () => {
  const part = fc.option(fc.jsonValue(), { nil: undefined });
  fc.assert(
    fc.property(
      fc.constantFrom('Service', 'Pod', 'SpeakerStatus', 'IPAddressPool'),
      part,
      part,
      (kind, spec, status) => {
        const object: KubeObject = { apiVersion: 'v1', kind, metadata: { name: 'x', namespace: 'y' }, spec, status };
        readService(object);
        readRecord(object);
        readConfig(object);
        readPod(object);
        readEstablished(object);
        originOf(object);
      },
    ),
  );
});
