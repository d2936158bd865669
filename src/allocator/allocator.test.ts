import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Service } from '../cluster/service.ts';
import type { Pool } from '../config/pool.ts';
import { formatIp, type Ip } from '../net/ip.ts';
import { ip, labelled, pool, scope, service } from '../plan/testing/fixture.ts';
import { type Allocation, Allocator, allocate } from './allocator.ts';

type Parts = Partial<Service>;

function run(pools: readonly Pool[], services: readonly Service[], lbClass: string | null = null) {
  const allocations = allocate(services, { pools }, new Map(), { lbClass });
  const of = (key: string): Allocation => {
    const found = allocations.get(`default/${key}`);
    if (found === undefined) throw new Error(`no ${key}`);
    return found;
  };
  return { of, ips: (key: string) => of(key).ips.map(formatIp), why: (key: string) => of(key).message ?? '' };
}

const svc = (name: string, parts: Parts = {}): Service => service(`default/${name}`, parts);
const annotated = (annotations: Record<string, string>, parts: Parts = {}): Parts => ({ annotations, ...parts });
const dual = { ipFamilies: [4, 6] as const, ipFamilyPolicy: 'PreferDualStack' as const };

describe('allocate, automatic', () => {
  it('serves the oldest first, those without a timestamp last, then by name', () => {
    const { ips } = run(
      [pool('p', ['10.0.0.1-10.0.0.9'])],
      [
        svc('b'),
        svc('a'),
        svc('young', { creationTimestamp: '2024-05-01T00:00:00Z' }),
        svc('old', { creationTimestamp: '2023-05-01T00:00:00Z' }),
      ],
    );
    expect([ips('old'), ips('young'), ips('a'), ips('b')]).toEqual([
      ['10.0.0.1'],
      ['10.0.0.2'],
      ['10.0.0.3'],
      ['10.0.0.4'],
    ]);
  });

  it('starts at the network address, unless avoidBuggyIPs leaves out .0 and .255', () => {
    expect(run([pool('p', ['10.0.0.0/24'])], [svc('a')]).ips('a')).toEqual(['10.0.0.0']);
    expect(run([pool('p', ['10.0.0.0/24'], { avoidBuggyIPs: true })], [svc('a')]).ips('a')).toEqual(['10.0.0.1']);
    const { ips, why } = run(
      [pool('p', ['10.0.0.254-10.0.1.1'], { avoidBuggyIPs: true })],
      [svc('a'), svc('b'), svc('c')],
    );
    expect([ips('a'), ips('b')]).toEqual([['10.0.0.254'], ['10.0.1.1']]);
    expect(why('c')).toContain('has all 2 of its IPv4 addresses');
  });

  it('leaves IPv6 addresses alone that end in 0 or ff', () => {
    const v6 = svc('a', { ipFamilies: [6] });
    expect(run([pool('p', ['fc00::/120'], { avoidBuggyIPs: true })], [v6]).ips('a')).toEqual(['fc00::']);
  });

  it('takes pools by name and their ranges in order, and none with autoAssign: false', () => {
    const { ips, of } = run(
      [
        pool('b', ['10.0.2.1/32']),
        pool('a', ['10.0.1.9/32', '10.0.1.1/32']),
        pool('0', ['9.9.9.9/32'], { autoAssign: false }),
      ],
      [svc('1'), svc('2'), svc('3')],
    );
    expect([ips('1'), ips('2'), ips('3')]).toEqual([['10.0.1.9'], ['10.0.1.1'], ['10.0.2.1']]);
    expect(of('3').pool).toBe('b');
  });

  it('tries pools that are for the Service first, by priority, 0 last', () => {
    const pools = [
      pool('open', ['10.0.0.0/24']),
      pool('none', ['10.0.1.0/32'], { serviceAllocation: scope({}) }),
      pool('ten', ['10.0.2.0/32'], { serviceAllocation: scope({ priority: 10 }) }),
      pool('five', ['10.0.3.0/32'], { serviceAllocation: scope({ priority: 5, namespaces: ['default'] }) }),
      pool('other', ['10.0.4.0/32'], { serviceAllocation: scope({ priority: 1, namespaces: ['prod'] }) }),
    ];
    const { of } = run(
      pools,
      ['a', 'b', 'c', 'd'].map((name) => svc(name)),
    );
    expect(['a', 'b', 'c', 'd'].map((name) => of(name).pool)).toEqual(['five', 'ten', 'none', 'open']);
  });

  it('gives a pool whose namespace selectors match nothing to nobody', () => {
    const pools = [
      pool('p', ['10.0.0.0/24'], { serviceAllocation: scope({ namespaceSelectors: [labelled({ team: 'x' })] }) }),
    ];
    const { of, why } = run(pools, [svc('auto'), svc('asks', annotated({ 'metallb.io/address-pool': 'p' }))]);
    expect([of('auto').state, of('asks').state]).toEqual(['Pending', 'Pending']);
    expect(why('asks')).toContain('namespace "default"');
  });

  it('ignores what is not of type LoadBalancer or of another class', () => {
    const services = [svc('plain', { type: 'ClusterIP' }), svc('other', { loadBalancerClass: 'x' }), svc('ours')];
    const pools = [pool('p', ['10.0.0.1/32'])];
    const states = (lbClass: string | null) => {
      const { of } = run(pools, services, lbClass);
      return ['plain', 'other', 'ours'].map((name) => of(name).state);
    };
    expect(states(null)).toEqual(['Ignored', 'Ignored', 'Assigned']);
    expect(states('x')).toEqual(['Ignored', 'Assigned', 'Ignored']);
  });
});

