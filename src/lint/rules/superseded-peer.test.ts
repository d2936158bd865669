import { expect, it } from 'vitest';
import { labelled, node, peer } from '../../plan/testing/fixture.ts';
import { Secret } from '../../secret.ts';
import { check } from '../testing/check.ts';
import { supersededPeer } from './superseded-peer.ts';

const plain = peer('router-primary', '192.168.1.1');
const secured = peer('router-primary-secure', '192.168.1.1', {
  authentication: { type: 'md5', key: new Secret('canary'), source: { type: 'text' } },
});
const edge = peer('router-edge-nodes', '192.168.1.1', { nodeSelectors: [labelled({ edge: 'y' })] });
const nodes = [node('node1', '192.168.1.10', { edge: 'y' }), node('node2', '192.168.1.11')];

it('names who holds the session, where, and why', () => {
  const findings = check(supersededPeer, { config: { peers: [edge, plain, secured] }, nodes });
  expect(findings.map(({ object, message }) => `${object?.name}: ${message}`)).toEqual([
    'router-primary-secure: router-edge-nodes is the same router and holds the session on node1 (it has nodeSelectors); advertisements to router-primary-secure go to that session',
    'router-primary: router-edge-nodes is the same router and holds the session on node1 (it has nodeSelectors); advertisements to router-primary go to that session',
    'router-primary: router-primary-secure is the same router and holds the session on node2 (it has a key); advertisements to router-primary go to that session',
  ]);
  expect(findings.every(({ severity }) => severity === 'warning')).toBe(true);
});

it('is silent for other addresses, ports and VRFs, and where no node has both', () => {
  const others = [
    peer('b', '192.168.1.2'),
    peer('c', '192.168.1.1', { peerPort: 1179 }),
    peer('d', '192.168.1.1', { vrf: 'red' }),
  ];
  expect(check(supersededPeer, { config: { peers: [plain, ...others] }, nodes })).toEqual([]);
  expect(check(supersededPeer, { config: { peers: [plain, edge] }, nodes: nodes.slice(1) })).toEqual([]);
});

it('also says it without nodes', () => {
  expect(check(supersededPeer, { config: { peers: [plain, secured] } })).toMatchObject([
    { object: { name: 'router-primary' } },
  ]);
});
