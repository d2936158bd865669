/** An advertisement that names a pool which does not exist: MetalLB passes over it silently. */

import { bgp, manifest, pool } from '../example.ts';
import { alternatives, leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';

export const unknownPool: LintRule = {
  name: 'unknown-pool',
  severity: 'warning',
  help: 'Create the IPAddressPool, or correct or remove the name.',
  summary: 'an advertisement names an IPAddressPool that does not exist',
  why: `A name in spec.ipAddressPools that no pool has is passed over, by MetalLB without a word. Where it is the only one, the advertisement is for no pool
at all: it does not fall back on all pools.`,
  fires: [manifest(pool('production', 'addresses: [192.0.2.0/24]'), bgp('web', 'ipAddressPools: [producton]'))],
  silent: [manifest(pool('production', 'addresses: [192.0.2.0/24]'), bgp('web', 'ipAddressPools: [production]'))],
  check: (plan) => {
    const { pools, bgpAdvertisements, l2Advertisements } = plan.snapshot.config;
    const known = pools.map((pool) => pool.name);
    const names = new Set(known);
    const insteadOf = alternatives(known);
    const excused = leftOut(plan, 'IPAddressPool');
    const of = (kind: string, name: string, named: readonly string[]) =>
      named.flatMap((pool, i) =>
        names.has(pool) || excused.has(pool)
          ? []
          : [
              {
                object: { kind, name },
                path: ['spec', 'ipAddressPools', i],
                message: `no IPAddressPool is called "${pool}" (${insteadOf(pool)}): the entry has no effect`,
              },
            ],
      );
    return [
      ...bgpAdvertisements.flatMap(({ name, ipAddressPools }) => of('BGPAdvertisement', name, ipAddressPools)),
      ...l2Advertisements.flatMap(({ name, ipAddressPools }) => of('L2Advertisement', name, ipAddressPools)),
    ];
  },
};
