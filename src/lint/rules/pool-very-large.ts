/** An IPv4 pool that is larger than any set of Services. */
import { formatIpRange, rangeSize } from '../../net/ip-range.ts';
import { pool } from '../example.ts';
import type { LintRule } from '../rule.ts';

/** A /16. */
const LARGE = 65_536n;

export const poolVeryLarge: LintRule = {
  name: 'pool-very-large',
  severity: 'info',
  help: 'If it is meant, nothing is to be done; else check the length of the prefix.',
  summary: 'an entry of a pool has more than 65536 IPv4 addresses',
  why: `A Service needs one address, and no cluster has that many Services. Most likely the length of the prefix is a slip (/8 for /28), and the pool covers networks of others.`,
  fires: [pool('web', 'addresses: [10.0.0.0/8]')],
  silent: [pool('web', "addresses: [10.8.0.0/16, '2001:db8:1::/64']")],
  check: (plan) =>
    plan.snapshot.config.pools.flatMap((one) =>
      one.ranges.flatMap((range, i) =>
        range.first.family === 4 && rangeSize(range) > LARGE
          ? [
              {
                object: { kind: 'IPAddressPool', name: one.name },
                path: ['spec', 'addresses', i],
                message: `${formatIpRange(range)} is ${rangeSize(range)} addresses`,
              },
            ]
          : [],
      ),
    ),
};
