import { describe, expect, it } from 'vitest';
import type { Service } from '../cluster/service.ts';
import type { Pool } from '../config/pool.ts';
import { ip, pool, scope, service } from '../plan/testing/fixture.ts';
import { allocate } from './allocator.ts';
import { eventsOf } from './events.ts';

/** The events of each Service, as `type reason message`. */
function told(pools: readonly Pool[], ...services: readonly Service[]): readonly string[] {
  const allocations = allocate(services, { pools }, new Map(), { lbClass: null });
  return services.flatMap((one) => {
    const allocation = allocations.get(one.key);
    return allocation === undefined
      ? []
      : eventsOf(one, allocation).map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  });
}

const svc = (name: string, parts: Partial<Service> = {}): Service => service(`default/${name}`, parts);
const dual = { ipFamilies: [4, 6] as const, ipFamilyPolicy: 'PreferDualStack' as const };
const small = pool('p', ['10.0.0.1/32']);

describe('eventsOf', () => {
  it('tells which address came from which pool, and nothing of one that stays', () => {
    expect(told([small], svc('a'))).toEqual(['Normal IPAllocated Assigned IP ["10.0.0.1"] from pool "p"']);
    expect(told([small], svc('a', { ingress: [ip('10.0.0.1')] }))).toEqual([]);
    expect(told([small], svc('a', { type: 'ClusterIP' }))).toEqual([]);
  });

  it('tells of an exhausted pool which it is, what is in use and what to do', () => {
    const [, waits] = told([small], svc('a'), svc('b'));
    expect(waits).toBe(
      'Warning AllocationFailed Failed to allocate IP for "default/b": no available IPv4 address: pool "p" has all 1 of its IPv4 ' +
        'addresses (10.0.0.1-10.0.0.1) in use; add addresses to a pool, or free some',
    );
  });

  it('tells of a conflict who has the address and how to share it', () => {
    const [, waits] = told([small], svc('a'), svc('b', { loadBalancerIP: '10.0.0.1' }));
    expect(waits).toContain('10.0.0.1 of pool "p" cannot be had: it is in use by "default/a"');
    expect(waits).toContain('metallb.io/allow-shared-ip');
  });

  it('tells of a pool that is for others which field says so', () => {
    const others = pool('p', ['10.0.0.0/24'], { serviceAllocation: scope({ namespaces: ['x'] }) });
    const [waits] = told([others], svc('a', { annotations: { 'metallb.io/address-pool': 'p' } }));
    expect(waits).toContain('pool "p" is not for this Service: serviceAllocation does not include namespace "default"');
  });

  it('tells why an address is taken away, and which one comes instead', () => {
    expect(told([small], svc('a', { ingress: [ip('9.9.9.9')] }))).toEqual([
      'Normal ClearAssignment current IP for "default/a" not allowed by config, will attempt for new IP assignment: ' +
        '9.9.9.9 is in no pool: ask for an address of "p", or add it to one',
      'Normal IPAllocated Assigned IP ["10.0.0.1"] from pool "p"',
    ]);
  });

  it('tells of a second family that came, or why it did not', () => {
    const both = pool('p', ['10.0.0.1/32', 'fc00::1/128']);
    expect(told([both], svc('a', { ...dual, ingress: [ip('10.0.0.1')] }))).toEqual([
      'Normal IPAllocated Assigned additional IP "fc00::1" from pool "p"',
    ]);
    const [given, lacks] = told([small], svc('a', dual));
    expect(given).toBe('Normal IPAllocated Assigned IP ["10.0.0.1"] from pool "p"');
    expect(lacks).toBe(
      'Normal AdditionalAssignFailed cannot assign additional IP in PreferDualStack: pool "p" has no IPv6 addresses',
    );
  });

  it('tells of deprecated annotations, when the Service is written to', () => {
    const annotations = { 'metallb.universe.tf/address-pool': 'p', 'metallb.universe.tf/ip-allocated-from-pool': 'p' };
    expect(told([small], svc('a', { annotations })).slice(1)).toEqual([
      'Warning deprecatedAnnotation Service uses deprecated annotation metallb.universe.tf/address-pool: write metallb.io/address-pool',
      'Warning deprecatedAnnotation Service uses deprecated annotation metallb.universe.tf/ip-allocated-from-pool: write metallb.io/ip-allocated-from-pool',
    ]);
    expect(told([small], svc('a', { annotations, ingress: [ip('10.0.0.1')] }))).toEqual([]);
  });
});
