/** Rules of metallb-behaviour sections 2.8, 4.1 to 4.3 that no other test holds (docs/reference/rules.md has them all). */
import { describe, expect, it } from 'vitest';
import { NO_ENDPOINTS } from '../cluster/endpoints.ts';
import type { Node } from '../cluster/node.ts';
import { plan } from '../plan/plan.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import {
  advertisement,
  endpointsOn,
  ip,
  labelled,
  node,
  peer,
  pool,
  type SnapshotParts,
  service,
  snapshot,
} from '../plan/testing/fixture.ts';
import { EXCLUDE_LABEL } from './eligibility.ts';

const NODE = node('n1', '192.0.2.11', { rack: 'a' });
const INTERNAL = peer('r', '192.0.2.1', { peerASN: 64513 });

function given({ config, ...rest }: SnapshotParts = {}): Snapshot {
  return snapshot({
    config: {
      pools: [pool('p', ['10.0.0.0/24', 'fc00::/120'])],
      peers: [peer('r', '192.0.2.1')],
      bgpAdvertisements: [advertisement('a')],
      ...config,
    },
    services: [service('x/s')],
    endpoints: { 'x/s': endpointsOn('n1') },
    nodes: [NODE],
    ...rest,
  });
}

const reasonsOf = (one: Snapshot): readonly string[] => [...plan(one).notAnnouncedRows()].map(({ reason }) => reason);
const routesOf = (one: Snapshot): readonly string[] =>
  [...plan(one).bgpRows()].map(({ node: on, peer: to, prefix }) => `${on} ${to} ${prefix}`);

describe('the conditions of an announcement', () => {
  // Each fault is added to those before it: the reason is the first in MetalLB's order, whatever else is wrong.
  const nothing = { endpoints: { 'x/s': NO_ENDPOINTS } };
  const local = {
    services: [service('x/s', { externalTrafficPolicy: 'Local' })],
    endpoints: { 'x/s': endpointsOn('n2') },
  };
  const withNode = (more: Partial<Node>): SnapshotParts => ({ ...nothing, nodes: [{ ...NODE, ...more }] });
  const excluded = { labels: { ...NODE.labels, [EXCLUDE_LABEL]: 'false' } };
  const conflicting = [advertisement('a', { localPref: 1 }), advertisement('b', { localPref: 2 })];
  const broken = { ...withNode({ ...excluded, networkUnavailable: true }) };

  it.each<[string, SnapshotParts, string]>([
    ['no endpoint can serve', nothing, 'noEndpoints'],
    ['no endpoint is on the node, with Local', local, 'noLocalEndpoints'],
    ['the exclude label is there, whatever its value', withNode(excluded), 'nodeLabeledExcludeBalancers'],
    ['the network is not there', broken, 'nodeNetworkUnavailable'],
    [
      'the advertisements differ in localPref towards an internal peer',
      { ...broken, config: { peers: [INTERNAL], bgpAdvertisements: conflicting } },
      'conflictingAdvertisements',
    ],
    [
      'no advertisement is for the Service',
      {
        ...broken,
        config: { bgpAdvertisements: [advertisement('a', { serviceSelectors: [labelled({ app: 'y' })] })] },
      },
      'noMatchingAdvertisement',
    ],
    [
      'no advertisement selects the node',
      { ...broken, config: { bgpAdvertisements: [advertisement('a', { nodeSelectors: [labelled({ rack: 'b' })] })] } },
      'noMatchingAdvertisement',
    ],
  ])('fail where %s', (_, parts, reason) => {
    expect(reasonsOf(given(parts))).toEqual([reason]);
    expect(routesOf(given(parts))).toEqual([]);
  });

  it('hold where any endpoint serves, be it elsewhere, with Cluster', () => {
    expect(routesOf(given({ endpoints: { 'x/s': endpointsOn('n9') } }))).toEqual(['n1 r 10.0.0.0/32']);
  });

  it('know no cordon: an unschedulable node announces', () => {
    const cordoned = { ...NODE, labels: { ...NODE.labels, 'node.kubernetes.io/unschedulable': '' } };
    expect(routesOf(given({ nodes: [cordoned] }))).toEqual(['n1 r 10.0.0.0/32']);
  });

  it('leave the sessions alone: they do not depend on Services, labels or networks', () => {
    const sessions = (parts: SnapshotParts) => plan(given(parts)).sessions.map(({ peer: name }) => name);
    expect(sessions(broken)).toEqual(['r']);
    expect(sessions({ services: [] })).toEqual(['r']);
    expect(sessions({ config: { bgpAdvertisements: [] } })).toEqual(['r']);
  });
});

