import { describe, expect, it } from 'vitest';
import { NO_ENDPOINTS, type ServiceEndpoints } from '../cluster/endpoints.ts';
import type { Service } from '../cluster/service.ts';
import type { L2Advertisement } from '../config/advertisement.ts';
import type { Selector } from '../config/selector.ts';
import { endpointsOn, ip, l2Advertisement, labelled, node, pool, service } from '../plan/testing/fixture.ts';
import { AdvertisementIndex } from './advertisements.ts';
import { EXCLUDE_LABEL } from './eligibility.ts';
import { Layer2View } from './l2.ts';

// Of these iris3 answers for 192.168.1.240, then iris1, then iris2 (metallb-behaviour 11).
const ADDRESS = '192.168.1.240';
const iris = (n: number, labels = {}) => node(`iris${n}`, `10.0.0.${n}`, { rack: `r${n}`, ...labels });
const irises = [iris(1), iris(2), iris(3)];
const everywhere = endpointsOn('iris1', 'iris2', 'iris3');
const rack = (n: number): Selector => labelled({ rack: `r${n}` });

interface Given {
  readonly nodes?: readonly ReturnType<typeof node>[];
  readonly advertisements?: readonly L2Advertisement[];
  readonly service?: Partial<Service>;
  readonly endpoints?: ServiceEndpoints;
  readonly ips?: readonly string[];
  readonly ignoreExcludeLB?: boolean;
}

function decide(given: Given = {}) {
  const { nodes = irises, advertisements = [l2Advertisement('l2')], endpoints = everywhere } = given;
  const view = new Layer2View(nodes, { ignoreExcludeLB: given.ignoreExcludeLB ?? false });
  const one = service('default/s', given.service);
  const audience = new AdvertisementIndex(advertisements, [pool('p', ['192.168.1.0/24', 'fc00::/64'])]).audienceOf(
    'p',
    one,
  );
  const assigned = { service: one, pool: 'p', ips: (given.ips ?? [ADDRESS]).map(ip), audience };
  const decision = view.decide(assigned, endpoints);
  return {
    owner: decision.owner?.name ?? null,
    interfaces: decision.owner?.interfaces,
    advertisements: decision.owner?.advertisements,
    ranking: view.ranking(assigned, endpoints).map(({ name }) => name),
    reasons: nodes.map((n) => view.refusalOn(n.name, assigned, endpoints, decision)?.reason ?? 'answers'),
    messages: nodes.map((n) => view.refusalOn(n.name, assigned, endpoints, decision)?.message ?? ''),
  };
}

