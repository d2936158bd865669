import { describe, expect, it } from 'vitest';
import type { Pool } from '../config/pool.ts';
import { ip, pool, service } from '../plan/testing/fixture.ts';
import { Allocator } from './allocator.ts';

const countersOf = (one: Pool) => new Allocator([one], new Map()).countersOf(one.name);
const MAX = 2n ** 63n - 1n;

describe('usable addresses of a pool', () => {
  // From runs of MetalLB's own code (metallb-behaviour 3.8), but for those that it counts wrongly.
  it.each<[string, readonly string[], bigint]>([
    ['a /24', ['10.0.0.0/24'], 254n],
    ['a /23', ['10.0.0.0/23'], 508n],
    ['a /25', ['10.0.0.0/25'], 127n],
    ['a /26 that touches neither .0 nor .255', ['10.0.0.64/26'], 64n],
    ['.1 to .3 of the next', ['10.0.0.1-10.0.1.3'], 257n],
    ['a /32 that ends in .0: none, not -1', ['10.0.0.0/32'], 0n],
    ['a /0', ['0.0.0.0/0'], 2n ** 32n - 2n ** 25n],
  ])('less .0 and .255: %s', (_, addresses, usable) => {
    expect(countersOf(pool('p', addresses, { avoidBuggyIPs: true }))).toMatchObject({ usableIPv4: usable });
  });

  it('are all of them without avoidBuggyIPs', () => {
    expect(countersOf(pool('p', ['10.0.0.0/24', '10.1.0.7/32']))).toMatchObject({ usableIPv4: 257n, usableIPv6: 0n });
  });

  it.each<[string, readonly string[], bigint]>([
    ['a /67', ['fc00::/67'], 2n ** 61n],
    ['a /64', ['fc00::/64'], MAX],
    ['a /64 and more, which does not overflow', ['fc00::/64', 'fc01::/64', 'fc02::1/128'], MAX],
    ['a /1', ['::/1'], MAX],
  ])('of IPv6 fit into 64 bits: %s', (_, addresses, usable) => {
    const counters = countersOf(pool('p', addresses, { avoidBuggyIPs: true }));
    expect(counters).toMatchObject({ usableIPv6: usable, availableIPv6: usable, usableIPv4: 0n });
  });
});

describe('assigned and available addresses', () => {
  const both = pool('p', ['10.0.0.0/30', 'fc00::/64']);

  it('are counted by family, a shared address once, and given back', () => {
    const allocator = new Allocator([both], new Map());
    const shares = (port: number) => ({
      annotations: { 'metallb.io/allow-shared-ip': 'k' },
      ports: [{ protocol: 'TCP', port }],
      loadBalancerIP: '10.0.0.1',
    });
    allocator.serve(service('a/x', shares(80)));
    allocator.serve(service('a/y', shares(81)));
    allocator.serve(service('a/dual', { ipFamilies: [4, 6], ipFamilyPolicy: 'RequireDualStack' }));
    const full = { assignedIPv4: 2, assignedIPv6: 1, availableIPv4: 2n, availableIPv6: MAX - 1n };
    expect(allocator.countersOf('p')).toMatchObject(full);
    allocator.release('a/x');
    expect(allocator.countersOf('p')).toMatchObject(full);
    allocator.release('a/y');
    allocator.release('a/dual');
    expect(allocator.countersOf('p')).toMatchObject({ assignedIPv4: 0, availableIPv4: 4n, availableIPv6: MAX });
    expect(allocator.countersOf('q')).toBeUndefined();
  });

  it('count what a status has', () => {
    const allocator = new Allocator([both], new Map());
    allocator.adopt(service('a/s', { ingress: [ip('10.0.0.3')] }));
    expect(allocator.countersOf('p')).toMatchObject({ assignedIPv4: 1, availableIPv4: 3n });
  });
});
