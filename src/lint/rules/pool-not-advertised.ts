/** A pool whose addresses nobody would ever announce. */
import { scopeCovers } from '../../config/advertisement.ts';
import { bgp, manifest, pool } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';

export const poolNotAdvertised: LintRule = {
  name: 'pool-not-advertised',
  severity: 'warning',
  help: 'Create a BGPAdvertisement for the pool (or an L2Advertisement).',
  summary: 'no advertisement is for a pool: its addresses are given out and announced by nobody',
  why: `An IPAddressPool only says which addresses there are. Without a BGPAdvertisement or L2Advertisement that covers it, Services get an address from it,
their status looks well, and no packet ever arrives.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      pool('dev', 'addresses: [198.51.100.0/24]'),
      bgp('web', 'ipAddressPools: [web]'),
    ),
  ],
  silent: [
    manifest(pool('web', 'addresses: [192.0.2.0/24]'), pool('dev', 'addresses: [198.51.100.0/24]'), bgp('all', '{}')),
  ],
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
