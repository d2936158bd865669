import { expect, it } from 'vitest';
import { advertisement, labelled, peer, pool } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { advertisementShadowed } from './advertisement-shadowed.ts';

const pools = [pool('p', ['192.0.2.0/24'], { labels: { tier: 'web' } }), pool('q', ['198.51.100.0/24'])];
const peers = [peer('r', '10.0.0.1'), peer('s', '10.0.0.2')];
const run = (...bgpAdvertisements: readonly ReturnType<typeof advertisement>[]) =>
  check(advertisementShadowed, { config: { pools, peers, bgpAdvertisements } }).map(({ object }) => object?.name);

it('finds the narrower of two, and the later of equals', () => {
  expect(run(advertisement('a'), advertisement('b', { peers: ['r'] }))).toEqual(['b']);
  expect(run(advertisement('a', { peers: ['r'] }), advertisement('b'))).toEqual(['a']);
  expect(run(advertisement('a'), advertisement('b'), advertisement('c'))).toEqual(['b', 'c']);
  const narrow = { nodeSelectors: [labelled({ rack: 'a' })], ipAddressPools: ['p'] };
  expect(run(advertisement('a', { communities: [1, 2] }), advertisement('b', { ...narrow, communities: [2] }))).toEqual(
    ['b'],
  );
});

it('is silent where anything is added', () => {
  const base = advertisement('a', { ipAddressPools: ['p'], peers: ['r'] });
  for (const rest of [
    { ipAddressPools: ['p', 'q'] },
    { peers: ['s'] },
    { peers: [] },
    { aggregationLength: 24 },
    { localPref: 5 },
    { med: 1 },
    { asPathPrepend: 1 },
    { communities: [1] },
  ])
    expect(run(base, { ...base, name: 'b', ...rest }), JSON.stringify(rest)).toEqual(expect.not.arrayContaining(['b']));
});

it('leaves to other rules what names nothing', () => {
  expect(run(advertisement('a'), advertisement('b', { ipAddressPools: ['gone'] }))).toEqual([]);
  expect(run(advertisement('a'), advertisement('b', { peers: ['gone'] }))).toEqual([]);
});

it('does not count a selector as covered by the names that it selects today', () => {
  const byLabel = advertisement('b', { ipAddressPoolSelectors: [labelled({ tier: 'web' })] });
  expect(run(advertisement('a', { ipAddressPools: ['p'] }), byLabel)).toEqual(['a']);
  expect(run(advertisement('a', { ipAddressPools: ['p', 'q'] }), byLabel)).toEqual([]);
});
