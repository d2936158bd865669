/**
 * Random steps in the life of a small cluster: objects that come, change, go and come again, valid ones and faulty ones, drawn from few
 * names, addresses and labels, so that they meet, clash and share.
 */
import fc from 'fast-check';
import type { Resource } from '../../config/resource.ts';

/** One object that is written, with what stays the same over its life left out. */
export interface Written {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly apiVersion?: string;
}

export type Step =
  | {
      readonly type: 'write';
      readonly object: Written;
      readonly versioned: boolean;
      /** Where the object is there already: which part of it alone is written anew; null for all of it. */
      readonly part: number | null;
    }
  /** The same writing once more, as after a relist. */
  | { readonly type: 'again'; readonly pick: number }
  | { readonly type: 'delete'; readonly pick: number }
  /** Deleted and made anew under its name before anybody looked. */
  | { readonly type: 'remake'; readonly pick: number };

export const SYSTEM = 'metallb-system';

const API_VERSIONS: Readonly<Record<string, string>> = {
  EndpointSlice: 'discovery.k8s.io/v1',
  BGPPeer: 'metallb.io/v1beta2',
  ...Object.fromEntries(
    ['IPAddressPool', 'BGPAdvertisement', 'L2Advertisement', 'Community', 'BFDProfile'].map((kind) => [
      kind,
      'metallb.io/v1beta1',
    ]),
  ),
};

const BIRTHDAYS = ['2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z', '2024-01-03T00:00:00Z'];

/** The object as the reader of a file or of an API hands it on. Its age goes by its name, so that an edit leaves it as it is. */
export function resourceOf(
  written: Written,
  version: { readonly uid: string; readonly resourceVersion: string } | null,
): Resource {
  const { kind, namespace, name, labels = {}, annotations = {}, body = {} } = written;
  const apiVersion = written.apiVersion ?? API_VERSIONS[kind] ?? 'v1';
  const creationTimestamp = BIRTHDAYS[name.charCodeAt(name.length - 1) % 4] ?? null;
  const metadata = { name, namespace, labels, annotations, creationTimestamp };
  return { apiVersion, kind, metadata, body: { apiVersion, kind, metadata: { name, ...version }, ...body } };
}

/** The object as it was, with one part as in `next`: its labels, its annotations, or a field of its body or spec. */
export function edited(before: Written, next: Written, part: number): Written {
  const fields = Object.keys({ ...specOf(before), ...specOf(next) });
  const choice = ['labels', 'annotations', ...fields][part % (2 + fields.length)] ?? 'labels';
  if (choice === 'labels' || choice === 'annotations') return { ...before, [choice]: next[choice] ?? {} };
  const written = specOf(next)[choice];
  if (before.body?.spec === undefined) return { ...before, body: { ...before.body, [choice]: written } };
  return { ...before, body: { ...before.body, spec: { ...specOf(before), [choice]: written } } };
}

const specOf = ({ body }: Written): Readonly<Record<string, unknown>> =>
  (body?.spec ?? body ?? {}) as Readonly<Record<string, unknown>>;

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const some = <T>(values: readonly T[], minLength = 0): fc.Arbitrary<T[]> =>
  fc.subarray([...values], { minLength, maxLength: Math.max(minLength, 2) });
const among = fc.constantFrom;
const named = (prefix: string, count: number): fc.Arbitrary<string> => fc.nat(count - 1).map((i) => `${prefix}${i}`);
/** Mostly what is said first, now and then what is faulty. */
const mostly = <T>(usual: fc.Arbitrary<T>, faulty: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: faulty });

const TIERS = ['a', 'b'] as const;
const tier = among(...TIERS);
const labels = (key: string): fc.Arbitrary<Record<string, string>> =>
  optional(tier).map((value): Record<string, string> => (value === undefined ? {} : { [key]: value }));
const selector = (key: string): fc.Arbitrary<unknown> =>
  fc.oneof(
    tier.map((value) => ({ matchLabels: { [key]: value } })),
    among('Exists', 'DoesNotExist').map((operator) => ({ matchExpressions: [{ key, operator }] })),
  );
