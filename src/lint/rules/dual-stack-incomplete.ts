/** A Service that would like an address of each family, and has one. */
import { manifest, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const dualStackIncomplete: LintRule = {
  name: 'dual-stack-incomplete',
  severity: 'info',
  help: 'Add a range of the missing family to the pool, or use ipFamilyPolicy: SingleStack.',
  summary: 'a Service with ipFamilyPolicy PreferDualStack has an address of one family only',
  why: `Both addresses of a Service must be of one pool. Where the pool has no address left of the second family, or none at all, the Service goes without, and clients of that family cannot reach it.`,
  fires: [manifest(pool('web', 'addresses: [192.0.2.0/24]'), service('shop', 'ipFamilyPolicy: PreferDualStack'))],
  silent: [
    manifest(
      pool('web', "addresses: [192.0.2.0/24, '2001:db8:10::/64']"),
      service('shop', 'ipFamilyPolicy: PreferDualStack'),
    ),
  ],
  check: ({ snapshot: { services }, allocations }) =>
    services.flatMap(({ key, namespace, name }) => {
      const allocation = allocations.get(key);
      if (allocation?.state !== 'Assigned' || allocation.message === null) return [];
      return [
        { object: { kind: 'Service', namespace, name }, path: ['spec', 'ipFamilyPolicy'], message: allocation.message },
      ];
    }),
};
