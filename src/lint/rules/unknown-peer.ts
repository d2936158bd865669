/** An advertisement that names a peer which does not exist, as the guide's backup path does with `router-backup`. */

import { bgp, manifest, peer } from '../example.ts';
import { alternatives, leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';

export const unknownPeer: LintRule = {
  name: 'unknown-peer',
  severity: 'warning',
  help: 'Create the BGPPeer, or correct or remove the name.',
  summary: 'an advertisement names a BGPPeer that does not exist',
  why: `A name in spec.peers that no BGPPeer has is passed over. Where it is the only one, the advertisement reaches nobody; and since peers is set, it does not
fall back on all peers.`,
  fires: [manifest(peer('router-a', 'peerAddress: 10.0.0.1'), bgp('web', 'peers: [router-aa]'))],
  silent: [manifest(peer('router-a', 'peerAddress: 10.0.0.1'), bgp('web', 'peers: [router-a]'))],
  check: (plan) => {
    const { peers, bgpAdvertisements } = plan.snapshot.config;
    const known = peers.map((peer) => peer.name);
    const names = new Set(known);
    const insteadOf = alternatives(known);
    const excused = leftOut(plan, 'BGPPeer');
    return bgpAdvertisements.flatMap((advertisement) => {
      const unknown = advertisement.peers.filter((name) => !names.has(name));
      const deaf = unknown.length === advertisement.peers.length;
      return unknown
        .filter((name) => !excused.has(name))
        .map((name) => ({
          object: { kind: 'BGPAdvertisement', name: advertisement.name },
          path: ['spec', 'peers', advertisement.peers.indexOf(name)],
          message:
            `no BGPPeer is called "${name}" (${insteadOf(name)}): ` +
            (deaf ? 'the advertisement reaches nobody' : 'the entry has no effect'),
        }));
    });
  },
};
