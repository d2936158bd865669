/** Rules of metallb-behaviour section 1 that no other test of this folder holds (docs/reference/rules.md has them all). */
import { describe, expect, it } from 'vitest';
import { formatIpRange } from '../net/ip-range.ts';
import { type BuiltConfig, buildConfig, type PreviousConfig } from './build-config.ts';
import type { Resource } from './resource.ts';
import { findingLines, resourceOf } from './testing.ts';

const NODES = [
  { name: 'n1', labels: { rack: 'a' } },
  { name: 'n2', labels: { rack: 'b' } },
];

const build = (resources: readonly Resource[], previous?: PreviousConfig): BuiltConfig =>
  buildConfig(resources, new Map(), NODES, { namespace: 'metallb-system', nodeSelectors: 'All' }, previous);

const errors = (resources: readonly Resource[]): readonly string[] =>
  findingLines(build(resources).findings).filter((line) => line.startsWith('error'));

const pool = (name: string, spec: object): Resource => resourceOf('IPAddressPool', name, spec);
const label = (value: string) => ({ matchLabels: { app: value } });

describe('IPAddressPool', () => {
  it.each([
    ['192.168.1.10/24', '192.168.1.0-192.168.1.255'],
    ['192.168.1.240 - 192.168.1.250', '192.168.1.240-192.168.1.250'],
    ['10.0.0.0-10.0.0.255', '10.0.0.0-10.0.0.255'],
    ['fe80::/64', 'fe80::-fe80::ffff:ffff:ffff:ffff'],
    ['0.0.0.0/0', '0.0.0.0-255.255.255.255'],
  ])('reads %s as MetalLB does', (text, range) => {
    const { config } = build([pool('p', { addresses: [text] })]);
    expect(config.pools[0]?.ranges.map(formatIpRange)).toEqual([range]);
  });

  it.each([
    [{}, 'error missing-field IPAddressPool/p spec.addresses'],
    [{ addresses: [] }, 'error missing-field IPAddressPool/p spec.addresses'],
    [{ addresses: ['10.0.0.0/24', '10.0.0.128/25'] }, 'error overlapping-ranges IPAddressPool/p spec.addresses[1]'],
    [
      { addresses: ['10.0.0.0/24'], serviceAllocation: { namespaces: ['a', 'a'] } },
      'error duplicate-entry IPAddressPool/p spec.serviceAllocation.namespaces[1]',
    ],
    [
      { addresses: ['10.0.0.0/24'], serviceAllocation: { namespaceSelectors: [label('x'), label('x')] } },
      'error duplicate-entry IPAddressPool/p spec.serviceAllocation.namespaceSelectors[1]',
    ],
    [
      { addresses: ['10.0.0.0/24'], serviceAllocation: { serviceSelectors: [label('x'), label('x')] } },
      'error duplicate-entry IPAddressPool/p spec.serviceAllocation.serviceSelectors[1]',
    ],
    [
      { addresses: ['10.0.0.0/24'], serviceAllocation: { priority: 1.5 } },
      'error wrong-type IPAddressPool/p spec.serviceAllocation.priority',
    ],
  ])('refuses %j', (spec, line) => {
    expect(errors([pool('p', spec)])).toEqual([line]);
    expect(build([pool('p', spec)]).config.pools).toEqual([]);
  });

  it('takes autoAssign: null for true, and keeps false', () => {
    const of = (autoAssign: unknown) =>
      build([pool('p', { addresses: ['10.0.0.0/24'], autoAssign })]).config.pools[0]?.autoAssign;
    expect([of(null), of(undefined), of(true), of(false)]).toEqual([true, true, true, false]);
  });
});