/** Nearly always none: what is selected by labels is seldom, and where everything was, nothing would ever be announced. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const selectors = (key: string): fc.Arbitrary<unknown> =>
  fc.uniqueArray(selector(key), { maxLength: 2, selector: (s) => JSON.stringify(s) });

/** Without the fields that are not there. */
const given = (record: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

const serviceName = named('s', 9);
const nodeName = named('n', 4);
const poolName = named('p', 4);
const peerName = named('r', 4);
const application = among('x', 'y');
const ADDRESSES = ['10.0.0.0', '10.0.0.1', '10.0.1.2', '10.0.2.255', '10.0.9.9', 'fc00::1', 'fc00::1:1'] as const;

const service: fc.Arbitrary<Written> = fc
  .record({
    namespace: among('x', 'y'),
    name: serviceName,
    labels: labels('tier'),
    annotations: fc.record({
      'metallb.io/address-pool': rarely(
        fc.oneof({ weight: 5, arbitrary: poolName }, { weight: 1, arbitrary: fc.constant('nowhere') }),
      ),
      'metallb.io/loadBalancerIPs': rarely(some<string>(ADDRESSES, 1).map((ips) => ips.join(','))),
      'metallb.universe.tf/allow-shared-ip': optional(among('k', 'k', 'k', 'l')),
      'metallb.io/endpoint-policy': rarely(among('ready', 'serving', 'sometimes')),
    }),
    type: mostly(fc.constant('LoadBalancer'), among('ClusterIP', 7)),
    loadBalancerClass: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constant('else') },
    ),
    externalTrafficPolicy: mostly(among('Cluster', 'Local'), fc.constant('Nowhere')),
    families: among(
      ...new Array<object>(6).fill({ clusterIPs: ['10.96.0.1'] }),
      { clusterIPs: ['fd00::1'] },
      { clusterIPs: ['10.96.0.1', 'fd00::1'], ipFamilyPolicy: 'PreferDualStack' },
      { clusterIPs: ['fd00::1', '10.96.0.1'], ipFamilyPolicy: 'PreferDualStack' },
      { clusterIPs: ['10.96.0.1', 'fd00::1'], ipFamilyPolicy: 'RequireDualStack' },
    ),
    app: optional(application),
    port: mostly(among(80, 81, 82), fc.constant(70_000)),
    ingress: fc.oneof(
      { weight: 3, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: some<string>(ADDRESSES) },
    ),
  })
  .map(({ namespace, name, labels: own, annotations, app, port, ingress, families, ...spec }) => ({
    kind: 'Service',
    namespace,
    name,
    labels: own,
    annotations: given(annotations),
    body: {
      spec: {
        ...spec,
        ...families,
        ...(app === undefined ? {} : { selector: { app } }),
        ports: [{ port, protocol: 'TCP' }],
      },
      status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } },
    },
  }));

/** Services that share one address, and of which each can be advertised in its own way. */
const sharer: fc.Arbitrary<Written> = fc
  .record({
    index: fc.nat(2),
    tier,
    externalTrafficPolicy: among('Cluster', 'Cluster', 'Local'),
    address: among('10.0.0.0', '10.0.0.0', '10.0.0.0,fc00::1'),
    at: among('10.0.0.0', '10.0.0.1'),
  })
  .map(({ index, tier: own, externalTrafficPolicy, address, at }) => {
    const ips = index === 2 ? at : address;
    return {
      kind: 'Service',
      namespace: 'x',
      name: `t${index}`,
      labels: { tier: own },
      annotations: { 'metallb.io/loadBalancerIPs': ips, 'metallb.io/allow-shared-ip': 'k' },
      body: {
        spec: {
          type: 'LoadBalancer',
          clusterIPs: ips.includes(',') ? ['10.96.0.1', 'fd00::1'] : ['10.96.0.1'],
          ipFamilyPolicy: ips.includes(',') ? 'RequireDualStack' : 'SingleStack',
          externalTrafficPolicy,
          // One selector: with Local, Services share an address only in front of the same Pods.
          selector: { app: 'x' },
          ports: [{ port: 90 + index, protocol: 'TCP' }],
        },
      },
    };
  });

