import { expect, it } from 'vitest';
import { advertisement, labelled, pool } from '../../plan/testing/fixture.ts';
import { check, errorOf } from '../testing/check.ts';
import { poolNotAdvertised } from './pool-not-advertised.ts';

const pools = [pool('a', ['10.0.0.0/24']), pool('b', ['10.0.1.0/24'], { labels: { tier: 'web' } })];
const run = (...bgpAdvertisements: readonly ReturnType<typeof advertisement>[]) =>
  check(poolNotAdvertised, { config: { pools, bgpAdvertisements } }).map(({ object }) => object?.name);

it('finds the pools that no advertisement is for', () => {
  expect(run()).toEqual(['a', 'b']);
  expect(run(advertisement('x', { ipAddressPools: ['a'] }))).toEqual(['b']);
  expect(run(advertisement('x', { ipAddressPoolSelectors: [labelled({ tier: 'web' })] }))).toEqual(['a']);
  expect(run(advertisement('all'))).toEqual([]);
});

it('counts L2Advertisements, and waits while an advertisement has an error', () => {
  const l2 = { ...advertisement('l2'), interfaces: [], preferredNodes: [] };
  expect(check(poolNotAdvertised, { config: { pools, l2Advertisements: [l2] } })).toEqual([]);
  expect(check(poolNotAdvertised, { config: { pools }, findings: [errorOf('BGPAdvertisement', 'x')] })).toEqual([]);
});
