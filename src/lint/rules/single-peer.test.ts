import { expect, it } from 'vitest';
import { labelled, node, peer } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { singlePeer } from './single-peer.ts';

const nodes = [node('node1', '192.0.2.10', { rack: 'a' }), node('node2', '192.0.2.11')];

it('mentions the only router, be it two objects', () => {
  const one = [peer('a', '192.0.2.1'), peer('b', '192.0.2.1')];
  expect(check(singlePeer, { config: { peers: one } })).toMatchObject([{ severity: 'info', object: { name: 'a' } }]);
});

it('mentions nodes with one session', () => {
  const peers = [peer('a', '192.0.2.1'), peer('b', '192.0.2.2', { nodeSelectors: [labelled({ rack: 'a' })] })];
  expect(check(singlePeer, { config: { peers }, nodes })[0]?.message).toBe('node2 has a session with one router only');
});

it('is silent with two routers everywhere, and without any', () => {
  const peers = [peer('a', '192.0.2.1'), peer('b', '192.0.2.2')];
  expect(check(singlePeer, { config: { peers }, nodes })).toEqual([]);
  expect(check(singlePeer, { nodes })).toEqual([]);
});
