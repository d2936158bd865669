/** Two Services that ask for one address, and cannot share it. */
import { annotationKeyOf } from '../../allocator/annotation.ts';
import { byAge } from '../../allocator/order.ts';
import { requestOf } from '../../allocator/request.ts';
import { type Tenant, tenantOf } from '../../allocator/sharing-key.ts';
import { formatIp } from '../../net/ip.ts';
import { manifest, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { handledServices } from '../scope.ts';

const POOL = pool('web', 'addresses: [192.0.2.0/24]');

export const sameAddressRequested: LintRule = {
  name: 'same-address-requested',
  severity: 'warning',
  insteadOf: ['service-pending'],
  help: 'Ask for another address, or let the Services share it: the same metallb.io/allow-shared-ip on all of them, no port twice, and with externalTrafficPolicy Local the same selector.',
  summary: 'two Services ask for the same address, and cannot share it',
  why: `An address belongs to one Service unless all of its Services agree to share it. The oldest one gets it, the other stays pending; and when the oldest is made anew, the other takes the address.`,
  fires: [
    manifest(
      POOL,
      service('shop', '', 'metallb.io/loadBalancerIPs: 192.0.2.10'),
      service('blog', '', 'metallb.io/loadBalancerIPs: 192.0.2.10'),
    ),
  ],
  silent: [
    manifest(
      POOL,
      service(
        'shop',
        'ports: [{ port: 80 }]',
        'metallb.io/loadBalancerIPs: 192.0.2.10\nmetallb.io/allow-shared-ip: web',
      ),
      service(
        'blog',
        'ports: [{ port: 443 }]',
        'metallb.io/loadBalancerIPs: 192.0.2.10\nmetallb.io/allow-shared-ip: web',
      ),
    ),
  ],
  check: (plan) => {
    const holders = new Map<string, Tenant[]>();
    return byAge(handledServices(plan)).flatMap((one) => {
      const request = requestOf(one);
      if (!request.ok) return [];
      const tenant = tenantOf(one);
      for (const ip of request.value.ips) {
        const text = formatIp(ip);
        const earlier = holders.get(text) ?? [];
        const rival = earlier.find((other) => !mayShare(tenant, other));
        holders.set(text, [...earlier, tenant]);
        if (rival === undefined) continue;
        const key = annotationKeyOf(one, 'loadBalancerIPs');
        return [
          {
            object: { kind: 'Service', namespace: one.namespace, name: one.name },
            path: key === null ? ['spec', 'loadBalancerIP'] : ['metadata', 'annotations', key],
            message: `${rival.service} asks for ${text} too, and the two cannot share it: ${reasonOf(tenant, rival)}`,
          },
        ];
      }
      return [];
    });
  },
};

const commonPort = (a: Tenant, b: Tenant): string | undefined => a.ports.find((port) => b.ports.includes(port));

const mayShare = (a: Tenant, b: Tenant): boolean =>
  a.sharingKey !== null && a.sharingKey === b.sharingKey && commonPort(a, b) === undefined;

function reasonOf(a: Tenant, b: Tenant): string {
  if (a.sharingKey === null || b.sharingKey === null) return 'not both have the annotation allow-shared-ip';
  if (a.sharingKey !== b.sharingKey)
    return 'their allow-shared-ip keys, or with externalTrafficPolicy Local their selectors, differ';
  return `both use port ${commonPort(a, b)}`;
}
