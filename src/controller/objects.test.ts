import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig, readService } from '../follow/objects.ts';
import { keyText, parseKey } from '../kube/object-key.ts';
import type { KubeObject } from '../kube/types.ts';
import { readRecord } from './objects.ts';
import { readEstablished, readPod } from './speakers.ts';
import { originOf } from './status-cleaner.ts';

const service = (ingress: unknown): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop', namespace: 'default', uid: 'u', resourceVersion: '7' },
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
