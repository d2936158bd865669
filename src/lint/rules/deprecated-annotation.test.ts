import { expect, it } from 'vitest';
import { service } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { deprecatedAnnotation } from './deprecated-annotation.ts';

const run = (annotations: Record<string, string>, type = 'LoadBalancer') =>
  check(deprecatedAnnotation, { services: [service('default/a', { annotations, type })] });

it('names the new spelling', () => {
  expect(run({ 'metallb.universe.tf/address-pool': 'p' })).toMatchObject([
    {
      severity: 'info',
      path: ['metadata', 'annotations', 'metallb.universe.tf/address-pool'],
      message: 'metallb.universe.tf/address-pool is the deprecated spelling of metallb.io/address-pool',
    },
  ]);
});

it('warns where the new one says something else', () => {
  const both = { 'metallb.universe.tf/address-pool': 'p', 'metallb.io/address-pool': 'q' };
  expect(run(both)).toMatchObject([{ severity: 'warning' }]);
});

it('says which are not read at all', () => {
  expect(run({ 'metallb.universe.tf/ip-allocated-from-pool': 'p' })[0]?.message).toContain('is not read');
});

it('is silent for the new spelling, and for other types', () => {
  expect(run({ 'metallb.io/address-pool': 'p' })).toEqual([]);
  expect(run({ 'metallb.universe.tf/address-pool': 'p' }, 'ClusterIP')).toEqual([]);
});
