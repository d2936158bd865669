/** A pool that will soon have no address left. */
import { PoolSpace } from '../../allocator/pool-space.ts';
import { manifest, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { assignedServices } from '../scope.ts';

/** Below this a pool is small on purpose: one address for one Service. */
const SMALL = 5n;

export const poolNearlyExhausted: LintRule = {
  name: 'pool-nearly-exhausted',
  severity: 'warning',
  help: 'Add addresses to the pool, or free some, before the next Service needs one.',
  summary: 'a pool has at most a tenth of its addresses left',
  why: `When none is left, the next Service stays pending, and so does one that is deleted and made again after somebody else took its address. Pools of fewer than five addresses are not looked at.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.1-192.0.2.5]'),
      ...['one', 'two', 'three', 'four', 'five'].map((name) => service(name)),
    ),
  ],
  silent: [
    manifest(pool('web', 'addresses: [192.0.2.1-192.0.2.5]'), ...['one', 'two', 'three'].map((name) => service(name))),
  ],
  check: (plan) => {
    const used = new Map<string, Set<bigint>>();
    for (const { pool: name, ips } of assignedServices(plan))
      for (const { family, value } of ips) {
        const key = `${family} ${name}`;
        const values = used.get(key);
        if (values === undefined) used.set(key, new Set([value]));
        else values.add(value);
      }
    return plan.snapshot.config.pools.flatMap((one) => {
      const space = new PoolSpace(one);
      return ([4, 6] as const).flatMap((family) => {
        const { usable } = space.of(family);
        const free = usable - BigInt(used.get(`${family} ${one.name}`)?.size ?? 0);
        if (usable < SMALL || free * 10n > usable) return [];
        return [
          {
            object: { kind: 'IPAddressPool', name: one.name },
            path: ['spec', 'addresses'],
            message: `${free <= 0n ? 'none' : free} of its ${usable} IPv${family} addresses ${free === 1n ? 'is' : 'are'} left`,
          },
        ];
      });
    });
  },
};
