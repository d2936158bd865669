/** A pool whose addresses nobody would ever announce. */
import { scopeCovers } from '../../config/advertisement.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';

export const poolNotAdvertised: LintRule = {
  name: 'pool-not-advertised',
  severity: 'warning',
  help: 'Create a BGPAdvertisement for the pool (or an L2Advertisement).',
  check: (plan) => {
    const { pools, bgpAdvertisements, l2Advertisements } = plan.snapshot.config;
    // One that was left out for its errors may have been the pool's: that error is what is to be put right.
    if (leftOut(plan, 'BGPAdvertisement').size + leftOut(plan, 'L2Advertisement').size > 0) return [];
    return pools
      .filter((pool) => ![...bgpAdvertisements, ...l2Advertisements].some((one) => scopeCovers(one, pool)))
      .map((pool) => ({
        object: { kind: 'IPAddressPool', name: pool.name },
        path: [],
        message: `no advertisement is for pool "${pool.name}": its addresses are given out and announced by nobody`,
      }));
  },
};
