/** The manifests in which rules show what they mean: short, whole, and read by the same readers as a user's. */

/** Several objects of one manifest. */
export const manifest = (...objects: readonly string[]): string => objects.join('---\n');

/** A metallb.io object; `spec` is YAML, its lines below `spec:`. */
export const metallb = (kind: string, name: string, spec: string): string =>
  `apiVersion: metallb.io/${kind === 'BGPPeer' ? 'v1beta2' : 'v1beta1'}
kind: ${kind}
metadata: { name: ${name}, namespace: metallb-system }
spec:
${below(spec)}`;

/** An IPAddressPool. */
export const pool = (name: string, spec: string): string => metallb('IPAddressPool', name, spec);

/** A BGPPeer in AS 64512, we in 64513, unless `spec` says otherwise. */
export const peer = (name: string, spec: string): string => {
  const asns = [
    /^myASN:/m.test(spec) ? '' : 'myASN: 64513\n',
    /^(peer|dynamic)ASN:/m.test(spec) ? '' : 'peerASN: 64512\n',
  ];
  return metallb('BGPPeer', name, asns.join('') + spec);
};

/** A BGPAdvertisement. */
export const bgp = (name: string, spec: string): string => metallb('BGPAdvertisement', name, spec);

/** An L2Advertisement. */
export const layer2 = (name: string, spec: string): string => metallb('L2Advertisement', name, spec);

/** A Service of type LoadBalancer with port 80, unless `spec` says otherwise; `annotations` is the inside of a YAML mapping. */
export const service = (name: string, spec = '', annotations = ''): string =>
  `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: default
${annotations === '' ? '' : `  annotations:\n${below(annotations, 4)}`}spec:
${/^type:/m.test(spec) ? '' : '  type: LoadBalancer\n'}${below(spec)}${/^selector:/m.test(spec) ? '' : `  selector: { app: ${name} }\n`}${/^ports:/m.test(spec) ? '' : '  ports: [{ port: 80 }]\n'}`;

/** A Node; `labels` is the inside of a YAML flow mapping. */
export const node = (name: string, address: string, labels = ''): string =>
  `apiVersion: v1
kind: Node
metadata: { name: ${name}${labels === '' ? '' : `, labels: { ${labels} }`} }
status: { addresses: [{ type: InternalIP, address: ${address} }] }
`;

/** Where a Service can be served: one endpoint on each of the nodes. */
export const endpoints = (name: string, ...nodes: readonly string[]): string =>
  `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, namespace: default, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
endpoints:
${nodes.map((on, i) => `  - { addresses: [10.244.0.${i + 1}], nodeName: ${on} }\n`).join('')}`;

const below = (text: string, spaces = 2): string =>
  text
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? '\n' : `${' '.repeat(spaces)}${line}\n`))
    .join('');