describe('routes', () => {
  const at = (address: string) => [service('x/s', { ingress: [ip(address)] })];
  const advertised = (...all: ReturnType<typeof advertisement>[]) => ({ config: { bgpAdvertisements: all } });

  it('are the address masked with the length of its family, of each advertisement', () => {
    const both = [advertisement('long'), advertisement('short', { aggregationLength: 24, aggregationLengthV6: 120 })];
    expect(routesOf(given({ services: at('10.0.0.77'), ...advertised(...both) }))).toEqual([
      'n1 r 10.0.0.0/24',
      'n1 r 10.0.0.77/32',
    ]);
    const six = [service('x/s', { ipFamilies: [6], ingress: [ip('fc00::77')] })];
    const dual = { peers: [peer('r', '2001:db8::1')], bgpAdvertisements: both };
    expect(routesOf(given({ services: six, config: dual }))).toEqual(['n1 r fc00::/120', 'n1 r fc00::77/128']);
  });

  it('are aggregates of the address, which are not cut to the pool', () => {
    const range = {
      pools: [pool('p', ['10.0.0.240-10.0.0.250'])],
      bgpAdvertisements: [advertisement('a', { aggregationLength: 29 })],
    };
    expect(routesOf(given({ services: at('10.0.0.250'), config: range }))).toEqual(['n1 r 10.0.0.248/29']);
  });

  it('that several Services make stay until the last one goes', () => {
    const one = advertised(advertisement('a', { aggregationLength: 24 }));
    const services = ['s', 't'].map((name) => service(`x/${name}`));
    const serves = (...names: string[]) =>
      routesOf(
        given({
          ...one,
          services,
          endpoints: Object.fromEntries(names.map((name) => [`x/${name}`, endpointsOn('n1')])),
        }),
      );
    expect(serves('s', 't')).toEqual(['n1 r 10.0.0.0/24']);
    expect(serves('t')).toEqual(['n1 r 10.0.0.0/24']);
    expect(serves()).toEqual([]);
  });

  it('go to the peers that the advertisement names, or to all', () => {
    const peers = [peer('r', '192.0.2.1'), peer('q', '192.0.2.2')];
    const to = (names: readonly string[]) =>
      routesOf(given({ config: { peers, bgpAdvertisements: [advertisement('a', { peers: names })] } }));
    expect(to([])).toEqual(['n1 q 10.0.0.0/32', 'n1 r 10.0.0.0/32']);
    expect(to(['q'])).toEqual(['n1 q 10.0.0.0/32']);
    expect(to(['gone'])).toEqual([]);
  });

  it('of an advertisement with serviceSelectors are of the Services that any of them matches', () => {
    const selective = advertised(
      advertisement('a', { serviceSelectors: [labelled({ app: 'x' }), labelled({ app: 'y' })] }),
    );
    const labels = (app: string) => routesOf(given({ ...selective, services: [service('x/s', { labels: { app } })] }));
    expect([labels('x').length, labels('y').length, labels('z').length]).toEqual([1, 1, 0]);
  });

  it('have the communities of every advertisement, once and in order, and the highest localPref', () => {
    const config = {
      peers: [INTERNAL],
      bgpAdvertisements: [
        advertisement('a', { serviceSelectors: [labelled({ app: 'a' })], localPref: 10, communities: [65_538] }),
        advertisement('b', {
          serviceSelectors: [labelled({ app: 'b' })],
          localPref: 20,
          communities: [65_537, 65_538],
        }),
      ],
    };
    const shares = (port: number, app: string) => ({
      labels: { app },
      annotations: { 'metallb.io/allow-shared-ip': 'k' },
      ports: [{ protocol: 'TCP', port }],
    });
    const services = [service('x/s', shares(80, 'a')), service('x/t', shares(81, 'b'))];
    const endpoints = { 'x/s': endpointsOn('n1'), 'x/t': endpointsOn('n1') };
    const [row, ...others] = [...plan(given({ config, services, endpoints })).bgpRows()];
    expect(row).toMatchObject({ communities: ['1:1', '1:2'], services: ['x/s', 'x/t'] });
    expect(others).toEqual([]);
  });
});
