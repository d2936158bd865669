import { expect, it } from 'vitest';
import type { Peer } from '../../config/peer.ts';
import { node, peer } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { peerNotOnNodeSubnet } from './peer-not-on-node-subnet.ts';

const nodes = [node('node1', '192.168.1.10'), node('node2', '192.168.1.11')];
const run = (address: string, rest: Partial<Peer> = {}, given = nodes) =>
  check(peerNotOnNodeSubnet, { config: { peers: [peer('dc2-router-primary', address, rest)] }, nodes: given });

it("finds the guide's routers of data centre 2, and says that it guesses", () => {
  const [finding] = run('192.168.2.1');
  expect(finding).toMatchObject({ severity: 'info', path: ['spec', 'peerAddress'] });
  expect(finding?.message).toContain('/24 is a guess');
});

it('names the nodes where some are on its subnet', () => {
  const [finding] = run('192.168.1.1', {}, [...nodes, node('node3', '10.0.0.1')]);
  expect(finding?.message).toContain('of node3,');
});

it('is silent on the subnet, with ebgpMultiHop, for internal peers, link-local addresses and other families', () => {
  expect(run('192.168.1.1')).toEqual([]);
  expect(run('192.168.2.1', { ebgpMultiHop: true })).toEqual([]);
  expect(run('192.168.2.1', { peerASN: 64513 })).toEqual([]);
  expect(run('fe80::1')).toEqual([]);
  expect(run('2001:db8::1')).toEqual([]);
  expect(run('192.168.2.1', {}, [])).toEqual([]);
});
