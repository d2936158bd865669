/** An entry of a pool that looks as if it began in the middle of its prefix. */
import { formatIp, parseIp, sameIp } from '../../net/ip.ts';
import { rangeOfPrefix, rangeSize } from '../../net/ip-range.ts';
import { formatPrefix, parsePrefix } from '../../net/prefix.ts';
import { pool } from '../example.ts';
import { listAt } from '../objects.ts';
import type { LintRule } from '../rule.ts';

export const poolHostBits: LintRule = {
  name: 'pool-host-bits',
  severity: 'warning',
  help: 'Write the prefix by its first address if the whole of it is meant, else FIRST-LAST, or ADDRESS/32 for a single one.',
  summary: 'an entry of a pool is written by an address in the middle of its prefix',
  why: `192.0.2.240/24 is read as the whole of 192.0.2.0/24, as in MetalLB. Whoever writes it means as a rule what begins at .240; instead the pool gives out the gateway's and
everybody else's addresses.`,
  fires: [pool('web', 'addresses: [192.0.2.240/24]')],
  silent: [pool('web', 'addresses: [192.0.2.240/28, 192.0.2.10-192.0.2.19]')],
  check: ({ snapshot: { config }, options }, objects) =>
    config.pools.flatMap(({ name }) =>
      listAt(objects.get('IPAddressPool', options.namespace, name)?.body, 'spec', 'addresses')
        .filter((entry) => entry !== null)
        .flatMap((text, i) => {
          if (typeof text !== 'string' || !text.includes('/')) return [];
          const address = parseIp(text.slice(0, text.indexOf('/')));
          const prefix = parsePrefix(text);
          if (!address.ok || !prefix.ok || sameIp(address.value, prefix.value.address)) return [];
          return [
            {
              object: { kind: 'IPAddressPool', name },
              path: ['spec', 'addresses', i],
              message: `${text} is the whole of ${formatPrefix(prefix.value)}, ${rangeSize(rangeOfPrefix(prefix.value))} addresses from ${formatIp(prefix.value.address)} on`,
            },
          ];
        }),
    ),
};
