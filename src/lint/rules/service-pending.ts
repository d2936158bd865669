/** A Service that gets no address. Not an error: it waits. */
import { annotationKeyOf } from '../../allocator/annotation.ts';
import type { LintRule } from '../rule.ts';

export const servicePending: LintRule = {
  name: 'service-pending',
  severity: 'warning',
  help: 'The message says what it waits for.',
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
