import { expect, it } from 'vitest';
import { EXCLUDE_LABEL } from '../../announce/eligibility.ts';
import { advertisement, endpointsOn, ip, labelled, node, peer, pool, service } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { localWithAggregation } from './local-with-aggregation.ts';

const local = (name: string) => service(`default/${name}`, { externalTrafficPolicy: 'Local' });
const nodes = [
  node('n1', '10.0.0.11', { edge: 'y' }),
  node('n2', '10.0.0.12'),
  node('n3', '10.0.0.13', { [EXCLUDE_LABEL]: '' }),
];
const config = {
  pools: [pool('p', ['192.0.2.0/24'])],
  peers: [peer('r', '10.0.0.1')],
  bgpAdvertisements: [advertisement('a', { aggregationLength: 24 })],
};
const run = (
  services: readonly ReturnType<typeof service>[],
  on: Readonly<Record<string, readonly string[]>>,
  given = config,
) =>
  check(localWithAggregation, {
    config: given,
    services,
    nodes,
    endpoints: Object.fromEntries(
      Object.entries(on).map(([name, names]) => [`default/${name}`, endpointsOn(...names)]),
    ),
  }).map(({ object, message }) => `${object?.name}: ${message.replace(/^.*Local, /, '')}`);

it('names the nodes that draw the traffic and drop it, the excluded ones not', () => {
  expect(run([local('a'), service('default/b')], { a: ['n1'], b: ['n1'] })).toEqual([
    'a: to n2 too, where it has no endpoint: there it is dropped',
  ]);
});

it('knows that a Service with Local draws traffic only to its own nodes', () => {
  expect(run([local('a'), local('b')], { a: ['n1'], b: ['n2'] })).toHaveLength(2);
  expect(run([local('a'), local('b')], { a: ['n1'], b: ['n1'] })).toEqual([]);
  expect(run([local('a')], { a: ['n1'] })).toEqual([]);
});

it('knows which nodes the advertisement selects, and which lengths aggregate', () => {
  const [a] = config.bgpAdvertisements;
  const edge = { ...config, bgpAdvertisements: [{ ...a, nodeSelectors: [labelled({ edge: 'y' })] }] } as typeof config;
  expect(run([local('a'), service('default/b')], { a: ['n1'], b: ['n1'] }, edge)).toEqual([]);
  const single = { ...config, bgpAdvertisements: [advertisement('a', { aggregationLengthV6: 64 })] };
  expect(run([local('a'), service('default/b')], { a: ['n1'], b: ['n1'] }, single)).toEqual([]);
});

it('keeps prefixes apart', () => {
  const far = service('default/b', { ingress: [ip('192.0.2.200')] });
  const halves = { ...config, bgpAdvertisements: [advertisement('a', { aggregationLength: 25 })] };
  expect(run([local('a'), far], { a: ['n1'], b: ['n2'] }, halves)).toEqual([]);
});

it('says less without nodes, and nothing of a Service that is alone', () => {
  const without = (...services: readonly ReturnType<typeof service>[]) =>
    check(localWithAggregation, { config, services });
  expect(without(local('a'), service('default/b'))[0]?.message).toContain('for any of its 2 Services');
  expect(without(local('a'))).toEqual([]);
});
