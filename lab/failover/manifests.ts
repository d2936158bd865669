/** The manifests of the fail-over lab: the guide's BFDProfile and hold time, one node, two routers, one Service. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES, SERVICE_ADDRESS } from '../guide.ts';

export const NODE = { name: 'node1', address: '192.168.1.10' } as const;
export const FRR_ADDRESS = '192.168.1.1';
export const BIRD_ADDRESS = '192.168.1.2';
export const NODE_ASN = 64513;
export const ROUTER_ASN = 64512;
/** The guide's. */
export const HOLD_SECONDS = 90;

/** What both sides ask of BFD; null: no BFD. */
export type BfdTiming = { readonly intervalMs: number; readonly multiplier: number } | null;

const PROFILE = 'production-bfd';

/** The guide's BFDProfile, word for word. */
export function guideProfile(): string {
  const text = readFileSync(join(EXAMPLES, 'multi-router/multi-router-config.yaml'), 'utf8');
  const document = text.split(/^---$/m).find((each) => /^kind: BFDProfile$/m.test(each));
  if (document === undefined) throw new Error('the guide has no BFDProfile');
  return document.trim();
}

/** The guide's profile with other intervals. */
function profileWith({ intervalMs, multiplier }: NonNullable<BfdTiming>): string {
  return guideProfile()
    .replace(/(receiveInterval|transmitInterval): \d+/g, `$1: ${intervalMs}`)
    .replace(/detectMultiplier: \d+/, `detectMultiplier: ${multiplier}`);
}

/** Writes the folder for the speaker. */
export function writeManifests(folder: string, timing: BfdTiming): void {
  const peer = (name: string, address: string): string => `apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: ${name}, namespace: metallb-system }
spec:
  myASN: ${NODE_ASN}
  peerASN: ${ROUTER_ASN}
  peerAddress: ${address}
  holdTime: ${HOLD_SECONDS}s
${timing === null ? '' : `  bfdProfile: ${PROFILE}\n`}`;
  const documents = [
    `apiVersion: v1
kind: Node
metadata: { name: ${NODE.name} }
status:
  addresses: [{ type: InternalIP, address: ${NODE.address} }]
`,
    `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: pool, namespace: metallb-system }
spec: { addresses: ["${SERVICE_ADDRESS}/32"] }
`,
    `apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: all, namespace: metallb-system }
`,
    `apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec:
  type: LoadBalancer
  ports: [{ port: 80, protocol: TCP }]
`,
    `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, namespace: default, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
endpoints:
  - addresses: ["10.244.1.10"]
    conditions: { ready: true, serving: true, terminating: false }
    nodeName: ${NODE.name}
`,
    peer('router-frr', FRR_ADDRESS),
    peer('router-bird', BIRD_ADDRESS),
    ...(timing === null ? [] : [profileWith(timing)]),
  ];
  writeFileSync(join(folder, 'all.yaml'), documents.join('---\n'));
}

/** With which FRR's bgpd has BFD watch the node. */
export const bfdLines = (): readonly string[] => [
  `neighbor ${NODE.address} bfd`,
  `neighbor ${NODE.address} bfd profile ${PROFILE}`,
];

/** What FRR boots. */
export function frrConf(timing: BfdTiming): string {
  const bfd =
    timing === null ? [] : [`neighbor ${NODE.address} bfd`, `neighbor ${NODE.address} bfd profile ${PROFILE}`];
  const profile =
    timing === null
      ? ''
      : `bfd
 profile ${PROFILE}
  receive-interval ${timing.intervalMs}
  transmit-interval ${timing.intervalMs}
  detect-multiplier ${timing.multiplier}
 !
!
`;
  const neighbor = [
    `neighbor ${NODE.address} remote-as ${NODE_ASN}`,
    `neighbor ${NODE.address} timers connect 1`,
    // Else bgpd makes its BFD session anew, from the address of the connection, when the BGP session is up, and takes that for a failure.
    `neighbor ${NODE.address} update-source ${FRR_ADDRESS}`,
    ...bfd,
  ];
  return `router bgp ${ROUTER_ASN}
 bgp router-id ${FRR_ADDRESS}
 no bgp ebgp-requires-policy
${neighbor.map((line) => ` ${line}\n`).join('')}!
${profile}`;
}

/** What BIRD boots. */
export function birdConf(timing: BfdTiming): string {
  const bfd =
    timing === null
      ? ''
      : `protocol bfd { interface "eth0" { interval ${timing.intervalMs} ms; multiplier ${timing.multiplier}; }; }\n`;
  return `log stderr all;
router id ${BIRD_ADDRESS};
protocol device {}
protocol kernel { ipv4 { import none; export all; }; }
${bfd}protocol bgp node {
  local ${BIRD_ADDRESS} as ${ROUTER_ASN};
  neighbor ${NODE.address} as ${NODE_ASN};
  hold time ${HOLD_SECONDS};
  connect delay time 1;
  error wait time 1, 2;
${timing === null ? '' : '  bfd on;\n'}  ipv4 { import all; export none; };
}
`;
}