describe('advertisements', () => {
  const POOL = pool('p', { addresses: ['10.0.0.0/24'] });
  const bgp = (spec: object) => [POOL, resourceOf('BGPAdvertisement', 'a', spec)];
  const l2 = (spec: object) => [POOL, resourceOf('L2Advertisement', 'l', spec)];

  it('have the defaults of the fields', () => {
    expect(build(bgp({})).config.bgpAdvertisements).toMatchObject([
      {
        aggregationLength: 32,
        aggregationLengthV6: 128,
        localPref: null,
        peers: [],
        nodeSelectors: [],
        serviceSelectors: [],
      },
    ]);
    expect(build(l2({})).config.l2Advertisements).toEqual([
      {
        name: 'l',
        ipAddressPools: [],
        ipAddressPoolSelectors: [],
        nodeSelectors: [],
        serviceSelectors: [],
        interfaces: [],
        preferredNodes: [],
      },
    ]);
  });

  it.each([
    [bgp({ aggregationLength: 0 }), 'error out-of-range BGPAdvertisement/a spec.aggregationLength'],
    [bgp({ aggregationLengthV6: 0 }), 'error out-of-range BGPAdvertisement/a spec.aggregationLengthV6'],
    [bgp({ aggregationLengthV6: 129 }), 'error out-of-range BGPAdvertisement/a spec.aggregationLengthV6'],
    [bgp({ ipAddressPools: ['p', 'p'] }), 'error duplicate-entry BGPAdvertisement/a spec.ipAddressPools[1]'],
    [
      bgp({ ipAddressPoolSelectors: [label('x'), label('x')] }),
      'error duplicate-entry BGPAdvertisement/a spec.ipAddressPoolSelectors[1]',
    ],
    [
      bgp({ nodeSelectors: [label('x'), label('x')] }),
      'error duplicate-entry BGPAdvertisement/a spec.nodeSelectors[1]',
    ],
    [
      bgp({ communities: Array.from({ length: 64 }, (_, i) => `1:${i}`) }),
      'error out-of-range BGPAdvertisement/a spec.communities',
    ],
    [l2({ ipAddressPools: ['p', 'p'] }), 'error duplicate-entry L2Advertisement/l spec.ipAddressPools[1]'],
    [l2({ interfaces: ['eth0', 'eth0'] }), 'error duplicate-entry L2Advertisement/l spec.interfaces[1]'],
    [
      l2({ serviceSelectors: [label('x'), label('x')] }),
      'error duplicate-entry L2Advertisement/l spec.serviceSelectors[1]',
    ],
    [
      l2({ preferredNodeSelectors: [{ weight: 0, preference: {} }] }),
      'error out-of-range L2Advertisement/l spec.preferredNodeSelectors[0].weight',
    ],
    [
      l2({ preferredNodeSelectors: [{ weight: 101, preference: {} }] }),
      'error out-of-range L2Advertisement/l spec.preferredNodeSelectors[0].weight',
    ],
    [
      l2({ preferredNodeSelectors: [{ preference: {} }] }),
      'error missing-field L2Advertisement/l spec.preferredNodeSelectors[0].weight',
    ],
    [
      l2({ preferredNodeSelectors: [{ weight: 1 }] }),
      'error missing-field L2Advertisement/l spec.preferredNodeSelectors[0].preference',
    ],
    [
      l2({ preferredNodeSelectors: [{ weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In' }] } }] }),
      'error bad-selector L2Advertisement/l spec.preferredNodeSelectors[0].preference.matchExpressions[0]',
    ],
  ])('are refused: case %#', (resources, line) => {
    expect(errors(resources)).toEqual([line]);
  });

  it('may name pools and peers that are not there, prefer a node twice, and have 63 communities', () => {
    expect(errors(bgp({ ipAddressPools: ['nope'], peers: ['nope'] }))).toEqual([]);
    expect(errors(bgp({ communities: Array.from({ length: 63 }, (_, i) => `1:${i}`) }))).toEqual([]);
    const twice = { weight: 100, preference: label('x') };
    const { config } = build(l2({ preferredNodeSelectors: [twice, twice], interfaces: ['eth0'] }));
    expect(config.l2Advertisements).toMatchObject([
      { interfaces: ['eth0'], preferredNodes: [{ weight: 100 }, { weight: 100 }] },
    ]);
  });

  it('take a localPref of 0 for none', () => {
    expect(build(bgp({ localPref: 0 })).config.bgpAdvertisements[0]?.localPref).toBeNull();
    expect(build(bgp({ localPref: 4_294_967_295 })).config.bgpAdvertisements[0]?.localPref).toBe(4_294_967_295);
  });
});

describe('Community', () => {
  it('gives no alias twice, over all Communities together', () => {
    const community = (name: string) => resourceOf('Community', name, { communities: [{ name: 'x', value: '1:1' }] });
    expect(errors([community('a'), community('b')])).toEqual([
      'error duplicate-alias Community/b spec.communities[0].name',
    ]);
  });

  it('that has an error freezes nothing else', () => {
    const resources = [
      resourceOf('Community', 'bad', { communities: [{ name: 'x', value: 'LARGE:1:2:3' }] }),
      pool('p', { addresses: ['10.0.0.0/24'] }),
      resourceOf('BGPAdvertisement', 'uses-it', { communities: ['x'] }),
      resourceOf('BGPAdvertisement', 'other', {}),
    ];
    const { config } = build(resources);
    expect(config.pools.map(({ name }) => name)).toEqual(['p']);
    expect(config.bgpAdvertisements.map(({ name }) => name)).toEqual(['other']);
  });
});

describe('BFDProfile', () => {
  it.each([
    ['receiveInterval', 10, 60_000],
    ['transmitInterval', 10, 60_000],
    ['detectMultiplier', 2, 255],
    ['echoInterval', 10, 60_000],
    ['minimumTtl', 1, 254],
  ])('has %s from %i to %i', (field, least, most) => {
    const of = (value: number) => errors([resourceOf('BFDProfile', 'b', { [field]: value })]);
    expect([of(least), of(most)]).toEqual([[], []]);
    const refused = [`error out-of-range BFDProfile/b spec.${field}`];
    expect([of(least - 1), of(most + 1)]).toEqual([refused, refused]);
  });

  it('leaves every field to its default', () => {
    expect(build([resourceOf('BFDProfile', 'b', {})]).config.bfdProfiles).toMatchObject([
      {
        name: 'b',
        receiveIntervalMs: null,
        detectMultiplier: null,
        echoMode: false,
        passiveMode: false,
        minimumTtl: null,
      },
    ]);
  });
});

describe('a faulty object', () => {
  it('never hides the others, nor stops what worked', () => {
    const good = [pool('a', { addresses: ['10.0.0.0/24'] }), pool('b', { addresses: ['10.0.1.0/24'] })];
    const before = build(good);
    const after = build([pool('a', { addresses: ['nonsense'] }), pool('b', { addresses: ['10.0.2.0/24'] })], before);
    expect(after.config.pools.map((one) => one.ranges.map(formatIpRange))).toEqual([
      ['10.0.0.0-10.0.0.255'],
      ['10.0.2.0-10.0.2.255'],
    ]);
  });
});

describe('BGPPeer', () => {
  const peer = (more: object, version?: string) =>
    resourceOf('BGPPeer', 'r', { myASN: 1, peerASN: 2, peerAddress: '10.0.0.1', ...more }, version);

  it('takes the AS numbers that there are', () => {
    expect(build([peer({ myASN: 4_294_967_295, peerASN: 4_200_000_000 })]).config.peers).toMatchObject([
      { myASN: 4_294_967_295, peerASN: 4_200_000_000 },
    ]);
    expect(errors([peer({ peerASN: 4_294_967_296 })])).toEqual(['error out-of-range BGPPeer/r spec.peerASN']);
    expect(errors([peer({ peerASN: null, dynamicASN: 'any' })])).toEqual([
      'error unknown-value BGPPeer/r spec.dynamicASN',
    ]);
  });

  it('refuses a sourceAddress or routerID that is no address', () => {
    expect(errors([peer({ sourceAddress: 'eth0', routerID: 'node1' })])).toEqual([
      'error bad-address BGPPeer/r spec.sourceAddress',
      'error bad-address BGPPeer/r spec.routerID',
    ]);
  });

  it('has each node selector, expression and value once', () => {
    const expression = { key: 'a', operator: 'In', values: ['x', 'x'] };
    expect(errors([peer({ nodeSelectors: [label('x'), label('x'), { matchExpressions: [expression] }] })])).toEqual([
      'error duplicate-entry BGPPeer/r spec.nodeSelectors[1]',
      'error duplicate-entry BGPPeer/r spec.nodeSelectors[2].matchExpressions[0].values[1]',
    ]);
  });

  it('judges the rest of a peer with disableMP', () => {
    expect(errors([peer({ disableMP: true, peerAddress: 'nonsense' })])).toEqual([
      'error bad-address BGPPeer/r spec.peerAddress',
    ]);
  });

  it('of v1beta1 needs an address and an AS number, and cannot say Exists', () => {
    const old = (more: object) => errors([peer(more, 'metallb.io/v1beta1')]);
    expect(old({ peerAddress: null })).toEqual(['error missing-field BGPPeer/r spec.peerAddress']);
    expect(old({ peerASN: null })).toEqual(['error missing-field BGPPeer/r spec.peerASN']);
    const exists = (values?: string[]) => ({
      nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Exists', values }] }],
    });
    expect(old(exists())).toEqual(['error missing-field BGPPeer/r spec.nodeSelectors[0].matchExpressions[0].values']);
    expect(old(exists(['x']))).toEqual([
      'error bad-selector BGPPeer/r spec.nodeSelectors[0].matchExpressions[0].values',
    ]);
  });

  it('of v1beta1 without timers has the default ones', () => {
    expect(build([peer({}, 'metallb.io/v1beta1')]).config.peers).toMatchObject([
      { holdTimeSeconds: 90, keepaliveSeconds: 30, peerPort: 179 },
    ]);
  });
});
