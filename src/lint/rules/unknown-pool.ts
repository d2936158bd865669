/** An advertisement that names a pool which does not exist: MetalLB passes over it silently. */
import { insteadOf, leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';

export const unknownPool: LintRule = {
  name: 'unknown-pool',
  severity: 'warning',
  help: 'Create the IPAddressPool, or correct or remove the name.',
  check: (plan) => {
    const { pools, bgpAdvertisements, l2Advertisements } = plan.snapshot.config;
    const known = pools.map((pool) => pool.name);
    const excused = leftOut(plan, 'IPAddressPool');
    const of = (kind: string, name: string, named: readonly string[]) =>
      named.flatMap((pool, i) =>
        known.includes(pool) || excused.has(pool)
          ? []
          : [
              {
                object: { kind, name },
                path: ['spec', 'ipAddressPools', i],
                message: `no IPAddressPool is called "${pool}" (${insteadOf(pool, known)}): the entry has no effect`,
              },
            ],
      );
    return [
      ...bgpAdvertisements.flatMap(({ name, ipAddressPools }) => of('BGPAdvertisement', name, ipAddressPools)),
      ...l2Advertisements.flatMap(({ name, ipAddressPools }) => of('L2Advertisement', name, ipAddressPools)),
    ];
  },
};
