/** An annotation of ours that nothing reads: nobody checks the names of annotations but lint. */
import { CURRENT_PREFIX, DEPRECATED_PREFIX } from '../../allocator/annotation.ts';
import { nearestOf } from '../../config/nearest.ts';
import { service } from '../example.ts';
import type { LintRule } from '../rule.ts';

const READ = ['address-pool', 'loadBalancerIPs', 'allow-shared-ip', 'endpoint-policy'];
/** Written by the controller. */
const WRITTEN = ['ip-allocated-from-pool'];

export const unknownAnnotation: LintRule = {
  name: 'unknown-annotation',
  severity: 'warning',
  help: `The annotations of a Service are ${READ.map((name) => CURRENT_PREFIX + name).join(', ')}, in this spelling.`,
  summary: 'a Service has a metallb.io annotation that does not exist',
  why: `The cluster accepts any annotation, and one that nobody reads does nothing: metallb.io/loadBalancerIP, without the s, leaves the Service with whatever address comes next. Letter case counts too.`,
  fires: [service('shop', '', 'metallb.io/loadBalancerIP: 192.0.2.10')],
  silent: [service('shop', '', 'metallb.io/loadBalancerIPs: 192.0.2.10')].map(
    (yaml) => `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: web, namespace: metallb-system }
spec: { addresses: [192.0.2.0/24] }
---
${yaml}`,
  ),
  check: ({ snapshot: { services } }) =>
    services.flatMap(({ namespace, name, annotations }) =>
      Object.keys(annotations).flatMap((key) => {
        const prefix = [CURRENT_PREFIX, DEPRECATED_PREFIX].find((candidate) => key.startsWith(candidate));
        const rest = prefix === undefined ? '' : key.slice(prefix.length);
        if (prefix === undefined || READ.includes(rest) || WRITTEN.includes(rest)) return [];
        const nearest = nearestOf(rest, READ);
        // deprecated-annotation says of the old prefix what is not read, unless it is a slip.
        if (prefix === DEPRECATED_PREFIX && nearest === undefined) return [];
        return [
          {
            object: { kind: 'Service', namespace, name },
            path: ['metadata', 'annotations', key],
            message: `nothing reads ${key}${nearest === undefined ? '' : `; did you mean ${CURRENT_PREFIX}${nearest}?`}`,
          },
        ];
      }),
    ),
};
