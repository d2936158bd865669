/** A Service that asks MetalLB for something, and is not MetalLB's. */
import { CURRENT_PREFIX, DEPRECATED_PREFIX } from '../../allocator/annotation.ts';
import { manifest, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';

const ASKING = ['address-pool', 'loadBalancerIPs', 'allow-shared-ip'];

export const annotationWithoutEffect: LintRule = {
  name: 'annotation-without-effect',
  severity: 'warning',
  help: 'Make the Service one of type LoadBalancer without a loadBalancerClass (or with that of --lb-class), or remove the annotation.',
  summary: 'a Service asks for an address, and is of another type or class',
  why: `Only Services of type LoadBalancer are served, and of those only the ones whose loadBalancerClass is that of --lb-class: without the flag, those that have none. The annotation shows that an address of MetalLB was expected.`,
  fires: [
    service('shop', 'type: ClusterIP', 'metallb.io/address-pool: web'),
    service('blog', 'loadBalancerClass: example.net/other', 'metallb.io/loadBalancerIPs: 192.0.2.10'),
  ],
  silent: [
    manifest(pool('web', 'addresses: [192.0.2.0/24]'), service('shop', '', 'metallb.io/address-pool: web')),
    service('blog', 'loadBalancerClass: example.net/other'),
  ],
  check: ({ snapshot: { services }, allocations }) =>
    services.flatMap(({ key, namespace, name, annotations, type, loadBalancerClass }) => {
      if ((allocations.get(key)?.state ?? 'Ignored') !== 'Ignored') return [];
      const asking = Object.keys(annotations).find((annotation) =>
        ASKING.some((word) => annotation === CURRENT_PREFIX + word || annotation === DEPRECATED_PREFIX + word),
      );
      if (asking === undefined) return [];
      return [
        {
          object: { kind: 'Service', namespace, name },
          path: ['metadata', 'annotations', asking],
          message:
            type === 'LoadBalancer'
              ? `${asking} has no effect: the Service is of ${loadBalancerClass === null ? 'no load balancer class' : `load balancer class ${loadBalancerClass}`}`
              : `${asking} has no effect: the Service is of type ${type}`,
        },
      ];
    }),
};
