import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeySecret } from '../cluster/secret.ts';
import { formatIpRange } from '../net/ip-range.ts';
import { Secret } from '../secret.ts';
import { type BuiltConfig, buildConfig, type ConfigOptions, type PreviousConfig } from './build-config.ts';
import type { Resource } from './resource.ts';
import { findingLines, resourceOf } from './testing.ts';

const OPTIONS: ConfigOptions = { namespace: 'metallb-system', nodeSelectors: 'All' };
const NODES = [
  { name: 'n1', labels: { rack: 'a' } },
  { name: 'n2', labels: { rack: 'b' } },
];

const build = (
  resources: readonly Resource[],
  more: { secrets?: KeySecret[]; nodes?: typeof NODES; previous?: PreviousConfig } = {},
) =>
  buildConfig(
    resources,
    new Map((more.secrets ?? []).map((secret) => [`${secret.namespace}/${secret.name}`, secret])),
    more.nodes ?? NODES,
    OPTIONS,
    more.previous,
  );
const lines = (resources: readonly Resource[], more: Parameters<typeof build>[1] = {}) =>
  findingLines(build(resources, more).findings);

const pool = (name: string, ...addresses: unknown[]) => resourceOf('IPAddressPool', name, { addresses });
const peer = (name: string, more: object = {}) =>
  resourceOf('BGPPeer', name, { myASN: 64513, peerASN: 64512, peerAddress: '192.168.1.1', ...more });
const advertisement = (name: string, spec: object = {}) => resourceOf('BGPAdvertisement', name, spec);
const secret = (name: string, key: string | null, type = 'Opaque'): KeySecret => ({
  namespace: 'metallb-system',
  name,
  type,
  key: key === null ? { type: 'absent' } : { type: 'present', secret: new Secret(key) },
});

describe('IPAddressPool', () => {
  it('has the defaults of the field and keeps the order of its ranges', () => {
    const { config } = build([pool('p', '10.0.1.0/24', '10.0.0.5-10.0.0.9', '2001:db8::/120')]);
    expect(config.pools).toMatchObject([
      { name: 'p', autoAssign: true, avoidBuggyIPs: false, serviceAllocation: null },
    ]);
    expect(config.pools[0]?.ranges.map(formatIpRange)).toEqual([
      '10.0.1.0-10.0.1.255',
      '10.0.0.5-10.0.0.9',
      '2001:db8::-2001:db8::ff',
    ]);
  });

  it.each([
    [['1.2.3.4'], 'bad-range', 0],
    [['010.0.0.0/8'], 'bad-range', 0],
    [['10.0.0.9-10.0.0.1'], 'bad-range', 0],
    [['1.2.3.4-fc00::1'], 'bad-range', 0],
    [[' 10.0.0.0/24'], 'bad-range', 0],
    [['::ffff:1.2.3.0/120'], 'bad-range', 0],
    [['10.0.0.0/24', null, '10.0.0.7/32'], 'overlapping-ranges', 2],
    [['10.0.0.0/24', 7], 'wrong-type', 1],
  ])('refuses addresses %j', (addresses, rule, index) => {
    const built = build([pool('p', ...addresses)]);
    expect(findingLines(built.findings)).toEqual([`error ${rule} IPAddressPool/p spec.addresses[${index}]`]);
    expect(built.config.pools).toEqual([]);
  });

  it('gives a range to the first pool that has it, and all of the later one to nobody', () => {
    const built = build([
      pool('b', '10.0.0.0/24'),
      pool('a', '10.0.1.0/24', '10.0.0.255-10.0.1.3'),
      pool('c', '10.0.1.0/24'),
    ]);
    expect(built.config.pools.map((p) => p.name)).toEqual(['b', 'c']);
    expect(built.findings[0]?.message).toContain('of pool "b"');
    expect(build([pool('d', '10.0.0.0/24', '10.0.0.9/32')]).findings[0]?.message).toContain(
      '10.0.0.0-10.0.0.255 of the same pool',
    );
    expect(build([pool('b', '10.0.0.0/24'), pool('a', '10.0.0.3/32')]).findings[0]?.message).toContain('of pool "b"');
  });

  it('finds every overlap that a comparison of all pairs finds', () => {
    const range = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 8 }))
      .map(([first, more]) => ({ first, last: first + more }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        const resources = ranges.map(({ first, last }, i) => pool(`p${i}`, `10.0.0.${first}-10.0.0.${last}`));
        const accepted: typeof ranges = [];
        const names = ranges.flatMap((r, i) => {
          if (accepted.some((a) => a.first <= r.last && r.first <= a.last)) return [];
          accepted.push(r);
          return [`p${i}`];
        });
        expect(build(resources).config.pools.map((p) => p.name)).toEqual(names.sort());
      }),
    );
  });

  it('reads who a pool is for', () => {
    const spec = {
      addresses: ['10.0.0.0/24'],
      serviceAllocation: { priority: 5, namespaces: ['a', 'a'], serviceSelectors: [{ matchLabels: { app: 'x' } }] },
    };
    expect(lines([resourceOf('IPAddressPool', 'p', spec)])).toEqual([
      'error duplicate-entry IPAddressPool/p spec.serviceAllocation.namespaces[1]',
    ]);
  });
});

