/** Rules of metallb-behaviour sections 2 and 3 that no other test of this folder holds (docs/reference/rules.md has them all). */
import { describe, expect, it } from 'vitest';
import type { Service } from '../cluster/service.ts';
import type { Pool } from '../config/pool.ts';
import type { Labels } from '../config/selector.ts';
import { formatIp } from '../net/ip.ts';
import { ip, labelled, pool, scope, service } from '../plan/testing/fixture.ts';
import { type Allocation, allocate } from './allocator.ts';

const svc = (name: string, parts: Partial<Service> = {}): Service => service(`default/${name}`, parts);
const requireDual = { ipFamilies: [4, 6] as const, ipFamilyPolicy: 'RequireDualStack' as const };
const preferDual = { ipFamilies: [4, 6] as const, ipFamilyPolicy: 'PreferDualStack' as const };

function run(pools: readonly Pool[], services: readonly Service[], namespaces: Readonly<Record<string, Labels>> = {}) {
  const allocations = allocate(services, { pools }, new Map(Object.entries(namespaces)), { lbClass: null });
  return (name: string): Allocation & { readonly text: string } => {
    const found = allocations.get(`default/${name}`);
    if (found === undefined) throw new Error(`no ${name}`);
    return { ...found, text: found.ips.map(formatIp).join(' ') };
  };
}

/** What the next reconciliation starts from: the addresses are in the status. */
const settled = (one: Service, { ips }: Allocation): Service => ({ ...one, ingress: ips });

describe('serviceAllocation', () => {
  const only = (rest: Parameters<typeof scope>[0]): Pool =>
    pool('p', ['10.0.0.0/24'], { serviceAllocation: scope(rest) });

  it.each<[string, Pool, Partial<Service>, Readonly<Record<string, Labels>>, boolean]>([
    ['names its namespace', only({ namespaces: ['x', 'default'] }), {}, {}, true],
    ['names others', only({ namespaces: ['x'] }), {}, {}, false],
    [
      'selects its namespace by label',
      only({ namespaceSelectors: [labelled({ team: 'a' })] }),
      {},
      { default: { team: 'a' } },
      true,
    ],
    [
      'selects others by label',
      only({ namespaceSelectors: [labelled({ team: 'a' })] }),
      {},
      { default: { team: 'b' } },
      false,
    ],
    [
      'names others and selects it by label',
      only({ namespaces: ['x'], namespaceSelectors: [labelled({ team: 'a' })] }),
      {},
      { default: { team: 'a' } },
      true,
    ],
    [
      'selects the Service',
      only({ serviceSelectors: [labelled({ app: 'x' }), labelled({ app: 'y' })] }),
      { labels: { app: 'y' } },
      {},
      true,
    ],
    [
      'selects other Services',
      only({ serviceSelectors: [labelled({ app: 'x' })] }),
      { labels: { app: 'y' } },
      {},
      false,
    ],
    [
      'wants both, and one does not match',
      only({ namespaces: ['x'], serviceSelectors: [labelled({ app: 'x' })] }),
      { labels: { app: 'x' } },
      {},
      false,
    ],
    [
      'selects namespaces that are not there',
      only({ namespaceSelectors: [labelled({ team: 'a' })], serviceSelectors: [labelled({ app: 'x' })] }),
      { labels: { app: 'x' } },
      {},
      false,
    ],
    ['has a priority alone', only({ priority: 1 }), {}, {}, true],
    ['is empty', only({}), {}, {}, true],
  ])('that %s', (_, one, parts, namespaces, has) => {
    expect(run([one], [svc('s', parts)], namespaces)('s').state).toBe(has ? 'Assigned' : 'Pending');
    // An explicit request is held to it as well.
    const asks = svc('s', { ...parts, annotations: { 'metallb.io/address-pool': 'p' } });
    expect(run([one], [asks], namespaces)('s').state).toBe(has ? 'Assigned' : 'Pending');
    const names = svc('s', { ...parts, loadBalancerIP: '10.0.0.9' });
    expect(run([one], [names], namespaces)('s').state).toBe(has ? 'Assigned' : 'Pending');
  });

  it('puts a pool for the Service before all others, whatever their priority', () => {
    const open = pool('a', ['10.0.1.0/24']);
    const pinned = only({ namespaces: ['default'], priority: 0 });
    expect(run([open, pinned], [svc('s')])('s').pool).toBe('p');
  });

  it('takes the lower priority first, unset last, and equals by name', () => {
    const of = (name: string, priority: number, n: number) =>
      pool(name, [`10.0.${n}.0/32`], { serviceAllocation: scope({ priority }) });
    const pools = [of('z', 1, 1), of('y', 2, 2), of('b', 3, 3), of('a', 3, 4), of('x', 0, 5)];
    const services = ['1', '2', '3', '4', '5'].map((name) => svc(name));
    const got = run(pools, services);
    expect(services.map(({ name }) => got(name).pool)).toEqual(['z', 'y', 'a', 'b', 'x']);
  });

  it('gives nothing by itself from a pool for the Service that has autoAssign: false', () => {
    const manual = pool('p', ['10.0.0.0/24'], { autoAssign: false, serviceAllocation: scope({}) });
    expect(run([manual], [svc('s')])('s').state).toBe('Pending');
    expect(run([manual], [svc('s', { annotations: { 'metallb.io/address-pool': 'p' } })])('s').text).toBe('10.0.0.0');
  });

  it('is asked again of an address in a status: when a namespace loses its label, the address goes', () => {
    const labelledOnly = only({ namespaceSelectors: [labelled({ team: 'a' })] });
    const open = pool('z', ['10.9.0.0/24']);
    const kept = svc('s', { ingress: [ip('10.0.0.9')] });
    expect(run([labelledOnly, open], [kept], { default: { team: 'a' } })('s').text).toBe('10.0.0.9');
    const moved = run([labelledOnly, open], [kept], { default: {} })('s');
    expect([moved.text, moved.cleared?.reason]).toEqual(['10.9.0.0', expect.stringContaining('namespace "default"')]);
  });
});