const endpoint = fc.record({
  addresses: fc.constant(['10.244.0.1']),
  nodeName: fc.oneof({ weight: 4, arbitrary: nodeName }, { weight: 1, arbitrary: fc.constant(undefined) }),
  conditions: among({}, {}, { ready: false }, { ready: false, serving: true }, { ready: true, serving: false }),
});

const slice: fc.Arbitrary<Written> = fc
  .record({
    namespace: among('x', 'y'),
    name: named('e', 12),
    owner: fc.oneof(
      { weight: 9, arbitrary: serviceName },

      { weight: 1, arbitrary: fc.constant('') },
    ),
    endpoints: mostly(fc.array(endpoint, { maxLength: 3 }), fc.constant('many')),
  })
  .map(({ namespace, name, owner, endpoints }) => ({
    kind: 'EndpointSlice',
    namespace,
    name,
    labels: { 'kubernetes.io/service-name': owner },
    body: { endpoints },
  }));

/** The endpoints of a Service that shares its address. */
const sharedSlice: fc.Arbitrary<Written> = fc
  .record({ index: fc.nat(2), endpoints: fc.array(endpoint, { minLength: 1, maxLength: 3 }) })
  .map(({ index, endpoints: list }) => ({
    kind: 'EndpointSlice',
    namespace: 'x',
    name: `shared${index}`,
    labels: { 'kubernetes.io/service-name': `t${index}` },
    body: { endpoints: list },
  }));

const endpoints: fc.Arbitrary<Written> = fc
  .record({ namespace: among('x', 'y'), name: serviceName, nodeName: mostly(nodeName, fc.constant(5)) })
  .map(({ namespace, name, nodeName: on }) => ({
    kind: 'Endpoints',
    namespace,
    name,
    body: { subsets: [{ addresses: [{ ip: '10.244.0.9', nodeName: on }] }] },
  }));

const node: fc.Arbitrary<Written> = fc
  .record({
    name: nodeName,
    labels: labels('rack'),
    excluded: fc.nat(24),
    unavailable: fc.nat(24),
    address: mostly(named('192.168.1.1', 3), fc.constant('here')),
    otherAddress: optional(fc.constant('fd00::11')),
  })
  .map(({ name, labels: own, excluded, unavailable, address, otherAddress }) => ({
    kind: 'Node',
    namespace: '',
    name,
    labels: excluded === 0 ? { ...own, 'node.kubernetes.io/exclude-from-external-load-balancers': '' } : own,
    body: {
      status: {
        addresses: [address, ...(otherAddress === undefined ? [] : [otherAddress])].map((ip) => ({
          type: 'InternalIP',
          address: ip,
        })),
        conditions: unavailable === 0 ? [{ type: 'NetworkUnavailable', status: 'True' }] : [],
      },
    },
  }));

const namespace: fc.Arbitrary<Written> = fc
  .record({ name: among('x', 'y'), labels: labels('team') })
  .map((own) => ({ kind: 'Namespace', namespace: '', ...own }));

const secret: fc.Arbitrary<Written> = fc
  .record({
    namespace: among(SYSTEM, SYSTEM, SYSTEM, 'x'),
    name: among('k1', 'k2'),
    body: mostly(
      among('eA==', 'eQ==', 'eg==').map((password) => ({ data: { password } })),
      among({}, { data: { password: '!' } }, { type: 'tls', data: { password: 'eA==' } }),
    ).map((body) => body as Record<string, unknown>),
  })
  .map((own) => ({ kind: 'Secret', ...own }));

/** Each pool has ranges of its own, of two to six addresses; now and then it claims one of another pool. */
const rangesOf = (pool: string): readonly string[] => {
  const i = pool.slice(1);
  return [`10.0.${i}.0-10.0.${i}.2`, `10.0.${i}.254-10.0.${i}.255`, `fc00::${i}:0/127`, `10.0.${i}.8/32`];
};