describe('BGPPeer', () => {
  it('has the defaults of its fields', () => {
    expect(build([peer('r')]).config.peers).toMatchObject([
      {
        peerPort: 179,
        holdTimeSeconds: 90,
        keepaliveSeconds: 30,
        routerID: null,
        maxPrefixes: 100,
        authentication: { type: 'none' },
        nodeSelectorsPolicy: null,
      },
    ]);
  });

  it.each([
    [{ myASN: 0 }, 'error out-of-range', 'spec.myASN'],
    [{ myASN: '64513' }, 'error wrong-type', 'spec.myASN'],
    [{ myASN: 4_294_967_296 }, 'error out-of-range', 'spec.myASN'],
    [{ peerASN: null }, 'error missing-field', 'spec.peerASN'],
    [{ peerAddress: 'router.example' }, 'error bad-address', 'spec.peerAddress'],
    [{ peerAddress: '' }, 'error missing-field', 'spec.peerAddress'],
    [{ peerAddress: '224.0.0.1' }, 'error bad-address', 'spec.peerAddress'],
    [{ peerPort: 0 }, 'error out-of-range', 'spec.peerPort'],
    [{ peerPort: 16_385 }, 'error out-of-range', 'spec.peerPort'],
    [{ sourceAddress: '2001:db8::1' }, 'error family-mismatch', 'spec.sourceAddress'],
    [{ routerID: '2001:db8::1' }, 'error ipv6-router-id', 'spec.routerID'],
    [{ routerID: '0.0.0.0' }, 'error bad-address', 'spec.routerID'],
    [{ peerASN: 64_513, ebgpMultiHop: true }, 'error ebgp-multihop-on-ibgp', 'spec.ebgpMultiHop'],
    [{ nodeSelectorsPolicy: 'all' }, 'error unknown-value', 'spec.nodeSelectorsPolicy'],
    [{ vrf: 'red' }, 'error not-supported-yet', 'spec.vrf'],
    [{ localASN: 0 }, 'error out-of-range', 'spec.localASN'],
    [{ ttlSecurityHops: 255 }, 'error out-of-range', 'spec.ttlSecurityHops'],
    [{ localASN: 64_512, ebgpMultiHop: true }, 'error ebgp-multihop-on-ibgp', 'spec.ebgpMultiHop'],
    [{ bfdProfile: 'x', strictBFD: true }, 'warning unknown-bfd-profile', 'spec.bfdProfile'],
    [{ strictBFD: true }, 'warning strict-bfd-without-profile', 'spec.strictBFD'],
    [{ enableGracefulRestart: true }, 'info not-running-yet', 'spec.enableGracefulRestart'],
    [{ disableMP: true }, 'info deprecated-field', 'spec.disableMP'],
    [{ holdtime: '90s' }, 'warning unknown-field', 'spec.holdtime'],
  ])('finds what is wrong in %j', (more, rule, path) => {
    const built = build([peer('r', more)]);
    expect(findingLines(built.findings)[0]).toBe(`${rule} BGPPeer/r ${path}`);
    expect(built.config.peers).toHaveLength(rule.startsWith('error') ? 0 : 1);
  });

  it('takes another AS for the session, a kind of peer, and TTL security', () => {
    const spec = { peerASN: null, dynamicASN: 'internal', localASN: 65_000, ttlSecurityHops: 254 };
    const built = build([peer('r', spec)]);
    expect(built.config.peers).toMatchObject([{ ...spec, myASN: 64_513 }]);
    expect(built.findings).toEqual([]);
  });

  it('takes one of AS number and kind, and one of address and interface', () => {
    expect(lines([peer('r', { dynamicASN: 'external' })])).toContain(
      'error conflicting-fields BGPPeer/r spec.dynamicASN',
    );
    expect(lines([peer('r', { interface: 'eth0' })])).toContain('error conflicting-fields BGPPeer/r spec.interface');
  });

  it('names the field that was meant', () => {
    const [finding] = build([peer('r', { holdtime: '90s' })]).findings;
    expect(finding?.message).toContain('did you mean "holdTime"');
    expect(finding?.help).toContain('holdTime');
  });

  it('warns of a BFD profile that does not exist, and runs the session', () => {
    const built = build([peer('r', { bfdProfile: 'fast' })]);
    expect(findingLines(built.findings)).toContain('warning unknown-bfd-profile BGPPeer/r spec.bfdProfile');
    expect(built.config.peers).toHaveLength(1);
    const known = [peer('r', { bfdProfile: 'fast' }), resourceOf('BFDProfile', 'fast', {})];
    expect(lines(known)).toEqual([]);
  });

  it('goes on with the BFD that a session had, where the profile of its peer is gone or is another that does not exist', () => {
    const fast = resourceOf('BFDProfile', 'fast', { receiveInterval: 50 });
    const before = build([peer('r', { bfdProfile: 'fast' }), fast]);
    const renamed = build([peer('r', { bfdProfile: 'quick' }), fast], { previous: before });
    expect(renamed.config.peers).toMatchObject([{ bfdProfile: 'quick', keptBfdProfile: { name: 'fast' } }]);
    expect(renamed.findings[0]?.message).toContain('a session that has BFD by "fast" goes on with it');

    // Its own name counts no more, and what it had still does.
    const gone = build([peer('r', { bfdProfile: 'quick' })], {
      previous: { ...renamed, gone: new Set(['BFDProfile fast']) },
    });
    expect(gone.config.peers).toMatchObject([{ keptBfdProfile: { name: 'fast', receiveIntervalMs: 50 } }]);
    const faulty = resourceOf('BFDProfile', 'quick', { receiveInterval: 'soon' });
    const unreadable = build([peer('r', { bfdProfile: 'quick' }), faulty], { previous: gone });
    expect(unreadable.config.peers).toMatchObject([{ keptBfdProfile: { name: 'fast' } }]);

    const put = build([peer('r', { bfdProfile: 'quick' }), resourceOf('BFDProfile', 'quick', {})], {
      previous: unreadable,
    });
    expect(put.config.peers).toMatchObject([{ keptBfdProfile: null }]);
    expect(build([peer('r', {})], { previous: gone }).config.peers).toMatchObject([
      { bfdProfile: null, keptBfdProfile: null },
    ]);
    const another = build([peer('r', { bfdProfile: 'quick' })], {
      previous: { ...gone, gone: new Set(['BGPPeer r']) },
    });
    expect(another.config.peers).toMatchObject([{ keptBfdProfile: null }]);
  });

  it('reads v1beta1, in which a zero is unset, and says that it is deprecated', () => {
    const old = (spec: object) =>
      resourceOf('BGPPeer', 'r', { myASN: 1, peerASN: 2, peerAddress: '10.0.0.1', ...spec }, 'metallb.io/v1beta1');
    const built = build([old({ peerPort: 0, holdTime: '0s', keepaliveTime: '0s' })]);
    expect(built.config.peers).toMatchObject([{ peerPort: 179, holdTimeSeconds: 90, keepaliveSeconds: 30 }]);
    expect(findingLines(built.findings)).toEqual(['warning deprecated-version BGPPeer/r apiVersion']);
    expect(lines([old({ vfr: 'red' })])).toContain('warning unknown-field BGPPeer/r spec.vfr');
    expect(lines([resourceOf('BGPPeer', 'r', {}, 'metallb.io/v1')])).toEqual([
      'error unsupported-version BGPPeer/r apiVersion',
    ]);
  });
});

