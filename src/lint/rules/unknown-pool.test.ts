import { expect, it } from 'vitest';
import { advertisement, pool } from '../../plan/testing/fixture.ts';
import { check, errorOf } from '../testing/check.ts';
import { unknownPool } from './unknown-pool.ts';

const config = {
  pools: [pool('production-pool', ['10.0.0.0/24'])],
  bgpAdvertisements: [advertisement('a', { ipAddressPools: ['production-pool', 'producton-pool'] })],
};

it('points at the entry and at the name that was most likely meant', () => {
  const [finding] = check(unknownPool, { config });
  expect(finding).toMatchObject({ severity: 'warning', path: ['spec', 'ipAddressPools', 1] });
  expect(finding?.message).toContain('did you mean "production-pool"?');
});

it('does not blame the reference where the pool was left out for an error of its own', () => {
  expect(check(unknownPool, { config, findings: [errorOf('IPAddressPool', 'producton-pool')] })).toEqual([]);
});

it('also reads L2Advertisements', () => {
  const l2 = { ...advertisement('l2', { ipAddressPools: ['x'] }), interfaces: [], preferredNodes: [] };
  expect(check(unknownPool, { config: { l2Advertisements: [l2] } })).toMatchObject([
    { object: { kind: 'L2Advertisement', name: 'l2' } },
  ]);
});