const pool: fc.Arbitrary<Written> = fc
  .record({
    name: poolName,
    labels: labels('zone'),
    addresses: fc.nat(39),
    foreign: fc.nat(19),
    autoAssign: among(true, true, true, true, true, false),
    avoidBuggyIPs: among(false, false, true),
    serviceAllocation: rarely(
      fc.record(
        {
          priority: fc.nat(2),
          namespaces: some(['x', 'y'], 1),
          namespaceSelectors: selectors('team'),
          serviceSelectors: selectors('tier'),
        },
        { requiredKeys: [] },
      ),
    ),
  })
  .map(({ addresses, foreign, ...rest }) => {
    const own = rangesOf(rest.name);
    const chosen = own.filter((_, i) => i === addresses % 2 || ((addresses >> i) & 1) === 1);
    const claimed = foreign === 0 ? ['10.0.1.1-10.0.1.9'] : foreign === 1 ? ['10.0.0.256'] : [];
    return { ...rest, addresses: [...chosen, ...claimed] };
  })
  .map(({ name, labels: own, ...spec }) => ({
    kind: 'IPAddressPool',
    namespace: SYSTEM,
    name,
    labels: own,
    body: { spec },
  }));

const peer: fc.Arbitrary<Written> = fc
  .record({
    name: peerName,
    myASN: fc.constant(64_513),
    peerASN: mostly(among(64_512, 64_512, 64_513), fc.constant(-1)),
    peerAddress: among('192.168.1.1', '192.168.1.2', 'fd01::1'),
    nodeSelectors: rarely(selectors('rack')),
    nodeSelectorsPolicy: optional(among('All', 'Any')),
    holdTime: optional(among('30s', '90s')),
    key: among({}, {}, {}, {}, { password: 'k1' }, { passwordSecret: { name: 'k2' } }),
    dualStackAddressFamily: fc.boolean(),
    bfdProfile: among(undefined, undefined, 'fast'),
  })
  .map(({ name, key, ...spec }) => ({ kind: 'BGPPeer', namespace: SYSTEM, name, body: { spec: { ...spec, ...key } } }));

const advertisement: fc.Arbitrary<Written> = fc
  .record({
    name: named('a', 4),
    ipAddressPools: fc.oneof(fc.constant(undefined), some(['p0', 'p1', 'p2', 'p3'])),
    ipAddressPoolSelectors: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: selectors('zone') },
    ),
    nodeSelectors: rarely(selectors('rack')),
    serviceSelectors: fc.oneof(
      { weight: 2, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: selectors('tier') },
    ),
    peers: fc.oneof(
      { weight: 1, arbitrary: fc.constant(undefined) },
      { weight: 3, arbitrary: some(['r0', 'r1', 'r2', 'r3'], 1) },
    ),
    aggregationLength: mostly(among(32, 32, 32, 31, 30), fc.constant(64)),
    aggregationLengthV6: among(undefined, undefined, 127),
    localPref: among(undefined, undefined, 100, 200),
    med: among(undefined, undefined, 7),
    communities: fc.oneof(fc.constant(undefined), some(['64512:1', 'blue', 'no-export'])),
    extendedCommunities: fc.oneof(fc.constant(undefined), some(['rt:64512:1', 'soo:192.0.2.1:2'])),
  })
  .map(({ name, ...spec }) => ({ kind: 'BGPAdvertisement', namespace: SYSTEM, name, body: { spec } }));

/** The router that advertisements for one tier are for: seldom named by others, whose LOCAL_PREF would be in the way. */
const internalPeer: fc.Arbitrary<Written> = fc
  .record({ nodeSelectors: rarely(selectors('rack')), dualStackAddressFamily: fc.boolean() })
  .map((spec) => ({
    kind: 'BGPPeer',
    namespace: SYSTEM,
    name: 'r9',
    body: { spec: { ...spec, myASN: 64_513, peerASN: 64_513, peerAddress: '192.168.1.9' } },
  }));

