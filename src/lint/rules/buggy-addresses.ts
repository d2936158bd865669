/** Addresses that end in .0 or .255, which old clients take for a network's or a broadcast address. */
import { formatIp, type Ip } from '../../net/ip.ts';
import { formatIpRange, type IpRange } from '../../net/ip-range.ts';
import { pool } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { assignedServices } from '../scope.ts';

export const buggyAddresses: LintRule = {
  name: 'buggy-addresses',
  severity: 'info',
  help: 'Set avoidBuggyIPs: true where old clients or middleboxes are to be expected; else nothing is to be done.',
  summary: 'a pool gives out addresses that end in .0 or .255',
  why: `They are ordinary addresses, but old software, and firewalls against smurf attacks, still take them for the network's own or the broadcast address of a /24 and drop them. A few clients then cannot reach one
Service, while all others can. In a prefix like a /24 it is the first address that is given out.`,
  fires: [pool('web', 'addresses: [192.0.2.0/24]')],
  silent: [
    pool('web', 'addresses: [192.0.2.0/24]\navoidBuggyIPs: true'),
    pool('web', 'addresses: [192.0.2.1-192.0.2.254]'),
  ],
  check: (plan) => {
    const given = assignedServices(plan).filter(({ ips }) => ips.some(isBuggy));
    return plan.snapshot.config.pools.flatMap((one) => {
      const i = one.ranges.findIndex(hasBuggy);
      const range = one.ranges[i];
      if (one.avoidBuggyIPs || range === undefined) return [];
      const has = given.find((assigned) => assigned.pool === one.name);
      return [
        {
          object: { kind: 'IPAddressPool', name: one.name },
          path: ['spec', 'addresses', i],
          message:
            has === undefined
              ? `${formatIpRange(range)} has addresses that end in .0 or .255, which some old clients cannot reach`
              : `${has.service.key} has ${has.ips.filter(isBuggy).map(formatIp).join(', ')}, which some old clients cannot reach`,
        },
      ];
    });
  },
};

const isBuggy = ({ family, value }: Ip): boolean => family === 4 && (value % 256n === 0n || value % 256n === 255n);

/** Whether some address of the range ends in .0 or .255. */
const hasBuggy = ({ first, last }: IpRange): boolean =>
  first.family === 4 && (isBuggy(first) || isBuggy(last) || first.value / 256n !== last.value / 256n);