describe('allocate, asked for', () => {
  const pools = [pool('a', ['10.0.0.0/30']), pool('b', ['10.0.1.0/24'], { autoAssign: false, avoidBuggyIPs: true })];

  it('takes a pool by annotation, in both spellings; an empty new one does not count', () => {
    const { of } = run(pools, [
      svc('new', annotated({ 'metallb.io/address-pool': 'b', 'metallb.universe.tf/address-pool': 'a' })),
      svc('old', annotated({ 'metallb.universe.tf/address-pool': 'b' })),
      svc('empty', annotated({ 'metallb.io/address-pool': '', 'metallb.universe.tf/address-pool': 'b' })),
    ]);
    expect([of('new').pool, of('old').pool, of('empty').pool]).toEqual(['b', 'b', 'b']);
  });

  it.each([
    [
      'of another pool than the annotation names',
      { 'metallb.io/loadBalancerIPs': '10.0.0.1', 'metallb.io/address-pool': 'b' },
      'asks for "b"',
    ],
    ['in no pool', { 'metallb.io/loadBalancerIPs': '9.9.9.9' }, 'in no pool'],
    ['that is avoided', { 'metallb.io/loadBalancerIPs': '10.0.1.0' }, 'avoidBuggyIPs'],
    ['that is none', { 'metallb.io/loadBalancerIPs': '10.0.0.01' }, 'leading zero'],
    ['twice of one family', { 'metallb.io/loadBalancerIPs': '10.0.0.1,10.0.0.2' }, 'two IPv4'],
    ['of another family', { 'metallb.io/loadBalancerIPs': 'fc00::1' }, "not of the Service's IPv4"],
    ['with an empty item', { 'metallb.io/loadBalancerIPs': '10.0.0.1,' }, 'not an IP address'],
    ['a pool that is not there', { 'metallb.io/address-pool': 'zz' }, 'no pool "zz"'],
  ])('refuses an address %s', (_, annotations, why) => {
    const result = run(pools, [svc('s', annotated(annotations as Record<string, string>))]);
    expect(result.of('s').state).toBe('Pending');
    expect(result.why('s')).toContain('Failed to allocate IP for "default/s": ');
    expect(result.why('s')).toContain(why);
  });

  it('refuses both ways of asking at once', () => {
    const both = svc('s', annotated({ 'metallb.io/loadBalancerIPs': '10.0.0.1' }, { loadBalancerIP: '10.0.0.1' }));
    expect(run(pools, [both]).why('s')).toContain('spec.loadBalancerIP');
    expect(run(pools, [svc('s', { loadBalancerIP: '10.0.0.3' })]).ips('s')).toEqual(['10.0.0.3']);
  });

  it('never gives one address to two without permission', () => {
    const { ips, of, why } = run(pools, [
      svc('a', { loadBalancerIP: '10.0.0.1' }),
      svc('b', { loadBalancerIP: '10.0.0.1' }),
    ]);
    expect([ips('a'), of('b').state]).toEqual([['10.0.0.1'], 'Pending']);
    expect(why('b')).toContain('in use by "default/a"');
  });
});