describe('families', () => {
  const v4 = pool('a4', ['10.0.0.0/24']);
  const v6 = pool('b6', ['fc00::/120']);
  const both = pool('c', ['10.1.0.0/24', 'fc01::/120']);

  it('of one are served from the first pool that has one', () => {
    expect(run([v4, v6, both], [svc('s')])('s').text).toBe('10.0.0.0');
    expect(run([v4, v6, both], [svc('s', { ipFamilies: [6] })])('s').text).toBe('fc00::');
  });

  it('of two that are required come from one pool, or not at all', () => {
    expect(run([v4, v6, both], [svc('s', requireDual)])('s').text).toBe('10.1.0.0 fc01::');
    expect(run([v4, v6], [svc('s', requireDual)])('s').state).toBe('Pending');
    const exhausted = pool('c', ['10.1.0.0/32', 'fc01::/120']);
    expect(run([exhausted], [svc('a'), svc('s', requireDual)])('s').state).toBe('Pending');
  });

  it('of two that are preferred come from a pool with both, else the primary, else the other', () => {
    expect(run([v4, v6, both], [svc('s', preferDual)])('s').text).toBe('10.1.0.0 fc01::');
    expect(run([v4, v6], [svc('s', preferDual)])('s').text).toBe('10.0.0.0');
    expect(run([v4, v6], [svc('s', { ...preferDual, ipFamilies: [6, 4] })])('s').text).toBe('fc00::');
    expect(run([v6], [svc('s', preferDual)])('s').text).toBe('fc00::');
  });

  it('are not worth leaving a pool that is for the Service', () => {
    const pinned = pool('pinned', ['10.2.0.0/24'], { serviceAllocation: scope({}) });
    expect(run([both, pinned], [svc('s', preferDual)])('s').text).toBe('10.2.0.0');
    expect(run([both, pinned], [svc('s', requireDual)])('s').text).toBe('10.1.0.0 fc01::');
  });

  it('of two with SingleStack are refused', () => {
    expect(run([both], [svc('s', { ipFamilies: [4, 6] })])('s').state).toBe('Pending');
  });

  it('that the pool asked for lacks are told of', () => {
    const asks = svc('s', { ipFamilies: [6], annotations: { 'metallb.io/address-pool': 'a4' } });
    expect(run([v4, v6], [asks])('s').message).toContain('pool "a4" has no IPv6 addresses');
  });

  it('stay as they are: PreferDualStack with one cluster IP never gets a second address', () => {
    const single = svc('s', { ipFamilies: [4], ipFamilyPolicy: 'PreferDualStack' });
    const first = run([both], [single])('s');
    expect(first.text).toBe('10.1.0.0');
    const again = run([both], [settled(single, first)])('s');
    expect([again.text, again.message, again.cleared]).toEqual(['10.1.0.0', null, null]);
  });

  it('stay in the order that was asked for, at every look again', () => {
    const asks = svc('s', { ...requireDual, annotations: { 'metallb.io/loadBalancerIPs': 'fc01::1, 10.1.0.1' } });
    const first = run([both], [asks])('s');
    expect(first.text).toBe('fc01::1 10.1.0.1');
    expect(run([both], [settled(asks, first)])('s')).toEqual(first);
  });

  it('are both taken anew where the pool has lost one of them', () => {
    const had = svc('s', { ...preferDual, ingress: [ip('10.1.0.7'), ip('fc01::7')] });
    const after = run([pool('c', ['10.1.0.0/24'])], [had])('s');
    expect([after.text, after.cleared?.ips.map(formatIp)]).toEqual(['10.1.0.0', ['10.1.0.7', 'fc01::7']]);
    const required = run([pool('c', ['10.1.0.0/24'])], [{ ...had, ipFamilyPolicy: 'RequireDualStack' }])('s');
    expect(required.state).toBe('Pending');
  });

  it('that changed take the address away', () => {
    const had = svc('s', { ipFamilies: [6], ingress: [ip('10.1.0.7')] });
    expect(run([both], [had])('s').text).toBe('fc01::');
  });
});

