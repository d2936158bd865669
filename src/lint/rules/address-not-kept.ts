/** A Service whose status has an address that it may not keep: it changes, and with it whatever points to it. */
import { formatIp } from '../../net/ip.ts';
import type { LintRule } from '../rule.ts';

export const addressNotKept: LintRule = {
  name: 'address-not-kept',
  severity: 'warning',
  help: 'To keep the address, put back what allowed it (the pool that has it, the annotation or the labels); else tell whoever uses it.',
  check: ({ snapshot: { services }, allocations }) =>
    services.flatMap(({ key, namespace, name }) => {
      const allocation = allocations.get(key);
      const cleared = allocation?.cleared ?? null;
      if (allocation === undefined || cleared === null) return [];
      const now = allocation.ips.map(formatIp).join(', ');
      return [
        {
          object: { kind: 'Service', namespace, name },
          path: ['status', 'loadBalancer', 'ingress'],
          message:
            `${cleared.ips.map(formatIp).join(', ')} is given up (${cleared.reason}); ` +
            `${now === '' ? 'the Service is left without an address' : `the Service gets ${now}`}`,
        },
      ];
    }),
};