describe('allocate, dual stack', () => {
  const both = pool('both', ['10.0.0.0/31', 'fc00::/127']);
  const v4 = pool('a4', ['10.1.0.0/24']);

  it('gives both families from one pool, IPv4 first', () => {
    const service6 = svc('s', { ...dual, ipFamilies: [6, 4], ipFamilyPolicy: 'RequireDualStack' });
    expect(run([v4, both], [service6]).ips('s')).toEqual(['10.0.0.0', 'fc00::']);
  });

  it('is content with the primary family where no pool has both, if both are only preferred', () => {
    const v6 = pool('a6', ['fc00::/64']);
    expect(run([v4, v6], [svc('s', { ...dual, ipFamilies: [6, 4] })]).ips('s')).toEqual(['fc00::']);
    expect(run([v4, v6], [svc('s', { ...dual, ipFamilyPolicy: 'RequireDualStack' })]).of('s').state).toBe('Pending');
  });

  it('adds the missing family from the same pool, never from another', () => {
    const adopted = svc('s', { ...dual, ingress: [ip('10.0.0.1')] });
    expect(run([both], [adopted]).ips('s')).toEqual(['10.0.0.1', 'fc00::']);
    const { ips, why } = run([v4, pool('z', ['fc00::/64'])], [svc('s', { ...dual, ingress: [ip('10.1.0.5')] })]);
    expect(ips('s')).toEqual(['10.1.0.5']);
    expect(why('s')).toContain('cannot assign additional IP');
  });

  it('keeps the order that was asked for', () => {
    const asks = svc('s', annotated({ 'metallb.io/loadBalancerIPs': 'fc00::1, 10.0.0.1' }, dual));
    expect(run([both], [asks]).ips('s')).toEqual(['fc00::1', '10.0.0.1']);
    expect(run([both], [{ ...asks, ingress: [ip('fc00::1'), ip('10.0.0.1')] }]).ips('s')).toEqual([
      'fc00::1',
      '10.0.0.1',
    ]);
  });

  it('refuses RequireDualStack with one family, and no family', () => {
    expect(run([both], [svc('s', { ipFamilyPolicy: 'RequireDualStack' })]).why('s')).toContain('RequireDualStack');
    expect(run([both], [svc('s', { ipFamilies: [] })]).why('s')).toContain('no cluster IP');
  });
});