describe('requested addresses', () => {
  const pools = [pool('a', ['10.0.0.0/24', 'fc00::/64']), pool('b', ['10.1.0.0/24', 'fc01::/64'])];
  const asks = (text: string, parts: Partial<Service> = {}): Service =>
    svc('s', { annotations: { 'metallb.io/loadBalancerIPs': text }, ...parts });

  it('may have spaces around them, and are written as they were asked for', () => {
    expect(run(pools, [asks(' 10.0.0.9 ')])('s').text).toBe('10.0.0.9');
    expect(run(pools, [asks('10.0.0.9 , fc00::9', requireDual)])('s').text).toBe('10.0.0.9 fc00::9');
  });

  it.each<[string, Service, string]>([
    [
      'one for a Service of two families, be the second only preferred',
      asks('10.0.0.9', preferDual),
      'one address of each of its families',
    ],
    ['two for a Service of one', asks('10.0.0.9,fc00::9'), "not of the Service's IPv4"],
    ['three', asks('10.0.0.9,fc00::9,10.0.0.8', requireDual), 'asks for 3 addresses'],
    ['of two pools', asks('10.0.0.9,fc01::9', requireDual), 'not of one pool'],
    [
      'of another pool than the annotation names',
      asks('10.0.0.9', { annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.9', 'metallb.io/address-pool': 'b' } }),
      'asks for "b"',
    ],
    [
      'by the field, for two families',
      svc('s', { ...requireDual, loadBalancerIP: '10.0.0.9' }),
      'one address of each of its families',
    ],
  ])('are refused: %s', (_, one, why) => {
    const got = run(pools, [one])('s');
    expect([got.state, got.message]).toEqual(['Pending', expect.stringContaining(why)]);
  });

  it('that change take the old address away, also where the new one cannot be had', () => {
    const had = { ingress: [ip('10.0.0.9')] };
    expect(
      run(pools, [asks('10.0.0.8', { ...had, annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.8' } })])('s').text,
    ).toBe('10.0.0.8');
    const taken = [svc('other', { ingress: [ip('10.0.0.8')] }), asks('10.0.0.8', { ...had })];
    const got = run(pools, taken)('s');
    expect([got.state, got.text, got.cleared?.ips.map(formatIp)]).toEqual(['Pending', '', ['10.0.0.9']]);
    // What it gave back can be had by another at once.
    const next = run([pool('a', ['10.0.0.8/31'])], [...taken, svc('waits')]);
    expect(next('waits').text).toBe('10.0.0.9');
  });

  it('are asked for in the deprecated spelling too', () => {
    const old = svc('s', { annotations: { 'metallb.universe.tf/loadBalancerIPs': '10.0.0.9' } });
    expect(run(pools, [old])('s').text).toBe('10.0.0.9');
  });
});

describe('sharing', () => {
  const pools = [pool('p', ['10.0.0.0/24'])];
  const shares = (port: number, parts: Partial<Service> = {}, key = 'k'): Partial<Service> => ({
    annotations: { 'metallb.io/allow-shared-ip': key },
    ports: [{ protocol: 'TCP', port }],
    ...parts,
  });
  const together = (a: Partial<Service>, b: Partial<Service>): boolean => {
    const got = run(pools, [svc('a', a), svc('b', b)]);
    return got('a').text === got('b').text;
  };

  it.each<[string, Partial<Service>, Partial<Service>, boolean]>([
    ['the same key and other ports', shares(80), shares(81), true],
    ['the same port of another protocol', shares(53), shares(53, { ports: [{ protocol: 'UDP', port: 53 }] }), true],
    ['the same port', shares(80), shares(80), false],
    [
      'one port of several in common',
      shares(80, { ports: [80, 443].map((port) => ({ protocol: 'TCP', port })) }),
      shares(443),
      false,
    ],
    ['another key', shares(80), shares(81, {}, 'other'), false],
    ['an empty key', shares(80, {}, ''), shares(81, {}, ''), false],
    ['no key', {}, { ports: [{ protocol: 'TCP', port: 81 }] }, false],
    [
      'Local with an empty selector, and Cluster',
      shares(80, { externalTrafficPolicy: 'Local', selector: {} }),
      shares(81),
      true,
    ],
    ['Local with a selector, and Cluster', shares(80, { externalTrafficPolicy: 'Local' }), shares(81), false],
    [
      'Local with one selector, however it is written',
      shares(80, { externalTrafficPolicy: 'Local', selector: { a: '1', b: '2' } }),
      shares(81, { externalTrafficPolicy: 'Local', selector: { b: '2', a: '1' } }),
      true,
    ],
    [
      'a key in the old spelling',
      shares(80),
      { ...shares(81), annotations: { 'metallb.universe.tf/allow-shared-ip': 'k' } },
      true,
    ],
  ])('with %s', (_, a, b, share) => {
    expect(together(a, b)).toBe(share);
  });

  it('lets a Service alone on its address change its key, and not one that shares it', () => {
    const status = { ingress: [ip('10.0.0.9')] };
    const alone = run(pools, [svc('a', { ...shares(80, status, 'new') })])('a');
    expect([alone.text, alone.cleared]).toEqual(['10.0.0.9', null]);
    const old = { creationTimestamp: '2020-01-01T00:00:00Z' };
    const shared = run(pools, [svc('a', { ...shares(80, status), ...old }), svc('b', shares(81, status, 'new'))]);
    expect(shared('a').text).toBe('10.0.0.9');
    expect([shared('b').text, shared('b').cleared?.reason]).toEqual([
      '10.0.0.0',
      expect.stringContaining('allow-shared-ip key or backends differ'),
    ]);
  });

  it.each<[string, Partial<Service>]>([
    ['its port', { ports: [{ protocol: 'TCP', port: 80 }] }],
    ['its policy', { externalTrafficPolicy: 'Local' }],
    ['its annotation', { annotations: {} }],
  ])('ends for the younger Service when it changes %s', (_, change) => {
    const status = { ingress: [ip('10.0.0.9')] };
    const got = run(pools, [
      svc('a', { ...shares(80, status), creationTimestamp: '2020-01-01T00:00:00Z' }),
      svc('b', { ...shares(81, status), ...change }),
    ]);
    expect([got('a').text, got('b').text]).toEqual(['10.0.0.9', '10.0.0.0']);
  });

  it('never makes two share where an earlier address is free', () => {
    const got = run(pools, [svc('a', { ...shares(80), loadBalancerIP: '10.0.0.5' }), svc('b', shares(81))]);
    expect([got('a').text, got('b').text]).toEqual(['10.0.0.5', '10.0.0.0']);
  });
});

describe('what a status has', () => {
  const status = { ingress: [ip('10.0.0.9')] };

  it.each<[string, readonly Pool[], string, string]>([
    ['stays where the pool is renamed', [pool('q', ['10.0.0.0/24'])], '10.0.0.9', 'q'],
    ['stays where the pool is split', [pool('a', ['10.0.0.0/29']), pool('b', ['10.0.0.8/29'])], '10.0.0.9', 'b'],
    ['stays where autoAssign is turned off', [pool('p', ['10.0.0.0/24'], { autoAssign: false })], '10.0.0.9', 'p'],
    ['goes where the pool shrinks', [pool('p', ['10.0.0.0/30'])], '10.0.0.0', 'p'],
    ['goes where the pool is deleted', [pool('z', ['10.5.0.0/24'])], '10.5.0.0', 'z'],
  ])('%s', (_, pools, text, name) => {
    const got = run(pools, [svc('s', status)])('s');
    expect([got.text, got.pool]).toEqual([text, name]);
    expect(got.cleared === null).toBe(text === '10.0.0.9');
  });

  it('goes where all pools are deleted, and the Service waits', () => {
    const got = run([], [svc('s', status)])('s');
    expect([got.state, got.pool, got.text]).toEqual(['Pending', null, '']);
    expect(got.message).toContain('no IPAddressPool');
  });

  it('goes where avoidBuggyIPs is turned on and it ends in .0 or .255', () => {
    const avoiding = [pool('p', ['10.0.0.0/24'], { avoidBuggyIPs: true })];
    for (const buggy of ['10.0.0.0', '10.0.0.255'])
      expect(run(avoiding, [svc('s', { ingress: [ip(buggy)] })])('s').text).toBe('10.0.0.1');
  });

  it('goes where the Service is of another type, and another gets it at once', () => {
    const got = run([pool('p', ['10.0.0.9/32'])], [svc('was', { ...status, type: 'ClusterIP' }), svc('waits')]);
    expect([got('was').state, got('waits').text]).toEqual(['Ignored', '10.0.0.9']);
  });

  it('is left alone where the Service is of another class', () => {
    expect(run([pool('p', ['10.0.0.0/24'])], [svc('s', { ...status, loadBalancerClass: 'x' })])('s')).toMatchObject({
      state: 'Ignored',
      cleared: null,
    });
  });
});

describe('a Service that waits', () => {
  it('is served when another gives its address back', () => {
    const one = [pool('p', ['10.0.0.0/32'])];
    const first = run(one, [svc('a'), svc('b')]);
    expect([first('a').state, first('b').state]).toEqual(['Assigned', 'Pending']);
    expect(run(one, [svc('b')])('b').text).toBe('10.0.0.0');
  });

  it('says so where there is no cluster IP, or one of the two that it requires', () => {
    const pools = [pool('p', ['10.0.0.0/24', 'fc00::/64'])];
    expect(run(pools, [svc('s', { ipFamilies: [] })])('s').message).toContain('no cluster IP');
    expect(run(pools, [svc('s', { ...requireDual, ipFamilies: [4] })])('s').message).toContain('RequireDualStack');
  });
});
