import { expect, it } from 'vitest';
import { ip, pool, service } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { addressNotKept } from './address-not-kept.ts';

const config = { pools: [pool('p', ['10.0.0.1/32'])] };
const run = (...services: readonly ReturnType<typeof service>[]) => check(addressNotKept, { config, services });

it('says which address goes, why, and what comes instead', () => {
  const [finding] = run(service('default/a', { ingress: [ip('9.9.9.9')] }));
  expect(finding).toMatchObject({ severity: 'warning', path: ['status', 'loadBalancer', 'ingress'] });
  expect(finding?.message).toMatch(
    /^9\.9\.9\.9 is given up \(9\.9\.9\.9 is in no pool.*\); the Service gets 10\.0\.0\.1$/,
  );
});

it('says so where nothing comes instead', () => {
  const findings = run(
    service('default/a', { ingress: [ip('10.0.0.1')], creationTimestamp: '2024-01-01T00:00:00Z' }),
    service('default/b', { ingress: [ip('10.0.0.1')] }),
  );
  expect(findings).toMatchObject([{ object: { name: 'b' } }]);
  expect(findings[0]?.message).toContain('left without an address');
});

it('is silent where the address stays, and where there was none', () => {
  expect(run(service('default/a', { ingress: [ip('10.0.0.1')] }), service('default/b'))).toEqual([]);
});
