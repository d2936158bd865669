/** A Service whose status has an address that it may not keep: it changes, and with it whatever points to it. */
import { formatIp } from '../../net/ip.ts';
import { manifest, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const addressNotKept: LintRule = {
  name: 'address-not-kept',
  severity: 'warning',
  help: 'To keep the address, put back what allowed it (the pool that has it, the annotation or the labels); else tell whoever uses it.',
  summary: 'a Service loses the address that its status has',
  why: `The address in a Service's status is kept as long as it is allowed. Here it no longer is, because a pool shrank, moved or is now for other
Services, or because the Service asks for something else. DNS records, firewall rules and clients that know the old address lose the Service.`,
  fires: [
    manifest(
      pool('web', 'addresses: [198.51.100.0/24]'),
      `${service('shop')}status: { loadBalancer: { ingress: [{ ip: 192.0.2.10 }] } }\n`,
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      `${service('shop')}status: { loadBalancer: { ingress: [{ ip: 192.0.2.10 }] } }\n`,
    ),
  ],
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
