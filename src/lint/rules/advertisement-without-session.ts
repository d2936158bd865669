/** An advertisement whose nodes have no session with its peers. */
import { anySelectorMatches } from '../../config/selector.ts';
import { bgp, manifest, node, peer, pool } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';
import { few } from '../words.ts';

export const advertisementWithoutSession: LintRule = {
  name: 'advertisement-without-session',
  severity: 'warning',
  help: 'Let the nodeSelectors of the advertisement and those of the peers select some node in common.',
  summary: 'the nodes that an advertisement selects have no session with its peers',
  why: `Both the advertisement and the peers have nodeSelectors, and no node satisfies both: the nodes that may announce have nobody to announce to, and the nodes with a session may not announce. Each of the two objects looks right by
itself.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1\nnodeSelectors: [{ matchLabels: { rack: a } }]'),
      bgp('web', 'peers: [router-a]\nnodeSelectors: [{ matchLabels: { rack: b } }]'),
      node('node1', '10.0.0.11', 'rack: a'),
      node('node2', '10.0.0.12', 'rack: b'),
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1\nnodeSelectors: [{ matchLabels: { rack: a } }]'),
      bgp('web', 'peers: [router-a]\nnodeSelectors: [{ matchLabels: { rack: a } }]'),
      node('node1', '10.0.0.11', 'rack: a'),
      node('node2', '10.0.0.12', 'rack: b'),
    ),
  ],
  check: (plan) => {
    const { config } = plan.snapshot;
    // Where no peer has a session anywhere, that is said of the peers.
    if (plan.views.every(({ sessions }) => sessions.length === 0) || leftOut(plan, 'BGPPeer').size > 0) return [];
    const known = new Set(config.peers.map(({ name }) => name));
    return config.bgpAdvertisements.flatMap(({ name, peers, nodeSelectors }) => {
      if (peers.length > 0 && !peers.some((one) => known.has(one))) return []; // unknown-peer says so
      const selected = plan.views.filter(({ node: { labels } }) => anySelectorMatches(nodeSelectors, labels));
      const reaches = selected.some(({ sessions }) =>
        sessions.some(({ names }) => peers.length === 0 || names.some((one) => peers.includes(one))),
      );
      if (reaches || selected.length === 0) return [];
      const whom = peers.length === 0 ? 'any peer' : few(peers);
      return [
        {
          object: { kind: 'BGPAdvertisement', name },
          path: nodeSelectors.length > 0 ? ['spec', 'nodeSelectors'] : ['spec', 'peers'],
          message: `${few(selected.map(({ node: { name: one } }) => one))} ${selected.length === 1 ? 'has' : 'have'} no session with ${whom}: nothing of this advertisement is sent`,
        },
      ];
    });
  },
};
