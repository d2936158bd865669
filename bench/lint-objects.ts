/** What `metallb lint` is measured with, and tested with. */

type Json = Readonly<Record<string, unknown>>;

const object = (apiVersion: string, kind: string, name: string, rest: Json, metadata: Json = {}): Json => ({
  apiVersion,
  kind,
  metadata: { name, ...metadata },
  ...rest,
});
const many = (count: number, make: (i: number) => Json): readonly Json[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** A cluster as a large user has it: 500 objects. */
export const CLUSTER: readonly Json[] = [
  ...many(20, (i) =>
    object('metallb.io/v1beta1', 'IPAddressPool', `p${i}`, { spec: { addresses: [`10.${i}.0.0/24`] } }),
  ),
  ...many(20, (i) =>
    object('metallb.io/v1beta2', 'BGPPeer', `r${i}`, {
      spec: {
        myASN: 64513,
        peerASN: 64512,
        peerAddress: `172.16.0.${i + 1}`,
        nodeSelectors: [{ matchLabels: { rack: `${i % 10}` } }],
      },
    }),
  ),
  ...many(60, (i) =>
    object('metallb.io/v1beta1', 'BGPAdvertisement', `a${i}`, {
      spec: { ipAddressPools: [`p${i % 20}`], peers: [`r${i % 20}`], localPref: 100 + i },
    }),
  ),
  ...many(100, (i) =>
    object(
      'v1',
      'Node',
      `n${i}`,
      { status: { addresses: [{ type: 'InternalIP', address: `172.16.1.${i + 1}` }] } },
      { labels: { rack: `${i % 10}` } },
    ),
  ),
  ...many(150, (i) =>
    object('v1', 'Service', `s${i}`, {
      spec: {
        type: 'LoadBalancer',
        selector: { app: 'x' },
        externalTrafficPolicy: i % 2 === 0 ? 'Cluster' : 'Local',
        ports: [{ port: 80 }],
      },
    }),
  ),
  ...many(150, (i) =>
    object(
      'discovery.k8s.io/v1',
      'EndpointSlice',
      `s${i}-x`,
      { endpoints: [{ addresses: ['10.244.0.1'], nodeName: `n${i % 100}` }] },
      { labels: { 'kubernetes.io/service-name': `s${i}` } },
    ),
  ),
];

/** 10,000 objects, each with two errors or more. */
export const FAULTY: readonly Json[] = [
  ...many(2500, (i) =>
    object('metallb.io/v1beta1', 'IPAddressPool', `p${i}`, { spec: { addresses: ['x', 'y'], autoasign: 1 } }),
  ),
  ...many(2500, (i) =>
    object('metallb.io/v1beta2', 'BGPPeer', `r${i}`, { spec: { myASN: 'x', peerAddress: 'y', holdTime: 'z' } }),
  ),
  ...many(2500, (i) =>
    object('metallb.io/v1beta1', 'BGPAdvertisement', `a${i}`, {
      spec: { aggregationLength: 99, communities: ['nono'] },
    }),
  ),
  ...many(2500, (i) =>
    object('v1', 'Service', `s${i}`, { spec: { type: 'LoadBalancer', clusterIP: 'None', ports: [{ port: 'x' }] } }),
  ),
];

/** Block YAML, as kubectl prints it. */
export function yamlOf(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return value.map((entry) => `${indent}-${below(entry, indent)}`).join('');
  return Object.entries(value as Json)
    .map(([key, entry]) => `${indent}${JSON.stringify(key)}:${below(entry, indent)}`)
    .join('');
}
const below = (value: unknown, indent: string): string =>
  typeof value === 'object' ? `\n${yamlOf(value, `${indent}  `)}` : ` ${JSON.stringify(value)}\n`;

/** Documents of one file. */
export const documentsOf = (objects: readonly Json[]): string => objects.map((one) => yamlOf(one)).join('---\n');
