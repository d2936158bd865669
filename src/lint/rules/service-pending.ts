/** A Service that gets no address. Not an error: it waits. */
import { annotationKeyOf } from '../../allocator/annotation.ts';
import { manifest, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const servicePending: LintRule = {
  name: 'service-pending',
  severity: 'warning',
  help: 'The message says what it waits for.',
  summary: 'a Service gets no address',
  why: `It waits for something that nothing in the input provides: a pool that does not exist or is for others, an address that is taken, a family that no
pool has. In the cluster it would stay in <pending>, with the same reason in an event.`,
  fires: [manifest(pool('web', 'addresses: [192.0.2.0/24]\nautoAssign: false'), service('shop'))],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]\nautoAssign: false'),
      service('shop', '', 'metallb.io/address-pool: web'),
    ),
  ],
  check: ({ snapshot: { services }, allocations }) =>
    services.flatMap((service) => {
      const allocation = allocations.get(service.key);
      if (allocation?.state !== 'Pending') return [];
      const key = annotationKeyOf(service, 'loadBalancerIPs') ?? annotationKeyOf(service, 'address-pool');
      return [
        {
          object: { kind: 'Service', namespace: service.namespace, name: service.name },
          path: key === null ? [] : ['metadata', 'annotations', key],
          message: allocation.message ?? 'it has no address',
        },
      ];
    }),
};
