/** Services that carry one sharing key and can never share an address. */
import { annotationKeyOf, annotationOf } from '../../allocator/annotation.ts';
import { byAge } from '../../allocator/order.ts';
import { type Tenant, tenantOf } from '../../allocator/sharing-key.ts';
import type { Service } from '../../cluster/service.ts';
import { manifest, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { handledServices } from '../scope.ts';

const POOL = pool('web', 'addresses: [192.0.2.0/24]');

export const sharingNeverWorks: LintRule = {
  name: 'sharing-never-works',
  severity: 'warning',
  help: 'Give them different ports, the same externalTrafficPolicy and, where that is Local, the same selector; or different keys, if they need not share.',
  summary: 'Services have the same allow-shared-ip key, and can never share an address',
  why: `Sharing needs more than the key: no protocol and port twice, the same address pool, and with externalTrafficPolicy Local the same selector, because the nodes that announce follow the endpoints. Where that fails each Service just gets an address of its own, and nobody
says so.`,
  fires: [
    manifest(
      POOL,
      service('web', 'ports: [{ port: 443 }]', 'metallb.io/allow-shared-ip: edge'),
      service('api', 'ports: [{ port: 443 }]', 'metallb.io/allow-shared-ip: edge'),
    ),
    manifest(
      POOL,
      service('web', 'externalTrafficPolicy: Local\nports: [{ port: 443 }]', 'metallb.io/allow-shared-ip: edge'),
      service(
        'dns',
        'externalTrafficPolicy: Local\nports: [{ port: 53, protocol: UDP }]',
        'metallb.io/allow-shared-ip: edge',
      ),
    ),
  ],
  silent: [
    manifest(
      POOL,
      service('web', 'ports: [{ port: 443 }]', 'metallb.io/allow-shared-ip: edge'),
      service('dns', 'ports: [{ port: 53, protocol: UDP }]', 'metallb.io/allow-shared-ip: edge'),
    ),
  ],
  check: (plan) => {
    const groups = Map.groupBy(byAge(handledServices(plan)), (one) => annotationOf(one, 'allow-shared-ip'));
    return [...groups].flatMap(([key, members]) => {
      if (key === null || members.length < 2) return [];
      const placed: Placed[] = [];
      return members.flatMap((one) => {
        const next = placedOf(one);
        // One that goes together with some other of the group shares with that one.
        const obstacles = placed.map((other) => obstacle(next, other));
        placed.push(next);
        const [first] = obstacles;
        if (first === undefined || first === null || obstacles.includes(null)) return [];
        const annotation = annotationKeyOf(one, 'allow-shared-ip') ?? '';
        return [
          {
            object: { kind: 'Service', namespace: one.namespace, name: one.name },
            path: ['metadata', 'annotations', annotation],
            message: `it never shares an address with ${placed[0]?.tenant.service}, which has the same key "${key}": ${first}`,
          },
        ];
      });
    });
  },
};

interface Placed {
  readonly service: Service;
  readonly tenant: Tenant;
  readonly pool: string | null;
}

const placedOf = (one: Service): Placed => ({
  service: one,
  tenant: tenantOf(one),
  pool: annotationOf(one, 'address-pool'),
});

/** Why two Services with one key never share, or null where they may. */
function obstacle(a: Placed, b: Placed): string | null {
  const port = a.tenant.ports.find((candidate) => b.tenant.ports.includes(candidate));
  if (port !== undefined) return `both use port ${port}`;
  if (a.tenant.sharingKey !== b.tenant.sharingKey)
    return a.service.externalTrafficPolicy === b.service.externalTrafficPolicy
      ? 'externalTrafficPolicy is Local, and their selectors differ'
      : 'one has externalTrafficPolicy Local and the other has not';
  if (a.pool !== null && b.pool !== null && a.pool !== b.pool)
    return `they ask for different pools ("${b.pool}" and "${a.pool}")`;
  return null;
}
