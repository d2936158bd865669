/**
 * The smallest network there is: one node and one router on a cable, and manifests for the node's speaker.
 *
 * Documentation addresses and both families; what a test wants different it says in {@link PairOptions}.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Daemon } from './daemon.ts';
import { link, type NetworkNamespace } from './netns.ts';
import type { Sandbox } from './sandbox.ts';
import { startSpeaker } from './speaker.ts';

export const NODE = { name: 'node1', ipv4: '192.0.2.10', ipv6: '2001:db8::10' } as const;
export const ROUTER = { name: 'router', ipv4: '192.0.2.1', ipv6: '2001:db8::1' } as const;
export const NODE_ASN = 64513;
export const ROUTER_ASN = 64512;

/** What the speaker announces, one Service for each family. */
export const PREFIXES = { ipv4: '198.51.100.1/32', ipv6: '2001:db8:100::1/128' } as const;
export const COMMUNITY = '64512:100';
export const LARGE_COMMUNITY = '64512:1:2';

export interface PairOptions {
  /** Families that the node has a session in; each session carries the prefixes of its own family. */
  readonly families: readonly ('ipv4' | 'ipv6')[];
  /** `spec.password` of the peers. */
  readonly password?: string;
  /** Begins the names of the peers; the router's own unless told. */
  readonly peerName?: string;
  /** The AS that the manifest says the router is in. */
  readonly peerASN?: number;
  /** The AS that the manifest says we are in. */
  readonly myASN?: number;
  readonly holdTime?: string;
  /** The address that the manifest gives the IPv4 router; its own unless told. */
  readonly peerAddress?: string;
  readonly sourceAddress?: string;
  /** Further lines of the peers' spec, such as `maxPrefixes: 2`. */
  readonly spec?: readonly string[];
  /** Further options of the speaker; they count when it is started. */
  readonly flags?: readonly string[];
}

export class Pair {
  readonly node: NetworkNamespace;
  readonly router: NetworkNamespace;
  readonly #sandbox: Sandbox;
  #speakers = 0;

  private constructor(sandbox: Sandbox, node: NetworkNamespace, router: NetworkNamespace) {
    this.#sandbox = sandbox;
    this.node = node;
    this.router = router;
  }

  static async build(sandbox: Sandbox): Promise<Pair> {
    const node = await sandbox.namespace(NODE.name);
    const router = await sandbox.namespace(ROUTER.name);
    await link(
      { namespace: node, device: 'eth0', addresses: [`${NODE.ipv4}/24`, `${NODE.ipv6}/64`] },
      { namespace: router, device: 'eth0', addresses: [`${ROUTER.ipv4}/24`, `${ROUTER.ipv6}/64`] },
    );
    return new Pair(sandbox, node, router);
  }

  /** Writes the manifests that the options stand for; a running speaker takes them over. */
  configure(options: PairOptions): void {
    const folder = this.#sandbox.subdirectory('manifests');
    // Renamed into place, so that nobody ever reads half of it.
    writeFileSync(join(folder, '.new'), manifests(options));
    renameSync(join(folder, '.new'), join(folder, 'all.yaml'));
  }

  /** Starts the speaker on the manifests that the options stand for. */
  startSpeaker(options: PairOptions): Daemon {
    this.configure(options);
    this.#speakers += 1;
    return startSpeaker({
      sandbox: this.#sandbox,
      namespace: this.node,
      node: NODE.name,
      from: [this.#sandbox.subdirectory('manifests')],
      life: `${this.#speakers}`,
      flags: options.flags ?? [],
    });
  }
}

/** Node, pool, Services with endpoints, peers and an advertisement with communities. */
export function manifests(options: PairOptions): string {
  const {
    families,
    password,
    sourceAddress,
    peerName = ROUTER.name,
    peerASN = ROUTER_ASN,
    holdTime = '9s',
    peerAddress = ROUTER.ipv4,
    myASN = NODE_ASN,
    spec = [],
  } = options;
  const peer = (family: 'ipv4' | 'ipv6'): string => `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: ${peerName}-${family}, namespace: metallb-system }
spec:
  myASN: ${myASN}
  peerASN: ${peerASN}
  peerAddress: "${family === 'ipv4' ? peerAddress : ROUTER.ipv6}"
  holdTime: ${holdTime}
${sourceAddress === undefined ? '' : `  sourceAddress: "${sourceAddress}"\n`}\
${password === undefined ? '' : `  password: "${password}"\n`}\
${spec.map((line) => `  ${line}\n`).join('')}`;
  const service = (family: 'ipv4' | 'ipv6'): string => `
apiVersion: v1
kind: Service
metadata: { name: web-${family}, namespace: default }
spec:
  type: LoadBalancer
  ipFamilyPolicy: SingleStack
  ipFamilies: [${family === 'ipv4' ? 'IPv4' : 'IPv6'}]
  ports: [{ port: 80, protocol: TCP }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: web-${family}-1
  namespace: default
  labels: { kubernetes.io/service-name: web-${family} }
addressType: ${family === 'ipv4' ? 'IPv4' : 'IPv6'}
endpoints:
  - addresses: ["${family === 'ipv4' ? '10.244.1.2' : 'fd00:10:244:1::2'}"]
    conditions: { ready: true, serving: true, terminating: false }
    nodeName: ${NODE.name}
`;
  return [
    `
apiVersion: v1
kind: Node
metadata: { name: ${NODE.name} }
status:
  addresses:
    - { type: InternalIP, address: "${NODE.ipv4}" }
    - { type: InternalIP, address: "${NODE.ipv6}" }
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: pool, namespace: metallb-system }
spec:
  addresses: [198.51.100.1-198.51.100.9, "2001:db8:100::1-2001:db8:100::9"]
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: all, namespace: metallb-system }
spec:
  communities: ["${COMMUNITY}", "large:${LARGE_COMMUNITY}"]
`,
    ...(['ipv4', 'ipv6'] as const).map(service),
    ...families.map(peer),
  ].join('---');
}
