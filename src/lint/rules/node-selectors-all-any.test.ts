import { expect, it } from 'vitest';
import type { Peer } from '../../config/peer.ts';
import { labelled, node, peer } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { nodeSelectorsAllAny } from './node-selectors-all-any.ts';

const network = labelled({ 'node-role.kubernetes.io/network': 'true' });
const linux = labelled({ 'kubernetes.io/os': 'linux' });
const nodes = [
  node('edge', '192.0.2.10', { 'node-role.kubernetes.io/network': 'true', 'kubernetes.io/os': 'linux' }),
  node('worker', '192.0.2.11', { 'kubernetes.io/os': 'linux' }),
];
const parts = (rest: Partial<Peer>, given = nodes) => ({
  config: { peers: [peer('router-edge-nodes', '192.0.2.1', { nodeSelectors: [network, linux], ...rest })] },
  nodes: given,
});

it('warns where the two meanings select different nodes, and names them', () => {
  const [finding] = check(nodeSelectorsAllAny, parts({}));
  expect(finding).toMatchObject({ severity: 'warning', path: ['spec', 'nodeSelectors'] });
  expect(finding?.message).toContain('select edge if all must match, and edge, worker if any is enough');
});

it('is loud where all selects none and any some', () => {
  const [finding] = check(nodeSelectorsAllAny, parts({}, nodes.slice(1)));
  expect(finding?.message).toMatch(/^THIS PEER HAS NO SESSION ON ANY NODE/);
  const [any] = check(nodeSelectorsAllAny, parts({}, nodes.slice(1)), { nodeSelectors: 'Any' });
  expect(any?.message).toContain('in force is: any');
});

it('is silent where the meanings agree, or the peer says which is meant', () => {
  expect(check(nodeSelectorsAllAny, parts({}, nodes.slice(0, 1)))).toEqual([]);
  expect(check(nodeSelectorsAllAny, parts({ nodeSelectors: [network] }))).toEqual([]);
  expect(check(nodeSelectorsAllAny, parts({ nodeSelectorsPolicy: 'All' }))).toEqual([]);
});

it('without nodes only says that there is a difference', () => {
  expect(check(nodeSelectorsAllAny, parts({}, []))).toMatchObject([{ severity: 'info' }]);
});
