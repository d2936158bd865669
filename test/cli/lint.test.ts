/** `metallb lint` as its users meet it: rules in words, comments that silence, and input of any kind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/lint/catalogue.ts';
import { metallb } from './fake-io.ts';

const PEER = `apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: router-a, namespace: metallb-system }
spec: { myASN: 64513, peerASN: 64512, peerAddress: 192.0.2.1, holdTime: 9s }
`;

describe('metallb lint --list', () => {
  it('has a line for each rule, by name, and the same for programs', async () => {
    const { status, stdout, stderr } = await metallb(['lint', '--list']);
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBe(CATALOGUE.length + 2);
    expect(lines.find((line) => line.startsWith('local-pref-on-ebgp '))).toMatch(/ {2}warning {2}\S/);
    const { rules } = JSON.parse((await metallb(['lint', '--list', '-o', 'json'])).stdout) as {
      rules: { rule: string }[];
    };
    expect(rules.map(({ rule }) => rule)).toEqual(CATALOGUE.map(({ name }) => name).sort());
  });
});

describe('metallb lint --explain', () => {
  it.each(CATALOGUE.map(({ name }) => name))('%s', async (name) => {
    const { status, stdout, stderr } = await metallb(['lint', '--explain', name]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^${name} {2}(error|warning|info) {2}\\S`));
    for (const heading of ['What to do', 'Does not fire']) expect(stdout).toContain(`\n${heading}\n`);
  });

  it('says which rule was meant', async () => {
    expect(await metallb(['lint', '--explain', 'no-bdf'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'metallb: no rule is called "no-bdf"; did you mean "no-bfd"?\n',
    });
  });
});

describe('comments that silence', () => {
  it('leave a finding out of text, JSON and plan, and are counted', async () => {
    const stdin = `# metallb-lint-disable single-peer the lab has one router\n${PEER}`;
    expect((await metallb(['lint', '-'], { stdin })).stdout).toBe(
      '0 errors, 0 warnings, 0 infos (and 1 silenced by comments)\n',
    );
    expect(JSON.parse((await metallb(['lint', '-', '-o', 'json'], { stdin })).stdout)).toEqual({ diagnostics: [] });
    expect(JSON.parse((await metallb(['plan', '-', '-o', 'json'], { stdin })).stdout)).toMatchObject({
      diagnostics: [],
    });
  });

  it('are findings themselves, where they stand', async () => {
    const stdin = `${PEER}---\n# metallb-lint-disable no-export\n${PEER.replace('router-a', 'router-b').replace('.1,', '.2,')}`;
    const { diagnostics } = JSON.parse((await metallb(['lint', '-', '-o', 'json'], { stdin })).stdout) as {
      diagnostics: unknown[];
    };
    expect(diagnostics).toMatchObject([
      { rule: 'lint-disable-without-reason', severity: 'warning', file: '<stdin>', line: 6, column: 1, object: null },
    ]);
  });
});

/** One object of each kind that is read, every field of it set. */
const OBJECTS: readonly Readonly<Record<string, unknown>>[] = [
  object('metallb.io/v1beta1', 'IPAddressPool', {
    addresses: ['192.0.2.0/24', '2001:db8::/64'],
    autoAssign: true,
    avoidBuggyIPs: true,
    serviceAllocation: {
      priority: 1,
      namespaces: ['default'],
      namespaceSelectors: [{ matchLabels: { a: 'b' } }],
      serviceSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
    },
  }),
  object('metallb.io/v1beta2', 'BGPPeer', {
    myASN: 64513,
    peerASN: 64512,
    peerAddress: '10.0.0.1',
    peerPort: 179,
    sourceAddress: '10.0.0.11',
    holdTime: '90s',
    keepaliveTime: '30s',
    connectTime: '5s',
    routerID: '10.0.0.11',
    nodeSelectors: [{ matchLabels: { 'kubernetes.io/os': 'linux' } }],
    nodeSelectorsPolicy: 'All',
    bfdProfile: 'x',
    ebgpMultiHop: true,
    passwordSecret: { name: 'x' },
    enableGracefulRestart: true,
    dualStackAddressFamily: true,
    maxPrefixes: 100,
  }),
  object('metallb.io/v1beta1', 'BGPAdvertisement', {
    ipAddressPools: ['x'],
    ipAddressPoolSelectors: [{ matchLabels: { a: 'b' } }],
    nodeSelectors: [{ matchLabels: { a: 'b' } }],
    peers: ['x'],
    aggregationLength: 24,
    aggregationLengthV6: 64,
    localPref: 100,
    communities: ['x', '64512:1', 'large:1:2:3'],
    med: 1,
    asPathPrepend: 1,
  }),
  object('metallb.io/v1beta1', 'L2Advertisement', {
    ipAddressPools: ['x'],
    interfaces: ['eth0'],
    nodeSelectors: [{ matchLabels: { a: 'b' } }],
    serviceSelectors: [{ matchLabels: { a: 'b' } }],
    preferredNodeSelectors: [{ weight: 1, preference: { matchLabels: { a: 'b' } } }],
  }),
  object('metallb.io/v1beta1', 'Community', { communities: [{ name: 'x', value: '64512:1' }] }),
  object('metallb.io/v1beta1', 'BFDProfile', {
    receiveInterval: 300,
    transmitInterval: 300,
    detectMultiplier: 3,
    echoMode: true,
    passiveMode: true,
    minimumTtl: 254,
  }),
  {
    ...object('v1', 'Service', {
      type: 'LoadBalancer',
      clusterIPs: ['10.96.0.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      externalTrafficPolicy: 'Local',
      loadBalancerIP: '192.0.2.7',
      selector: { a: 'b' },
      ports: [{ port: 80, protocol: 'TCP' }],
    }),
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
  },
  {
    ...object('v1', 'Node', { podCIDRs: ['10.244.0.0/24'] }),
    status: {
      addresses: [{ type: 'InternalIP', address: '10.0.0.11' }],
      conditions: [{ type: 'NetworkUnavailable', status: 'False' }],
    },
  },
  { ...object('v1', 'Secret', undefined), type: 'Opaque', stringData: { password: 'k' }, data: { password: 'aw==' } },
  { ...object('v1', 'ConfigMap', undefined), data: { config: 'peers:', extras: 'x', 'config.conf': 'mode: ipvs' } },
  object('v1', 'Pod', {
    containers: [{ command: ['--cluster-cidr=10.244.0.0/16'], args: ['--service-cluster-ip-range=10.96.0.0/12'] }],
  }),
  object('networking.k8s.io/v1', 'ServiceCIDR', { cidrs: ['10.96.0.0/12'] }),
  object('apps/v1', 'DaemonSet', {}),
  object('frrk8s.metallb.io/v1beta1', 'FRRConfiguration', { bgp: { routers: [] }, raw: { rawConfig: 'x' } }),
  {
    ...object('discovery.k8s.io/v1', 'EndpointSlice', undefined),
    endpoints: [{ addresses: ['10.244.0.1'], nodeName: 'x', conditions: { ready: true, serving: true } }],
  },
];

function object(apiVersion: string, kind: string, spec: unknown): Readonly<Record<string, unknown>> {
  const metadata = {
    name: 'x',
    ...(apiVersion.startsWith('metallb.io') ? { namespace: 'metallb-system' } : {}),
    labels: { a: 'b', 'kubernetes.io/service-name': 'x' },
    annotations: {
      'metallb.io/allow-shared-ip': 'k',
      'metallb.io/address-pool': 'x',
      'metallb.io/router-max-paths': '2',
    },
  };
  return { apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) };
}