describe('allocate, what a status has', () => {
  const pools = [pool('p', ['10.0.0.0/24'])];

  it('adopts before it serves, the oldest first among rivals', () => {
    const { ips } = run(pools, [
      svc('a', { creationTimestamp: '2020-01-01T00:00:00Z' }),
      svc('young', { ingress: [ip('10.0.0.0')], creationTimestamp: '2024-01-01T00:00:00Z' }),
      svc('old', { ingress: [ip('10.0.0.0')], creationTimestamp: '2023-01-01T00:00:00Z' }),
    ]);
    expect([ips('old'), ips('a'), ips('young')]).toEqual([['10.0.0.0'], ['10.0.0.1'], ['10.0.0.2']]);
  });

  it.each<[string, Parts, readonly Pool[]]>([
    ['outside of every pool', { ingress: [ip('9.9.9.9')] }, pools],
    ['that is avoided now', { ingress: [ip('10.0.0.255')] }, [pool('p', ['10.0.0.0/24'], { avoidBuggyIPs: true })]],
    [
      'of a pool for others now',
      { ingress: [ip('10.0.1.1')] },
      [...pools, pool('q', ['10.0.1.0/24'], { serviceAllocation: scope({ namespaces: ['x'] }) })],
    ],
    [
      'of another pool than is asked for',
      { ingress: [ip('10.0.1.1')], annotations: { 'metallb.io/address-pool': 'p' } },
      [...pools, pool('q', ['10.0.1.0/24'])],
    ],
    ['other than is asked for', { ingress: [ip('10.0.0.9')], loadBalancerIP: '10.0.0.7' }, pools],
    ['of another family', { ingress: [ip('fc00::1')] }, [pool('p', ['10.0.0.0/24', 'fc00::/64'])]],
    [
      'of a family twice',
      { ingress: [ip('10.0.0.1'), ip('10.0.0.2')], ipFamilies: [6, 4], ipFamilyPolicy: 'PreferDualStack' },
      [pool('p', ['10.0.0.0/24', 'fc00::/64'])],
    ],
  ])('clears and replaces an address %s', (_, parts, given) => {
    const { of } = run(given, [svc('s', parts)]);
    expect(of('s').cleared?.ips).toEqual(parts.ingress);
    expect(of('s').cleared?.reason).toBeTruthy();
    expect(of('s').pool).toBe('p');
  });

  it('keeps an address of a pool that no longer assigns by itself', () => {
    const { of } = run([pool('p', ['10.0.0.0/24'], { autoAssign: false })], [svc('s', { ingress: [ip('10.0.0.9')] })]);
    expect(of('s')).toMatchObject({ state: 'Assigned', pool: 'p', cleared: null });
  });
});

describe('allocate, sharing', () => {
  const pools = [pool('p', ['10.0.0.0/24'])];
  const shares = (port: number, parts: Parts = {}, key = 'k'): Parts =>
    annotated({ 'metallb.io/allow-shared-ip': key }, { ports: [{ protocol: 'TCP', port }], ...parts });

  it('puts Services with one key and different ports on one address, the lowest that fits', () => {
    const { ips } = run(pools, [
      svc('a', shares(80)),
      svc('b', shares(81)),
      svc('c', shares(80)),
      svc('d', shares(80, {}, 'other')),
      svc('e'),
    ]);
    expect(['a', 'b', 'c', 'd', 'e'].map(ips)).toEqual([
      ['10.0.0.0'],
      ['10.0.0.0'],
      ['10.0.0.1'],
      ['10.0.0.2'],
      ['10.0.0.3'],
    ]);
  });

  it('shares with externalTrafficPolicy Local only among equal selectors', () => {
    const local = (app: string): Parts => ({ externalTrafficPolicy: 'Local', selector: { app } });
    const { ips } = run(pools, [
      svc('a', shares(80, local('x'))),
      svc('b', shares(81, local('x'))),
      svc('c', shares(82, local('y'))),
    ]);
    expect(['a', 'b', 'c'].map(ips)).toEqual([['10.0.0.0'], ['10.0.0.0'], ['10.0.0.1']]);
  });

  it('shares an address that is asked for by name, or says what is in the way', () => {
    const at = { loadBalancerIP: '10.0.0.7' };
    const { ips, why } = run(pools, [svc('a', shares(80, at)), svc('b', shares(81, at)), svc('c', shares(80, at))]);
    expect([ips('a'), ips('b')]).toEqual([['10.0.0.7'], ['10.0.0.7']]);
    expect(why('c')).toContain('port TCP/80 on it is in use by "default/a"');
  });
});

/** The rules once more, by trying every address in order: slow and obvious. */
class NaiveModel {
  readonly #addresses: readonly Ip[];
  readonly #held = new Map<string, { ip: Ip; service: Service }>();

  constructor(addresses: readonly Ip[]) {
    this.#addresses = addresses;
  }

