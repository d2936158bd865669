/** A BFDProfile that no peer names. */
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';

export const unusedBfdProfile: LintRule = {
  name: 'unused-bfd-profile',
  severity: 'info',
  help: 'Name it in spec.bfdProfile of a BGPPeer, or remove it.',
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
