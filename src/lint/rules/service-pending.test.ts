import { expect, it } from 'vitest';
import { pool, service } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { servicePending } from './service-pending.ts';

it('says of each Service without address why, and points at the annotation that asks', () => {
  const services = [
    service('default/a'),
    service('default/b', { annotations: { 'metallb.universe.tf/address-pool': 'zz' } }),
    service('default/c', { type: 'ClusterIP' }),
  ];
  const findings = check(servicePending, { config: { pools: [pool('p', ['10.0.0.1/32'])] }, services });
  expect(findings).toMatchObject([
    {
      severity: 'warning',
      object: { kind: 'Service', namespace: 'default', name: 'b' },
      path: ['metadata', 'annotations', 'metallb.universe.tf/address-pool'],
    },
  ]);
  expect(findings[0]?.message).toContain('there is no pool "zz"');
});