describe('passwords', () => {
  const authenticationOf = (built: BuiltConfig) => {
    const authentication = built.config.peers[0]?.authentication;
    return authentication?.type === 'md5' ? [authentication.key.reveal(), authentication.source] : authentication?.type;
  };
  const byName = peer('r', { password: 'bgp' });
  const bySecret = peer('r', { passwordSecret: { name: 'bgp' } });

  it('takes password as the name of a Secret where that has the key, else as the key itself', () => {
    expect(authenticationOf(build([byName], { secrets: [secret('bgp', 'k')] }))).toEqual([
      'k',
      { type: 'secret', name: 'bgp' },
    ]);
    for (const secrets of [[], [secret('bgp', null)]]) {
      const built = build([byName], { secrets });
      expect(authenticationOf(built)).toEqual(['bgp', { type: 'text' }]);
      expect(findingLines(built.findings)).toEqual(['warning plain-text-password BGPPeer/r spec.password']);
    }
  });

  it('takes passwordSecret as a name, of a Secret of either type', () => {
    for (const type of ['Opaque', 'kubernetes.io/basic-auth'])
      expect(authenticationOf(build([bySecret], { secrets: [secret('bgp', 'k', type)] }))).toEqual([
        'k',
        { type: 'secret', name: 'bgp' },
      ]);
  });

  it.each([
    [
      peer('r', { password: 'a', passwordSecret: { name: 'b' } }),
      [],
      'error conflicting-fields BGPPeer/r spec.passwordSecret',
    ],
    [bySecret, [], 'error secret-not-found BGPPeer/r spec.passwordSecret.name'],
    [bySecret, [secret('bgp', null)], 'error bad-secret BGPPeer/r spec.passwordSecret.name'],
    [bySecret, [secret('bgp', 'k', 'kubernetes.io/tls')], 'error bad-secret BGPPeer/r spec.passwordSecret.name'],
    [byName, [secret('bgp', '')], 'error empty-password BGPPeer/r spec.password'],
    [byName, [secret('bgp', 'ä'.repeat(41))], 'error password-too-long BGPPeer/r spec.password'],
    [peer('r', { password: 'x'.repeat(81) }), [], 'error password-too-long BGPPeer/r spec.password'],
    [byName, [secret('bgp', 'k\n')], 'warning password-whitespace BGPPeer/r spec.password'],
    [peer('r', { password: '' }), [], 'warning empty-password BGPPeer/r spec.password'],
    [
      peer('r', { passwordSecret: { name: 'bgp', namespace: 'other' } }),
      [secret('bgp', 'k')],
      'warning secret-namespace BGPPeer/r spec.passwordSecret.namespace',
    ],
    [
      byName,
      [{ ...secret('bgp', null), key: { type: 'unreadable' } as const }],
      'error bad-secret BGPPeer/r spec.password',
    ],
  ])('judges the key: case %#', (resource, secrets, line) => {
    const built = build([resource], { secrets });
    expect(findingLines(built.findings)).toContain(line);
    expect(built.config.peers).toHaveLength(line.startsWith('error') ? 0 : 1);
  });

  it('goes on with the key of a Secret that has gone, and says so; a new process does not know it', () => {
    for (const resource of [byName, bySecret]) {
      const before = build([resource], { secrets: [secret('bgp', 'k')] });
      const after = build([resource], { previous: before });
      expect(authenticationOf(after)).toEqual(['k', { type: 'secret', name: 'bgp' }]);
      expect(after.findings.map((f) => f.rule)).toEqual(['secret-gone']);
    }
  });

  it('prints no key, however findings and configuration are printed', () => {
    const canary = 'canary-7f3a';
    const faults: object[] = [
      { password: canary },
      { password: canary, passwordSecret: { name: 'bgp' } },
      { password: canary.repeat(20) },
      { password: [canary] },
      { password: { canary: canary } },
      { passwordSecret: { name: 'bgp' }, password: `${canary}\n` },
      { password: 'bgp' },
      { passwordSecret: { name: 'bgp' } },
    ];
    for (const fault of faults)
      for (const secrets of [
        [],
        [secret('bgp', canary)],
        [secret('bgp', canary.repeat(9))],
        [secret('bgp', `${canary}\n`)],
      ]) {
        const built = build([peer('r', fault)], { secrets });
        const printed = [
          JSON.stringify(built, (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
          inspect(built, { depth: 20, showHidden: true }),
          String(built.findings),
        ].join();
        expect(printed).not.toContain(canary);
      }
  });
});

describe('BGPAdvertisement', () => {
  const communities = resourceOf('Community', 'prod', {
    communities: [
      { name: 'one', value: '64512:1' },
      { name: 'two', value: 'no-export' },
      { name: 'big', value: 'large:64512:1:2' },
    ],
  });

  it('resolves its communities, each once and in order', () => {
    const { config, findings } = build([
      advertisement('a', { communities: ['prod', 'two', '64512:0', 'large:1:1:1'] }),
      communities,
    ]);
    expect(config.bgpAdvertisements).toMatchObject([
      {
        communities: [0xfc000000, 0xfc000001, 0xffffff01],
        largeCommunities: [
          { globalAdministrator: 1, localData1: 1, localData2: 1 },
          { globalAdministrator: 64512, localData1: 1, localData2: 2 },
        ],
      },
    ]);
    expect(findings).toEqual([]);
  });

  it.each([
    [{ communities: ['prof'] }, 'error unresolved-community', 'spec.communities[0]'],
    [{ communities: ['prod', null, 'prod'] }, 'error duplicate-entry', 'spec.communities[2]'],
    [{ communities: ['70000:1'] }, 'error unresolved-community', 'spec.communities[0]'],
    [{ localPref: -1 }, 'error out-of-range', 'spec.localPref'],
    [{ localPref: 4_294_967_296 }, 'error out-of-range', 'spec.localPref'],
    [{ asPathPrepend: 11 }, 'error out-of-range', 'spec.asPathPrepend'],
    [{ aggregationLength: 33 }, 'error out-of-range', 'spec.aggregationLength'],
    [{ aggregationLength: 23 }, 'error aggregation-too-short', 'spec.aggregationLength'],
    [{ aggregationLengthV6: 100 }, 'error aggregation-too-short', 'spec.aggregationLengthV6'],
    [
      { serviceSelectors: [{}], aggregationLength: 24 },
      'error aggregation-with-service-selectors',
      'spec.serviceSelectors',
    ],
    [{ peers: ['a', 'a'] }, 'error duplicate-entry', 'spec.peers[1]'],
    [{ linkBandwidth: 'Auto' }, 'info not-running-yet', 'spec.linkBandwidth'],
    [{ linkBandwidth: 'auto' }, 'error wrong-type', 'spec.linkBandwidth'],
    [{ extendedCommunities: ['x'] }, 'error bad-community', 'spec.extendedCommunities[0]'],
  ])('finds what is wrong in %j', (spec, rule, path) => {
    const built = build([pool('p', '10.0.0.0/24', '2001:db8::/112'), communities, advertisement('a', spec)]);
    expect(findingLines(built.findings)).toEqual([`${rule} BGPAdvertisement/a ${path}`]);
    expect(built.config.bgpAdvertisements).toHaveLength(rule.startsWith('error') ? 0 : 1);
  });

  it('reads extended communities, ascending and each once', () => {
    const spec = { extendedCommunities: ['soo:192.0.2.1:7', 'rt:64512:100', '0x0002fc0000000064'] };
    const [built] = build([advertisement('a', spec)]).config.bgpAdvertisements;
    expect(built?.extendedCommunities).toEqual([0x0002fc0000000064n, 0x0103c00002010007n]);
  });

  it('holds the aggregation length to each range and to the pools of the advertisement alone', () => {
    const range = pool('p', '10.0.0.240-10.0.0.250');
    expect(lines([range, advertisement('a', { aggregationLength: 29 })])).toEqual([]);
    expect(lines([range, advertisement('a', { aggregationLength: 28 })])).toHaveLength(1);
    expect(lines([range, advertisement('a', { aggregationLength: 28, ipAddressPools: ['other'] })])).toEqual([]);
  });

  it('says that a name is an alias and a Community of other values', () => {
    const other = resourceOf('Community', 'x', { communities: [{ name: 'prod', value: '1:1' }] });
    expect(lines([communities, other, advertisement('a', { communities: ['prod'] })])).toEqual([
      'warning ambiguous-community BGPAdvertisement/a spec.communities[0]',
    ]);
  });
});

describe('two local preferences for one prefix', () => {
  const p = pool('p', '10.0.0.0/24');
  const two = (a: object, b: object) => [
    p,
    advertisement('a', { localPref: 100, ...a }),
    advertisement('b', { localPref: 200, ...b }),
  ];
  const external = peer('ext');
  const internal = peer('int', { peerASN: 64513, peerAddress: '192.168.1.2' });
  const ERROR = ['error local-pref-conflict BGPAdvertisement/b spec.localPref'];
  const INFO = ['info local-pref-differs BGPAdvertisement/b spec.localPref'];

  it.each([
    ['all peers are external', [external], {}, {}, INFO],
    ['one peer is internal', [external, internal], {}, {}, ERROR],
    ['no peer is known', [], {}, {}, ERROR],
    ['no peer is known, and the names differ', [], { peers: ['x'] }, { peers: ['z'] }, []],
    ['only one reaches the internal peer', [external, internal], { peers: ['ext'] }, {}, INFO],
    ['they reach different peers', [external, internal], { peers: ['ext'] }, { peers: ['int'] }, []],
    [
      'they name two peers that are one session',
      [internal, peer('twin', { peerASN: 64513, peerAddress: '192.168.1.2' })],
      { peers: ['int'] },
      { peers: ['twin'] },
      ERROR,
    ],
    ['their lengths differ', [internal], { aggregationLength: 24 }, {}, []],
    ['the preferences are equal', [internal], { localPref: 200 }, {}, []],
    ['one is unset', [internal], { localPref: null }, {}, ERROR],
    ['their pools differ', [internal], { ipAddressPools: ['q'] }, {}, []],
    ['one selects Services', [internal], { serviceSelectors: [{ matchLabels: { app: 'x' } }] }, {}, []],
    [
      'their nodes differ',
      [internal],
      { nodeSelectors: [{ matchLabels: { rack: 'a' } }] },
      { nodeSelectors: [{ matchLabels: { rack: 'b' } }] },
      [],
    ],
    [
      'their common node has no session',
      [peer('int', { peerASN: 64513, nodeSelectors: [{ matchLabels: { rack: 'b' } }] })],
      { nodeSelectors: [{ matchLabels: { rack: 'a' } }] },
      {},
      [],
    ],
  ])('where %s', (_, peers, a, b, expected) => {
    expect(lines([...two(a, b), ...peers])).toEqual(expected);
  });

  it('compares node selectors as written where no node is known', () => {
    const a = { nodeSelectors: [{ matchLabels: { rack: 'a' } }] };
    const b = { nodeSelectors: [{ matchLabels: { rack: 'b' } }] };
    expect(lines([...two(a, b), internal], { nodes: [] })).toEqual([]);
    expect(lines([...two(a, a), internal], { nodes: [] })).toEqual(ERROR);
    expect(lines([...two(a, {}), internal], { nodes: [] })).toEqual(ERROR);
  });
});

describe('buildConfig', () => {
  it('lets the younger of two give way, whatever the order of the input', () => {
    const born = (resource: Resource, creationTimestamp: string | null): Resource => ({
      ...resource,
      metadata: { ...resource.metadata, creationTimestamp },
    });
    const young = born(pool('young', '10.0.0.0/24'), '2024-02-01T00:00:00Z');
    const old = born(pool('old', '10.0.0.0/24'), '2024-01-01T00:00:00Z');
    const unborn = born(pool('unborn', '10.0.0.0/24'), null);
    for (const order of [
      [young, old, unborn],
      [unborn, young, old],
    ])
      expect(build(order).config.pools.map((x) => x.name)).toEqual(['old']);
  });

  it('sorts by name, whatever the order of the input', () => {
    const { config } = build([
      advertisement('b'),
      pool('z', '10.0.0.0/24'),
      advertisement('a'),
      pool('a', '10.0.1.0/24'),
    ]);
    expect(config.pools.map((x) => x.name)).toEqual(['a', 'z']);
    expect(config.bgpAdvertisements.map((x) => x.name)).toEqual(['a', 'b']);
  });

  it('reports what is parsed and does not run yet', () => {
    expect(
      lines([resourceOf('L2Advertisement', 'l', undefined), resourceOf('BFDProfile', 'b', { minimumTtl: 254 })]),
    ).toEqual(['info not-running-yet L2Advertisement/l']);
    expect(lines([resourceOf('BFDProfile', 'b', { detectMultiplier: 1, receiveInterval: 9 })])).toEqual([
      'error out-of-range BFDProfile/b spec.receiveInterval',
      'error out-of-range BFDProfile/b spec.detectMultiplier',
    ]);
  });

  it('finds every fault of an object at once, those of its shape and those of its meaning', () => {
    const spec = {
      myASN: '64513',
      peerASN: 64512,
      peerAddress: '10.0.0.300',
      peerPort: 99_999,
      routerID: '::1',
      holdTime: '1s',
      connectTime: 5,
      vrff: 'x',
    };
    expect(lines([resourceOf('BGPPeer', 'r', spec)])).toEqual([
      'warning unknown-field BGPPeer/r spec.vrff',
      'error wrong-type BGPPeer/r spec.myASN',
      'error out-of-range BGPPeer/r spec.peerPort',
      'error wrong-type BGPPeer/r spec.connectTime',
      'error bad-address BGPPeer/r spec.peerAddress',
      'error bad-timers BGPPeer/r spec.holdTime',
      'error ipv6-router-id BGPPeer/r spec.routerID',
    ]);
  });

  it('keeps the last good version of an object that turns faulty, unless it no longer goes with the others', () => {
    const before = build([
      pool('p', '10.0.0.0/24'),
      resourceOf('Community', 'c', { communities: [{ name: 'x', value: '1:1' }] }),
    ]);
    const faulty = [
      pool('p', 'oops'),
      resourceOf('Community', 'c', { communities: [{ name: 'x', value: 'oops' }] }),
      advertisement('a', { communities: ['x'] }),
    ];
    const after = build(faulty, { previous: before });
    expect(after.config.pools).toEqual(before.config.pools);
    expect(after.config.bgpAdvertisements).toMatchObject([{ communities: [0x10001] }]);
    expect(findingLines(after.findings)).toEqual([
      'error bad-range IPAddressPool/p spec.addresses[0]',
      'warning last-good-version IPAddressPool/p',
      'error bad-community Community/c spec.communities[0].value',
      'warning last-good-version Community/c',
    ]);
    const rival = build([pool('q', '10.0.0.0/25'), pool('p', 'oops')], { previous: before });
    expect(rival.config.pools.map((x) => x.name)).toEqual(['q']);
    expect(build(faulty).config.pools).toEqual([]);
  });

  it('makes findings or values of any JSON in any field, and never an exception', () => {
    const FIELDS: Readonly<Record<string, readonly string[]>> = {
      IPAddressPool: ['addresses', 'autoAssign', 'serviceAllocation'],
      BGPPeer: [
        'myASN',
        'peerASN',
        'dynamicASN',
        'peerAddress',
        'interface',
        'peerPort',
        'sourceAddress',
        'holdTime',
        'keepaliveTime',
        'connectTime',
        'routerID',
        'nodeSelectors',
        'password',
        'passwordSecret',
        'bfdProfile',
        'ebgpMultiHop',
        'vrf',
      ],
      BGPAdvertisement: [
        'aggregationLength',
        'aggregationLengthV6',
        'localPref',
        'communities',
        'ipAddressPools',
        'ipAddressPoolSelectors',
        'nodeSelectors',
        'peers',
        'serviceSelectors',
        'med',
        'linkBandwidth',
      ],
      L2Advertisement: ['interfaces', 'preferredNodeSelectors', 'ipAddressPoolSelectors'],
      Community: ['communities'],
      BFDProfile: ['receiveInterval', 'echoMode', 'minimumTtl'],
    };
    const likely = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        '',
        '10.0.0.0/24',
        '10.0.0.1',
        '::1',
        '90s',
        0,
        1,
        -1,
        1.5,
        65_536,
        2 ** 40,
        true,
        [],
        {},
        [null],
        [{}],
        '__proto__',
      ),
      fc.constantFrom<unknown>(
        [{ matchLabels: { a: 1 } }],
        [{ matchExpressions: [{ key: 'a', operator: 'In' }] }],
        [{ matchExpressions: [null, {}] }],
        { name: 'x' },
        [{ name: 'a', value: 'b' }],
      ),
      fc.jsonValue({ maxDepth: 4 }),
    );
    const object = fc
      .constantFrom(...Object.keys(FIELDS))
      .chain((kind) =>
        fc.tuple(
          fc.constant(kind),
          fc.oneof(
            fc.jsonValue(),
            fc.dictionary(fc.oneof(fc.constantFrom(...(FIELDS[kind] ?? [])), fc.string()), likely),
          ),
          fc.constantFrom('metallb.io/v1beta1', 'metallb.io/v1beta2', 'metallb.io/'),
        ),
      );
    fc.assert(
      fc.property(fc.array(object, { maxLength: 4 }), (objects) => {
        const resources = objects.map(([kind, spec, version], i) => resourceOf(kind, `o${i}`, spec, version));
        const { config, findings } = build(resources);
        const values = Object.values(config).flat().length;
        const refused = new Set(findings.filter((f) => f.severity === 'error').map((f) => f.object?.name));
        expect(
          values +
            refused.size +
            resources.filter((r) => r.kind === 'Community' && !refused.has(r.metadata.name)).length,
        ).toBe(resources.length);
        for (const finding of findings) expect(finding.help).not.toBe('');
      }),
      { numRuns: 3_000 },
    );
  });
});
