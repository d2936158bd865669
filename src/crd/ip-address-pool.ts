/** The schema of IPAddressPool. */
import * as z from 'zod/mini';
import { LabelSelectors, Names } from './schema.ts';

export const IPAddressPoolSpec = z.object({
  addresses: z.array(z.string()).check(z.minLength(1)),
  autoAssign: z._default(z.boolean(), true),
  avoidBuggyIPs: z._default(z.boolean(), false),
  serviceAllocation: z.optional(
    z.object({
      priority: z.optional(z.int()),
      namespaces: Names,
      namespaceSelectors: LabelSelectors,
      serviceSelectors: LabelSelectors,
    }),
  ),
});
