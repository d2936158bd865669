/** A session over which nothing is ever announced. */
import { bgp, manifest, peer, pool } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';
import { peersReached } from '../scope.ts';

export const peerWithoutAdvertisement: LintRule = {
  name: 'peer-without-advertisement',
  severity: 'warning',
  help: 'Name the peer in spec.peers of a BGPAdvertisement, or leave peers out of one, which means all of them.',
  summary: 'no advertisement is for a peer: its session carries nothing',
  why: `The session comes up and looks well, and the router learns no route from it. There are advertisements, but each of them names other peers.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
      peer('router-b', 'peerAddress: 10.0.0.2'),
      bgp('web', 'peers: [router-a]'),
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
      peer('router-b', 'peerAddress: 10.0.0.2'),
      bgp('web', '{}'),
    ),
  ],
  check: (plan) => {
    const { peers, bgpAdvertisements } = plan.snapshot.config;
    if (bgpAdvertisements.length === 0 || leftOut(plan, 'BGPAdvertisement').size > 0) return [];
    const reached = new Set(bgpAdvertisements.flatMap((advertisement) => peersReached(advertisement.peers, peers)));
    return peers
      .filter((one) => !reached.has(one))
      .map(({ name }) => ({
        object: { kind: 'BGPPeer', name },
        path: [],
        message: `every BGPAdvertisement names other peers: "${name}" gets no route`,
      }));
  },
};