describe('who answers', () => {
  it('is one node, the first by hash, and the others are not the owner', () => {
    const { owner, ranking, reasons, messages } = decide();
    expect(owner).toBe('iris3');
    expect(ranking).toEqual(['iris3', 'iris1', 'iris2']);
    expect(reasons).toEqual(['notOwner', 'notOwner', 'answers']);
    expect(messages[0]).toBe('node iris3 answers');
  });

  it('is decided by the first address alone, so that both of a Service are on one node', () => {
    expect(decide({ ips: [ADDRESS, 'fc00:f853:ccd:e799::1'] }).owner).toBe('iris3');
    expect(decide({ ips: ['fc00:f853:ccd:e799::1', ADDRESS] }).owner).toBe('iris1');
  });

  it('is the same for Services that share an address', () => {
    const shared = { annotations: { 'metallb.io/allow-shared-ip': 'k' } };
    expect(decide({ service: { ...shared, name: 'other' } }).owner).toBe(decide({ service: shared }).owner);
  });

  it('is nobody where no endpoint can serve, and that comes before everything else', () => {
    const { owner, reasons, messages } = decide({
      endpoints: NO_ENDPOINTS,
      advertisements: [l2Advertisement('l2', { nodeSelectors: [rack(1)] })],
    });
    expect(owner).toBeNull();
    expect(reasons).toEqual(['notOwner', 'notOwner', 'notOwner']);
    expect(messages[0]).toContain('no endpoint');
  });

  it('is a node that has an endpoint, where externalTrafficPolicy is Local', () => {
    const { owner, messages } = decide({
      service: { externalTrafficPolicy: 'Local' },
      endpoints: endpointsOn('iris2', 'gone'),
    });
    expect(owner).toBe('iris2');
    expect(messages[2]).toContain('externalTrafficPolicy is Local');
    expect(decide({ endpoints: endpointsOn('iris2') }).owner).toBe('iris3'); // Cluster: any endpoint will do
    // An endpoint without a node serves nobody locally.
    expect(
      decide({
        service: { externalTrafficPolicy: 'Local' },
        endpoints: { servable: true, servableNodes: new Set() },
      }).owner,
    ).toBeNull();
  });

  it('is no node with the exclude label, unless told to disregard it, and none without a network', () => {
    const excluded = [iris(1), iris(2), iris(3, { [EXCLUDE_LABEL]: '' })];
    expect(decide({ nodes: excluded }).owner).toBe('iris1');
    expect(decide({ nodes: excluded }).messages[2]).toContain(EXCLUDE_LABEL);
    expect(decide({ nodes: excluded, ignoreExcludeLB: true }).owner).toBe('iris3');
    const lost = [iris(1), iris(2), { ...iris(3), networkUnavailable: true }];
    expect(decide({ nodes: lost, ignoreExcludeLB: true }).owner).toBe('iris1');
    expect(decide({ nodes: lost }).reasons[2]).toBe('notOwner');
  });

  it('moves nothing when another node goes', () => {
    expect(decide({ nodes: [iris(1), iris(3)] }).owner).toBe('iris3');
    expect(decide({ nodes: [iris(1), iris(2)] }).owner).toBe('iris1');
  });
});

describe('L2Advertisements', () => {
  it('restrict the candidates to the nodes that any of them selects', () => {
    const two = [
      l2Advertisement('a', { nodeSelectors: [rack(1)] }),
      l2Advertisement('b', { nodeSelectors: [rack(2)] }),
    ];
    expect(decide({ advertisements: two }).owner).toBe('iris1');
    expect(decide({ advertisements: two }).reasons).toEqual(['answers', 'notOwner', 'noMatchingAdvertisement']);
    expect(decide({ advertisements: two }).advertisements).toEqual(['a']);
  });

  it('count only where one of their serviceSelectors matches the Service', () => {
    const two = [
      l2Advertisement('for-web', { serviceSelectors: [labelled({ app: 'web' })], nodeSelectors: [rack(2)] }),
      l2Advertisement('for-db', { serviceSelectors: [labelled({ app: 'db' }), labelled({ app: 'cache' })] }),
    ];
    const of = (app: string) => decide({ advertisements: two, service: { labels: { app } } });
    expect([of('web').owner, of('db').owner, of('cache').owner]).toEqual(['iris2', 'iris3', 'iris3']);
    expect(of('x').reasons).toEqual(Array(3).fill('noMatchingAdvertisement'));
    expect(of('x').messages[0]).toContain('serviceSelectors');
  });

  it.each([
    ['metallb.io/allow-shared-ip', 'k'],
    ['metallb.universe.tf/allow-shared-ip', 'k'],
    ['metallb.io/allow-shared-ip', ''],
  ])('with serviceSelectors are for no Service with the annotation %s: %j', (key, value) => {
    const selective = l2Advertisement('sel', { serviceSelectors: [labelled({ app: 'web' })] });
    const one = { labels: { app: 'web' }, annotations: { [key]: value } };
    const { owner, reasons } = decide({ advertisements: [selective], service: one });
    expect(owner).toBeNull();
    expect(reasons).toEqual(Array(3).fill('sharedIPWithServiceSelector'));
    // One that is not for the Service does no harm.
    const plain = l2Advertisement('plain');
    expect(decide({ advertisements: [selective, plain], service: { annotations: { [key]: value } } }).owner).toBe(
      'iris3',
    );
  });

  it('prefer nodes by the sum of their weights, over all of them', () => {
    const prefers = (weight: number, n: number) => ({ weight, selector: rack(n) });
    expect(decide({ advertisements: [l2Advertisement('a', { preferredNodes: [prefers(1, 2)] })] }).owner).toBe('iris2');
    const sum = [
      l2Advertisement('a', { preferredNodes: [prefers(30, 1), prefers(20, 2)] }),
      l2Advertisement('b', { preferredNodes: [prefers(20, 2)] }),
    ];
    expect(decide({ advertisements: sum }).ranking).toEqual(['iris2', 'iris1', 'iris3']);
  });

  it('prefer none but the nodes that they select themselves', () => {
    const two = [
      l2Advertisement('a', { nodeSelectors: [rack(3)], preferredNodes: [{ weight: 100, selector: rack(2) }] }),
      l2Advertisement('b'),
    ];
    expect(decide({ advertisements: two }).owner).toBe('iris3');
  });

  it('unite their interfaces on the node, and one without any means all', () => {
    const on = (name: string, interfaces: readonly string[], n?: number) =>
      l2Advertisement(name, { interfaces, nodeSelectors: n === undefined ? [] : [rack(n)] });
    expect(decide({ advertisements: [on('a', ['eth1', 'eth0']), on('b', ['eth1'])] }).interfaces).toEqual([
      'eth0',
      'eth1',
    ]);
    expect(decide({ advertisements: [on('a', ['eth0']), on('b', [])] }).interfaces).toBeNull();
    expect(decide({ advertisements: [on('a', ['eth0']), on('b', [], 1)] }).interfaces).toEqual(['eth0']);
  });
});

