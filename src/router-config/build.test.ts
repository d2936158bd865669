import { describe, expect, it } from 'vitest';
import { bgp, manifest, metallb, node, peer, pool } from '../lint/example.ts';
import { formatIp } from '../net/ip.ts';
import { formatPrefix, parsePrefix } from '../net/prefix.ts';
import type { RouterOptions } from './neighbors.ts';
import { routerOf, routersOf } from './testing/routers.ts';

const POOL = pool('web', 'addresses: [192.0.2.0/28]');
const NODES = manifest(node('node1', '10.0.0.11'), node('node2', '10.0.0.12', 'rack: r2'));
const PEER = peer('router-a', 'peerAddress: 10.0.0.1');
const ALL = bgp('all', 'localPref: 200\ncommunities: ["64512:7"]');
const SITE = manifest(POOL, NODES, PEER, ALL);

const prefix = (text: string) => {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

describe('the model of a router', () => {
  it('has the nodes as neighbors, the pools as prefixes, the preference by its community', () => {
    const { asn, groups, maximumPaths } = routerOf(SITE);
    expect(asn).toBe(64512);
    expect(maximumPaths).toEqual({ external: 2, internal: 0, announcers: 2 });
    const [group] = groups;
    expect(group).toMatchObject({
      id: 'METALLB-ROUTER-A',
      remoteAsn: 64513,
      type: 'external',
      distance: { type: 'connected' },
      preferences: [{ localPref: 200, advertisements: ['all'] }],
      families: [{ family: 4, possible: 16, maximumPrefixes: 26 }],
    });
    const { neighbors, families } = group ?? {};
    expect(neighbors?.type === 'listed' && neighbors.nodes.map(({ address }) => formatIp(address))).toEqual([
      '10.0.0.11',
      '10.0.0.12',
    ]);
    expect(families?.[0]?.prefixes.map((rule) => [formatPrefix(rule.prefix), rule.length])).toEqual([
      ['192.0.2.0/28', 32],
    ]);
  });

  it('has what a sourceAddress says, and the AS that the session says', () => {
    const own = peer('router-a', 'peerAddress: 10.0.0.1\nsourceAddress: 10.0.0.12\nlocalASN: 64999');
    const [group] = routerOf(manifest(POOL, NODES, own, ALL)).groups;
    expect(group?.remoteAsn).toBe(64999);
    expect(group?.neighbors).toMatchObject({ type: 'listed', nodes: [{ node: 'node2' }] });
  });

  it('needs no translation for an internal peer', () => {
    const [group] = routerOf(manifest(POOL, NODES, peer('rr', 'myASN: 64512\npeerAddress: 10.0.0.1'), ALL)).groups;
    expect(group).toMatchObject({ type: 'internal', preferences: [], untranslated: [] });
  });

  it('limits the prefixes also where the pools have room for more than any router', () => {
    const large = pool('large', 'addresses: ["2001:db8::/64"]');
    const v6 = node('node1', '"2001:db8:1::11"');
    const text = manifest(large, v6, peer('router-a', 'peerAddress: "2001:db8:1::1"'), bgp('all', ''));
    expect(
      routerOf(text.replace('spec:\n', 'spec: {}\n').replace('spec: {}', 'spec:')).groups[0]?.families,
    ).toMatchObject([{ family: 6, possible: null, maximumPrefixes: 100_000 }]);
  });

  it('keeps the peers of one address apart, node by node', () => {
    const rack = peer(
      'router-a-r2',
      'peerAddress: 10.0.0.1\nholdTime: 9s\nnodeSelectors: [{ matchLabels: { rack: r2 } }]',
    );
    const { groups } = routerOf(manifest(POOL, NODES, PEER, rack, ALL));
    expect(groups.map(({ peer: { name }, superseded, neighbors }) => [name, superseded, neighbors])).toMatchObject([
      ['router-a', [], { nodes: [{ node: 'node1' }] }],
      ['router-a-r2', ['router-a'], { nodes: [{ node: 'node2' }] }],
    ]);
  });

  it('mirrors the BFDProfile, over several hops where the router is far', () => {
    const profile = metallb('BFDProfile', 'fast', 'receiveInterval: 100\ntransmitInterval: 200\nechoMode: true');
    const near = peer('near', 'peerAddress: 10.0.0.1\nbfdProfile: fast');
    const far = peer('far', 'peerAddress: 10.9.9.1\nbfdProfile: fast\nebgpMultiHop: true');
    const { routers } = routersOf(manifest(POOL, NODES, near, far, profile, ALL));
    expect(routers.map(({ groups }) => groups[0]?.bfd)).toMatchObject([
      { id: 'METALLB-BFD-FAST', receiveIntervalMs: 200, transmitIntervalMs: 100, multihop: false, echoIntervalMs: 50 },
      { id: 'METALLB-BFD-FAST-MULTIHOP', multihop: true, minimumTtl: 254, echoIntervalMs: null },
    ]);
  });

  it('takes the subnets that it is told', () => {
    const far = peer('router-a', 'peerAddress: 10.0.1.1');
    const text = manifest(POOL, NODES, far, ALL);
    expect(routersOf(text).findings).toMatchObject([{ rule: 'router-distance-guessed', severity: 'info' }]);
    expect(routerOf(text).groups[0]?.distance.type).toBe('multihop');
    expect(routersOf(text, { subnets: [prefix('10.0.0.0/23')] }).findings).toEqual([]);
    expect(routerOf(text, { subnets: [prefix('10.0.0.0/23')] }).groups[0]?.distance.type).toBe('connected');
  });

  it('counts no more paths than the annotation says', () => {
    expect(routerOf(SITE, { pathsOf: () => 1 }).maximumPaths).toEqual({ external: 1, internal: 0, announcers: 2 });
  });
});

describe('a need that cannot be met', () => {
  const range = { listenRange: prefix('10.0.0.0/24') };
  const rack = peer('router-b', 'peerAddress: 10.0.0.1\nholdTime: 9s');
  const cases: readonly (readonly [rule: string, text: string, options?: Partial<RouterOptions>])[] = [
    ['router-without-peer', manifest(POOL, NODES, ALL)],
    ['router-nodes-unknown', manifest(POOL, PEER, ALL)],
    [
      'router-selects-no-node',
      manifest(SITE, peer('router-c', 'peerAddress: 10.0.0.3\nnodeSelectors: [{ matchLabels: { no: one } }]')),
    ],
    ['router-asn-unknown', manifest(POOL, NODES, peer('router-a', 'dynamicASN: external\npeerAddress: 10.0.0.1'), ALL)],
    [
      'router-with-two-asns',
      manifest(
        SITE,
        peer('router-b', 'peerASN: 65000\npeerAddress: 10.0.0.1\nnodeSelectors: [{ matchLabels: { rack: r2 } }]'),
      ),
    ],
    ['router-with-two-ports', manifest(SITE, peer('router-b', 'peerPort: 1179\npeerAddress: 10.0.0.1'))],
    ['router-node-without-address', manifest(SITE, node('node3', '"2001:db8::3"'))],
    ['router-ambiguous-peers', manifest(POOL, PEER, rack, ALL), range],
    ['router-outside-range', SITE, { listenRange: prefix('10.0.0.0/29') }],
    ['router-too-many-neighbors', SITE, { maxNeighbors: 1 }],
    ['router-pool-without-peer', manifest(POOL, NODES, PEER, bgp('lost', 'peers: [router-backup]'))],
    [
      'router-preference-conflict',
      manifest(SITE, bgp('other', 'aggregationLength: 30\nlocalPref: 50\ncommunities: ["64512:7"]')),
    ],
  ];

  it.each(cases.map(([rule, text, options = {}]) => ({ rule, text, options })))('$rule', ({ rule, text, options }) => {
    const { routers, findings } = routersOf(text, options);
    const found = findings.filter((finding) => finding.rule === rule);
    expect(found.length).toBeGreaterThan(0);
    for (const { severity, message, help } of found) {
      expect(severity).toBe('error');
      expect(message).not.toBe('');
      expect(help).not.toBe('');
    }
    expect(routers).toEqual([]);
  });

  it('is none where no Node is known and the neighbors come from a range', () => {
    const { neighbors } = routerOf(manifest(POOL, PEER, ALL), range).groups[0] ?? {};
    expect(neighbors).toMatchObject({ type: 'range', limit: 100 });
  });
});

describe('what is worth a word', () => {
  const rules = (text: string) => routersOf(text).findings.map(({ rule, severity }) => `${severity} ${rule}`);

  it('is an advertisement that reaches nobody beside one that does', () => {
    expect(rules(manifest(SITE, bgp('lost', 'peers: [router-backup]')))).toEqual([
      'warning router-advertisement-unreachable',
    ]);
  });

  it('is a router that nothing reaches', () => {
    const other = peer('router-b', 'peerAddress: 10.0.0.2');
    expect(rules(manifest(POOL, NODES, PEER, other, bgp('all', 'peers: [router-a]')))).toEqual([
      'warning router-gets-nothing',
    ]);
  });

  it('is a preference that nothing tells, with the community to add', () => {
    const { findings } = routersOf(manifest(POOL, NODES, PEER, bgp('all', 'localPref: 80\ncommunities: [no-export]')));
    expect(findings).toMatchObject([{ rule: 'router-preference-untold', severity: 'warning' }]);
    expect(findings[0]?.help).toContain('"64512:80"');
  });

  it('is a BFDProfile that is not there', () => {
    expect(rules(manifest(POOL, NODES, peer('router-a', 'peerAddress: 10.0.0.1\nbfdProfile: gone'), ALL))).toEqual([
      'warning router-bfd-profile-unknown',
    ]);
  });
});
