import { expect, it } from 'vitest';
import type { Peer } from '../../config/peer.ts';
import { ip, labelled, node, peer } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { routerIdClash } from './router-id-clash.ts';

const nodes = [node('n1', '10.0.0.11', { rack: 'a' }), node('n2', '10.0.0.12', { rack: 'b' })];
const one = (name: string, address: string, routerID: string, rest: Partial<Peer> = {}) =>
  peer(name, address, { routerID: ip(routerID), ...rest });

it('finds one identifier on several nodes, be it from several peers', () => {
  const rack = (value: string) => ({ nodeSelectors: [labelled({ rack: value })] });
  expect(check(routerIdClash, { config: { peers: [one('r', '10.0.0.1', '1.1.1.1')] }, nodes })[0]?.message).toBe(
    'n1, n2 all get the BGP identifier 1.1.1.1',
  );
  const peers = [one('r', '10.0.0.1', '1.1.1.1', rack('a')), one('s', '10.0.0.2', '1.1.1.1', rack('b'))];
  expect(check(routerIdClash, { config: { peers }, nodes })).toHaveLength(2);
  const apart = [one('r', '10.0.0.1', '1.1.1.1', rack('a')), one('s', '10.0.0.2', '1.1.1.2', rack('b'))];
  expect(check(routerIdClash, { config: { peers: apart }, nodes })).toEqual([]);
});

it("finds a router's own address", () => {
  const peers = [one('r', '10.0.0.1', '10.0.0.2'), peer('s', '10.0.0.2')];
  expect(check(routerIdClash, { config: { peers } })[0]?.message).toContain('10.0.0.2 is the address of s');
});

it('only mentions it without nodes', () => {
  const peers = [one('r', '10.0.0.1', '1.1.1.1')];
  expect(check(routerIdClash, { config: { peers } })).toMatchObject([{ severity: 'info' }]);
});
