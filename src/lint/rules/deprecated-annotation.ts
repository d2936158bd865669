/** `metallb.universe.tf/…` on a Service (docs/decisions.md 10). */
import { CURRENT_PREFIX, DEPRECATED_PREFIX } from '../../allocator/annotation.ts';
import { service } from '../example.ts';
import type { LintRule } from '../rule.ts';

const READ = ['address-pool', 'loadBalancerIPs', 'allow-shared-ip'];

export const deprecatedAnnotation: LintRule = {
  name: 'deprecated-annotation',
  severity: 'info',
  help: `Write ${CURRENT_PREFIX} instead of ${DEPRECATED_PREFIX}; the old spelling works as well.`,
  summary: 'an annotation of a Service has the old prefix metallb.universe.tf/',
  why: `MetalLB renamed its annotations in 0.14.9. Both spellings work here as there, but where a Service carries both and they differ, the new one
wins and the old one misleads whoever reads it: that is a warning.`,
  fires: [service('shop', '', 'metallb.universe.tf/address-pool: web')],
  silent: [service('shop', '', 'metallb.io/address-pool: web')],
  check: ({ snapshot: { services } }) =>
    services
      .filter((service) => service.type === 'LoadBalancer')
      .flatMap((service) =>
        Object.keys(service.annotations)
          .filter((key) => key.startsWith(DEPRECATED_PREFIX))
          .map((key) => {
            const name = key.slice(DEPRECATED_PREFIX.length);
            const current = service.annotations[CURRENT_PREFIX + name]?.trim() ?? '';
            const overruled = current !== '' && current !== service.annotations[key];
            const message = overruled
              ? `${key} is overruled by ${CURRENT_PREFIX}${name}, which says something else`
              : READ.includes(name)
                ? `${key} is the deprecated spelling of ${CURRENT_PREFIX}${name}`
                : `${key} is not read`;
            return {
              object: { kind: 'Service', namespace: service.namespace, name: service.name },
              path: ['metadata', 'annotations', key],
              message,
              ...(overruled ? { severity: 'warning' as const } : {}),
              ...(READ.includes(name) ? {} : { help: 'Remove it: MetalLB used to write it, and nothing reads it.' }),
            };
          }),
      ),
};
