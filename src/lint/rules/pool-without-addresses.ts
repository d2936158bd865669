/** A pool from which avoidBuggyIPs takes everything. */
import { PoolSpace } from '../../allocator/pool-space.ts';
import { formatIpRange } from '../../net/ip-range.ts';
import { pool } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const poolWithoutAddresses: LintRule = {
  name: 'pool-without-addresses',
  severity: 'warning',
  help: 'Unset avoidBuggyIPs, or give the pool other addresses.',
  summary: 'avoidBuggyIPs leaves a pool without any address',
  why: `avoidBuggyIPs keeps back IPv4 addresses that end in .0 or .255. Where the pool has no others, it can give out nothing.`,
  fires: [pool('web', 'addresses: [192.0.2.255/32]\navoidBuggyIPs: true')],
  silent: [pool('web', 'addresses: [192.0.2.254/31]\navoidBuggyIPs: true')],
  check: ({ snapshot: { config } }) =>
    config.pools
      .filter((one) => {
        const space = new PoolSpace(one);
        return space.of(4).usable + space.of(6).usable === 0n;
      })
      .map((one) => ({
        object: { kind: 'IPAddressPool', name: one.name },
        path: ['spec', 'avoidBuggyIPs'],
        message: `every address of the pool (${one.ranges.map(formatIpRange).join(', ')}) ends in .0 or .255, and avoidBuggyIPs keeps those back`,
      })),
};
