/** Shared addresses and serviceSelectors of an L2Advertisement, which exclude each other. */
import { carriesAnnotation } from '../../allocator/annotation.ts';
import { isForService } from '../../announce/advertisements.ts';
import { scopeCovers } from '../../config/advertisement.ts';
import { layer2, manifest, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { assignedServices } from '../scope.ts';

const GOLD = service('shop', '', 'metallb.io/allow-shared-ip: web').replace(
  'namespace: default',
  'namespace: default\n  labels: { tier: gold }',
);

export const layer2SharingWithServiceSelectors: LintRule = {
  name: 'layer2-sharing-with-service-selectors',
  severity: 'warning',
  insteadOf: ['service-not-announced'],
  help: 'Remove the annotation allow-shared-ip from the Service, or serviceSelectors from the L2Advertisement.',
  summary: 'a Service may share its address, and its L2Advertisement has serviceSelectors: it is not announced',
  why: `Two Services on one address could be given to different nodes by different advertisements, where only one node can answer. So a Service with allow-shared-ip is not announced by layer 2 as soon as an L2Advertisement with serviceSelectors matches it,
as in MetalLB, whether or not anybody shares the address.`,
  fires: [
    manifest(
      pool('lan', 'addresses: [10.0.0.100-10.0.0.199]'),
      layer2('gold', 'serviceSelectors: [{ matchLabels: { tier: gold } }]'),
      GOLD,
    ),
  ],
  silent: [manifest(pool('lan', 'addresses: [10.0.0.100-10.0.0.199]'), layer2('all', '{}'), GOLD)],
  check: (plan) => {
    const { pools, l2Advertisements } = plan.snapshot.config;
    const selective = l2Advertisements.filter(({ serviceSelectors }) => serviceSelectors.length > 0);
    if (selective.length === 0) return [];
    const byName = new Map(pools.map((one) => [one.name, one]));
    return assignedServices(plan).flatMap((assigned) => {
      const one = byName.get(assigned.pool);
      if (one === undefined || !carriesAnnotation(assigned.service, 'allow-shared-ip')) return [];
      const advertisement = selective.find(
        (candidate) => scopeCovers(candidate, one) && isForService(candidate, assigned.service),
      );
      if (advertisement === undefined) return [];
      const { namespace, name, annotations } = assigned.service;
      const key = Object.keys(annotations).find((candidate) => candidate.endsWith('/allow-shared-ip')) ?? '';
      return [
        {
          object: { kind: 'Service', namespace, name },
          path: ['metadata', 'annotations', key],
          message: `layer 2 does not announce it: it may share its address, and L2Advertisement ${advertisement.name}, which matches it, has serviceSelectors`,
        },
      ];
    });
  },
};
