/** A pool that gives out nothing by itself, and that nobody asks for. */
import { annotationOf } from '../../allocator/annotation.ts';
import { manifest, pool, service } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';
import { assignedServices, handledServices } from '../scope.ts';

export const poolNeverUsed: LintRule = {
  name: 'pool-never-used',
  severity: 'info',
  help: 'Ask for it with the annotation metallb.io/address-pool on a Service, or set autoAssign: true.',
  summary: 'a pool has autoAssign: false, and no Service asks for it',
  why: `Such a pool is used only by Services that name it, or one of its addresses. None of those that are given does: the annotation may be missing, or misspelt.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      pool('vip', 'addresses: [198.51.100.0/28]\nautoAssign: false'),
      service('shop'),
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      pool('vip', 'addresses: [198.51.100.0/28]\nautoAssign: false'),
      service('shop', '', 'metallb.io/address-pool: vip'),
    ),
  ],
  check: (plan) => {
    const services = handledServices(plan);
    if (services.length === 0 || leftOut(plan, 'Service').size > 0) return [];
    const wanted = new Set([
      ...services.map((one) => annotationOf(one, 'address-pool')),
      ...assignedServices(plan).map((assigned) => assigned.pool),
    ]);
    return plan.snapshot.config.pools
      .filter(({ name, autoAssign }) => !autoAssign && !wanted.has(name))
      .map(({ name }) => ({
        object: { kind: 'IPAddressPool', name },
        path: ['spec', 'autoAssign'],
        message: `no Service asks for pool "${name}", and with autoAssign: false it gives out nothing by itself`,
      }));
  },
};