describe('a view that is kept', () => {
  const audience = new AdvertisementIndex(
    [l2Advertisement('l2', { nodeSelectors: [rack(1), rack(2), labelled({ extra: 'yes' })] })],
    [pool('p', ['192.168.1.0/24'])],
  ).audienceOf('p', service('default/s'));
  const assigned = { service: service('default/s'), pool: 'p', ips: [ip(ADDRESS)], audience };
  const view = () => {
    const kept = new Layer2View([iris(1), iris(2)], { ignoreExcludeLB: false });
    kept.selected(audience);
    return kept;
  };

  it('takes in a node that comes, changes and goes, and says what that comes to', () => {
    const kept = view();
    expect(kept.replace('iris3', iris(3))).toEqual([]);
    expect(kept.replace('iris3', iris(3, { extra: 'yes' }))).toMatchObject([
      { before: undefined, after: { name: 'iris3' }, eligible: 3 },
    ]);
    expect(kept.decide(assigned, everywhere).owner?.name).toBe('iris3');
    expect(kept.replace('iris3', iris(3, { extra: 'yes', [EXCLUDE_LABEL]: '' }))).toMatchObject([{ eligible: 2 }]);
    expect(kept.decide(assigned, everywhere).owner?.name).toBe('iris1');
    expect(kept.replace('iris1', undefined)).toMatchObject([{ after: undefined, eligible: 1 }]);
    expect(kept.decide(assigned, everywhere).owner?.name).toBe('iris2');
  });

  it('says of a node whether it answers, and who comes before it where it does not', () => {
    const kept = view();
    expect(kept.standingOf('iris1', assigned, everywhere)).toMatchObject({ name: 'iris1' });
    expect(kept.standingOf('iris2', assigned, everywhere)).toBe('iris1');
    expect(kept.standingOf('iris3', assigned, everywhere)).toBeNull();
    expect(kept.standingOf('iris1', assigned, NO_ENDPOINTS)).toBeNull();
    expect(kept.hasOwner(assigned, everywhere)).toBe(true);
    expect(kept.hasOwner(assigned, NO_ENDPOINTS)).toBe(false);
    const owner = kept.decide(assigned, everywhere).owner;
    if (owner === null) throw new Error('somebody answers');
    expect(kept.isOvertaken(owner, ['iris2'], assigned, everywhere)).toBe(false);
    kept.replace('iris3', iris(3, { extra: 'yes' }));
    expect(kept.isOvertaken(owner, ['iris3'], assigned, everywhere)).toBe(true);
    const local = { ...assigned, service: service('default/s', { externalTrafficPolicy: 'Local' }) };
    expect(kept.isOvertaken(owner, ['iris3'], local, endpointsOn('iris1'))).toBe(false);
  });
});
