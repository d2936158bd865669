import { describe, expect, it } from 'vitest';
import { deprecation, withoutOldZeros } from './peer-v1beta1.ts';
import type { Resource } from './resource.ts';
import { resourceOf } from './testing.ts';

const ZEROS = { myASN: 1, holdTime: '0s', keepaliveTime: '0', peerPort: 0 };
const V1 = 'metallb.io/v1beta1';
const V2 = 'metallb.io/v1beta2';

function stored(spec: object, managedFields: unknown): Resource {
  const resource = resourceOf('BGPPeer', 'r', spec, V2);
  return { ...resource, body: { ...resource.body, metadata: { name: 'r', managedFields } } };
}

const wrote = (apiVersion: string, ...fields: readonly string[]) => ({
  apiVersion,
  manager: 'm',
  fieldsV1: { 'f:spec': Object.fromEntries(fields.map((field) => [`f:${field}`, {}])) },
});

const left = (resource: Resource) => Object.keys(withoutOldZeros(resource).body.spec as object);
const ALL = Object.keys(ZEROS);

describe('withoutOldZeros', () => {
  it('takes the zeros out of a v1beta1 manifest', () => {
    expect(left(resourceOf('BGPPeer', 'r', ZEROS, V1))).toEqual(['myASN']);
  });

  it('leaves a v1beta2 manifest as it is', () => {
    const resource = resourceOf('BGPPeer', 'r', ZEROS, V2);
    expect(withoutOldZeros(resource)).toBe(resource);
  });

  it.each([
    ['written through v1beta1', [wrote(V1, ...ALL)], ['myASN']],
    ['left out there, and made zero by a conversion', [wrote(V1, 'myASN')], ['myASN']],
    ['written through v1beta2', [wrote(V2, ...ALL)], ALL],
    ['written through v1beta2 after v1beta1', [wrote(V1, 'myASN'), wrote(V2, 'holdTime')], ['myASN', 'holdTime']],
    ['of both writers', [wrote(V2, 'holdTime'), wrote(V1, 'holdTime')], ['myASN', 'holdTime']],
    ['where v1beta1 wrote the status alone', [{ apiVersion: V1, fieldsV1: { 'f:status': {} } }], ALL],
    ['where nobody is known', undefined, ALL],
    ['among nonsense', [null, 5, { apiVersion: V1 }, { apiVersion: V1, fieldsV1: 'x' }], ALL],
  ])('judges a stored peer by who wrote it: %s', (_, managedFields, expected) => {
    expect(left(stored(ZEROS, managedFields))).toEqual(expected);
  });

  it('touches nothing but zeros', () => {
    const spec = { holdTime: '90s', keepaliveTime: 'nonsense', peerPort: 1179 };
    const resource = resourceOf('BGPPeer', 'r', spec, V1);
    expect(withoutOldZeros(resource)).toBe(resource);
    expect(withoutOldZeros(resourceOf('BGPPeer', 'r', null as unknown as object, V1)).body.spec).toBeNull();
  });
});

it('says which fields count in v1beta1 that MetalLB passes over', () => {
  const message = (spec: object) => deprecation(resourceOf('BGPPeer', 'r', spec, V1)).message;
  expect(message({ holdTime: '90s', vrf: null })).toBe('BGPPeer v1beta1 is deprecated');
  expect(message({ vrf: 'red', maxPrefixes: 5 })).toContain('it has vrf, maxPrefixes, which MetalLB would ignore');
});