/** An advertisement for one tier, with a LOCAL_PREF of its own. */
const selective: fc.Arbitrary<Written> = fc
  .record({ tier, localPref: among(undefined, 100, 200, 200), nodeSelectors: rarely(selectors('rack')) })
  .map(({ tier: own, ...spec }) => ({
    kind: 'BGPAdvertisement',
    namespace: SYSTEM,
    name: `a-${own}`,
    body: { spec: { ...spec, peers: ['r9'], serviceSelectors: [{ matchLabels: { tier: own } }] } },
  }));

const layer2Advertisement: fc.Arbitrary<Written> = fc
  .record({
    name: named('l', 3),
    ipAddressPools: fc.oneof(fc.constant(undefined), some(['p0', 'p1', 'p2', 'p3'])),
    nodeSelectors: rarely(selectors('rack')),
    serviceSelectors: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: selectors('tier') },
    ),
    interfaces: rarely(some(['eth0', 'eth1'])),
    preferredNodeSelectors: rarely(
      fc.array(fc.record({ weight: among(1, 50), preference: selector('rack') }), { minLength: 1, maxLength: 2 }),
    ),
  })
  .map(({ name, ...spec }) => ({ kind: 'L2Advertisement', namespace: SYSTEM, name, body: { spec } }));

const community: fc.Arbitrary<Written> = fc
  .record({
    name: among('c0', 'c1'),
    alias: among('blue', 'red'),
    value: mostly(among('64512:7', 'large:1:2:3'), fc.constant('7')),
  })
  .map(({ name, alias, value }) => ({
    kind: 'Community',
    namespace: SYSTEM,
    name,
    body: { spec: { communities: [{ name: alias, value }] } },
  }));

const profile: fc.Arbitrary<Written> = mostly(fc.constant(300), fc.constant('soon')).map((receiveInterval) => ({
  kind: 'BFDProfile',
  namespace: SYSTEM,
  name: 'fast',
  body: { spec: { receiveInterval } },
}));

/** Unknown versions, kinds of other groups and namespaces of others are nobody's business, or a finding. */
const foreign: fc.Arbitrary<Written> = among(
  { kind: 'Service', namespace: 'x', name: 's0', apiVersion: 'serving.knative.dev/v1' },
  { kind: 'Pod', namespace: 'x', name: 's0' },
  { kind: 'BGPPeer', namespace: SYSTEM, name: 'r0', apiVersion: 'metallb.io/v1alpha1' },
);

const object: fc.Arbitrary<Written> = fc.oneof(
  { weight: 8, arbitrary: service },
  { weight: 3, arbitrary: sharer },
  { weight: 6, arbitrary: slice },
  { weight: 3, arbitrary: sharedSlice },
  { weight: 1, arbitrary: endpoints },
  { weight: 3, arbitrary: node },
  { weight: 1, arbitrary: namespace },
  { weight: 1, arbitrary: secret },
  { weight: 3, arbitrary: pool },
  { weight: 2, arbitrary: peer },
  { weight: 3, arbitrary: advertisement },
  { weight: 1, arbitrary: internalPeer },
  { weight: 2, arbitrary: selective },
  { weight: 2, arbitrary: layer2Advertisement },
  { weight: 1, arbitrary: community },
  { weight: 1, arbitrary: profile },
  { weight: 1, arbitrary: foreign },
);

const pick = fc.nat(1_000);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      object,
      versioned: fc.boolean(),
      part: fc.option(pick),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('again' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('remake' as const), pick }) },
);

/** Steps that are seen together, mostly one at a time, sometimes several. */
const batch: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 8, arbitrary: step.map((one) => [one]) },
  { weight: 1, arbitrary: fc.array(step, { minLength: 2, maxLength: 6 }) },
);

/** What is listed before anything is decided, and what happens afterwards. */
export const life = (
  steps: number,
): fc.Arbitrary<{ readonly listed: readonly Step[]; readonly later: readonly (readonly Step[])[] }> =>
  fc.record({
    listed: fc.array(step, { maxLength: 60, size: 'max' }),
    later: fc.array(batch, { minLength: steps >> 1, maxLength: steps, size: 'max' }),
  });
