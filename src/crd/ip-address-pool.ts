/** The schema of IPAddressPool. */
import * as z from 'zod/mini';
import { ourConditions } from './condition.ts';
import { field, INT64, labelSelectors, names } from './schema.ts';

export const IPAddressPoolSpec = field(
  z.object({
    addresses: field(
      z.array(z.string()).check(z.minLength(1)),
      'The addresses that may be given to Services: CIDR prefixes (192.168.10.0/24, 2001:db8::/120) and ranges (192.168.10.10-192.168.10.20). No two may overlap, in this pool or with another.',
      { minItems: null },
    ),
    autoAssign: field(
      z._default(z.boolean(), true),
      'Whether Services that name no pool and no address get theirs from here. Default: true.',
    ),
    avoidBuggyIPs: field(
      z._default(z.boolean(), false),
      'Whether IPv4 addresses that end in .0 or .255 are left out, which some old clients cannot reach. Default: false.',
    ),
    serviceAllocation: field(
      z.optional(
        z.object({
          priority: field(
            z.optional(z.int()),
            'Which of several pools that fit is taken first: the lowest number. Default: 0, which comes after all others.',
          ),
          namespaces: names('Namespaces whose Services may have addresses from here.'),
          namespaceSelectors: labelSelectors(
            'Namespaces by their labels, beside those in `namespaces`; any of the selectors is enough.',
          ),
          serviceSelectors: labelSelectors(
            'Services by their labels; any of the selectors is enough, in a namespace that is allowed.',
          ),
        }),
      ),
      'Which Services may have addresses from here. Default: all.',
    ),
  }),
  'The addresses, and who may have them.',
);

const count = (description: string) => field(z.optional(z.int()), description, INT64);

export const IPAddressPoolStatus = field(
  z.object({
    assignedIPv4: count('How many IPv4 addresses are in use; one that Services share counts once.'),
    assignedIPv6: count('How many IPv6 addresses are in use; one that Services share counts once.'),
    availableIPv4: count('How many IPv4 addresses are free.'),
    availableIPv6: count('How many IPv6 addresses are free.'),
    conditions: ourConditions(),
  }),
  'What the controller knows of the pool.',
);
