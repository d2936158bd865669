import { expect, it } from 'vitest';
import type { Peer } from '../../config/peer.ts';
import { advertisement, l2Advertisement, labelled, node, peer } from '../../plan/testing/fixture.ts';
import { check } from '../testing/check.ts';
import { nodeSelectorMatchesNothing } from './node-selector-matches-nothing.ts';

const nodes = [node('n1', '10.0.0.11', { rack: 'a', edge: 'y' }), node('n2', '10.0.0.12', { rack: 'b' })];
const ofPeer = (rest: Partial<Peer>) =>
  check(nodeSelectorMatchesNothing, { config: { peers: [peer('r', '10.0.0.1', rest)] }, nodes });

it('points at the selector, and at the slip in it', () => {
  expect(ofPeer({ nodeSelectors: [labelled({ rak: 'a' })] })).toMatchObject([
    {
      severity: 'warning',
      path: ['spec', 'nodeSelectors', 0],
      message: expect.stringContaining('did you mean "rack"?'),
    },
  ]);
  expect(ofPeer({ nodeSelectors: [labelled({ rack: 'c' })] })[0]?.message).toContain('there is "a", "b" for "rack"');
});

it('says less where another selector still matches', () => {
  const nodeSelectors = [labelled({ rack: 'a' }), labelled({ rack: 'c' })];
  expect(ofPeer({ nodeSelectors, nodeSelectorsPolicy: 'Any' })).toMatchObject([
    { severity: 'info', path: ['spec', 'nodeSelectors', 1] },
  ]);
  const one = advertisement('a', { nodeSelectors });
  expect(check(nodeSelectorMatchesNothing, { config: { bgpAdvertisements: [one] }, nodes })).toMatchObject([
    { severity: 'info', object: { kind: 'BGPAdvertisement' } },
  ]);
});

it('leaves to node-selectors-all-any what the peer does not decide itself', () => {
  const nodeSelectors = [labelled({ edge: 'y' }), labelled({ rack: 'b' })];
  expect(ofPeer({ nodeSelectors })).toEqual([]);
  expect(ofPeer({ nodeSelectors, nodeSelectorsPolicy: 'All' })).toMatchObject([
    {
      severity: 'warning',
      path: ['spec', 'nodeSelectors'],
      message: 'no Node matches all 2 selectors: the peer has no session',
    },
  ]);
});

it('reads layer 2 too, and needs Nodes', () => {
  const l2Advertisements = [l2Advertisement('l', { nodeSelectors: [labelled({ rack: 'c' })] })];
  expect(check(nodeSelectorMatchesNothing, { config: { l2Advertisements }, nodes })).toHaveLength(1);
  expect(check(nodeSelectorMatchesNothing, { config: { l2Advertisements } })).toEqual([]);
});
