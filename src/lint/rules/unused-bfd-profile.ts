/** A BFDProfile that no peer names. */

import { manifest, metallb, peer } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';

export const unusedBfdProfile: LintRule = {
  name: 'unused-bfd-profile',
  severity: 'info',
  help: 'Name it in spec.bfdProfile of a BGPPeer, or remove it.',
  summary: 'no peer uses a BFDProfile',
  why: `A BFDProfile does nothing by itself: a BGPPeer has to name it in bfdProfile. Where none does, sessions go down by their hold time, although somebody
has taken the trouble to configure BFD.`,
  fires: [
    manifest(
      metallb('BFDProfile', 'fast', 'receiveInterval: 300\ntransmitInterval: 300'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
    ),
  ],
  silent: [
    manifest(
      metallb('BFDProfile', 'fast', 'receiveInterval: 300\ntransmitInterval: 300'),
      peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: fast'),
    ),
  ],
  check: (plan) => {
    const { bfdProfiles, peers } = plan.snapshot.config;
    // A peer that was left out for its errors may be the one that uses it.
    if (leftOut(plan, 'BGPPeer').size > 0) return [];
    return bfdProfiles
      .filter((profile) => !peers.some((peer) => peer.bfdProfile === profile.name))
      .map((profile) => ({
        object: { kind: 'BFDProfile', name: profile.name },
        path: [],
        message: `no BGPPeer uses the profile "${profile.name}"`,
      }));
  },
};