  serve(service: Service): string | undefined {
    const held = this.#held.get(service.key);
    if (held !== undefined) return formatIp(held.ip);
    const wanted = service.loadBalancerIP;
    const found = this.#addresses.find(
      (one) => (wanted === null || formatIp(one) === wanted) && this.#fits(one, service),
    );
    if (found !== undefined) this.#held.set(service.key, { ip: found, service });
    return found && formatIp(found);
  }

  release(key: string): void {
    this.#held.delete(key);
  }

  #fits(one: Ip, service: Service): boolean {
    const key = service.annotations['metallb.io/allow-shared-ip'];
    return [...this.#held.values()]
      .filter((held) => held.ip.value === one.value)
      .every(
        ({ service: other }) =>
          key !== undefined &&
          other.annotations['metallb.io/allow-shared-ip'] === key &&
          !other.ports.some((port) => service.ports.some((mine) => mine.port === port.port)),
      );
  }
}

describe('Allocator, against a naive model', () => {
  const step = fc.record({
    name: fc.integer({ min: 0, max: 11 }),
    release: fc.boolean(),
    key: fc.constantFrom(undefined, 'x', 'y'),
    port: fc.integer({ min: 1, max: 3 }),
    wanted: fc.option(fc.integer({ min: 0, max: 9 }), { freq: 6 }),
  });

  it('gives out exactly what trying every address would, through claims and releases', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, avoidBuggyIPs) => {
        // Ranges out of order, one of them across .255 and .0.
        const ranges = ['10.0.0.254-10.0.1.1', '10.0.0.10-10.0.0.12', '10.0.0.3/32'];
        const order = [
          '10.0.0.254',
          '10.0.0.255',
          '10.0.1.0',
          '10.0.1.1',
          '10.0.0.10',
          '10.0.0.11',
          '10.0.0.12',
          '10.0.0.3',
        ];
        const usable = order.filter((text) => !avoidBuggyIPs || !/\.(?:0|255)$/.test(text));
        const allocator = new Allocator([pool('p', ranges, { avoidBuggyIPs })], new Map());
        const model = new NaiveModel(usable.map(ip));
        for (const { name, release, key, port, wanted } of steps) {
          const one = svc(String(name), {
            annotations: key === undefined ? {} : { 'metallb.io/allow-shared-ip': key },
            ports: [{ protocol: 'TCP', port }],
            loadBalancerIP: wanted === null ? null : (order[wanted] ?? '9.9.9.9'),
          });
          if (release) {
            allocator.release(one.key);
            model.release(one.key);
          } else {
            // Held addresses are kept by both, whatever is asked for now: adopt() is what judges them.
            expect(allocator.serve(one).ips.map(formatIp)[0]).toBe(model.serve(one));
          }
        }
      }),
      { numRuns: 600 },
    );
  });

  it('decides the same whatever the order of the input', () => {
    const services = fc.array(
      fc.record({
        at: fc.constantFrom(null, '2024-01-01T00:00:00Z', '2023-01-01T00:00:00Z'),
        has: fc.option(fc.integer({ min: 0, max: 5 })),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(services, fc.infiniteStream(fc.nat()), (specs, random) => {
        const given = specs.map(({ at, has }, i) =>
          svc(`s${i}`, { creationTimestamp: at, ingress: has === null ? [] : [ip(`10.0.0.${has}`)] }),
        );
        const shuffled = given
          .map((one) => ({ one, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        const pools = [pool('p', ['10.0.0.0/30'])];
        const of = (services: readonly Service[]) =>
          new Map([...allocate(services, { pools }, new Map(), { lbClass: null })].sort());
        expect(of(shuffled)).toEqual(of(given));
        const used = [...of(given).values()].flatMap(({ ips }) => ips.map(formatIp));
        expect(new Set(used).size).toBe(used.length);
      }),
    );
  });

  it('does not slow down as a pool fills up, empties and fills again', () => {
    // 10,000 rounds in a pool of 10,000 used addresses: a walk over the used ones would be 100 million steps.
    const allocator = new Allocator([pool('p', ['10.0.0.0/8', 'fc00::/64'])], new Map());
    const many = Array.from({ length: 10_000 }, (_, i) => svc(`s${i}`));
    for (const one of many) allocator.serve(one);
    const extra = svc('extra');
    let assigned = 0;
    for (const one of many) {
      allocator.release(one.key);
      if (allocator.serve(extra).state === 'Assigned') assigned++;
      allocator.serve(one);
      allocator.release(extra.key);
    }
    expect(assigned).toBe(many.length);
  });
});