type Path = readonly (string | number)[];

/** The path of every value in a JSON value, its own included. */
function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [
    at,
    ...Object.entries(value).flatMap(([key, entry]) =>
      pathsIn(entry, [...at, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

const PATHS = pathsIn(OBJECTS).filter((path) => path.length > 0);

function withValue(value: unknown, [step, ...rest]: Path, replacement: unknown): unknown {
  if (step === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((entry: unknown, i) => (i === step ? withValue(entry, rest, replacement) : entry));
  const record = value as Readonly<Record<string, unknown>>;
  return { ...record, [step]: withValue(record[step], rest, replacement) };
}

/** Texts that a terminal obeys, and texts that a program might take for something else. */
const NASTY = fc.constantFrom(
  '\u001b[2J',
  '\u009b31m',
  '\u202eabc',
  '\u2066x\u2069',
  '\u0000',
  '\r\n',
  '\ud800',
  '__proto__',
  'constructor',
  '',
  ' ',
  '-1',
  '1e999',
  '::/0',
  '0.0.0.0/0',
  '4294967296:1',
  'x'.repeat(300),
  ['$', '{X}'].join(''),
);
const ANY = fc.oneof(
  NASTY,
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.array(NASTY, { maxLength: 3 }),
  fc.dictionary(NASTY, NASTY, { maxKeys: 3 }),
);

/** All but the line break, which ends our own lines. */
const OBEYED = /(?!\n)\p{Cc}|[\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

describe('any JSON value in any field of any object', () => {
  it('gives findings or a plan, never an exception, and reaches no terminal unescaped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...PATHS), ANY), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          const items = changes.reduce<unknown>((objects, [path, value]) => {
            try {
              return withValue(objects, path, value);
            } catch {
              return objects; // an earlier change has taken the way
            }
          }, OBJECTS);
          const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
          for (const args of [
            ['lint', '-'],
            ['lint', '-', '-o', 'json'],
            ['lint', '-', '-o', 'sarif'],
            ['plan', '-'],
          ]) {
            const { status, stdout, stderr } = await metallb(args, { stdin });
            // 2 only where the text itself cannot be read: JSON.stringify writes nothing of that kind.
            expect([0, 1]).toContain(status);
            expect(stdout + stderr).not.toMatch(OBEYED);
            if (args.includes('json') || args.includes('sarif')) JSON.parse(stdout);
          }
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);
});
