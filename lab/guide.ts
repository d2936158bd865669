/**
 * The guide's network in names, addresses and router configurations.
 *
 * `guide/frr.conf` is the guide's block, word for word. The other routers' configurations are made from it or say the same in
 * another language; what had to be added to the guide is listed, so that it can be shown.
 */
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './speaker.ts';

/** The Service that the guide creates, and the prefix that its address is announced as. */
export const SERVICE_ADDRESS = '10.100.0.1';
export const SERVICE_PREFIX = '10.100.0.1/32';
/** The guide's pool: what a network without BGP between its own routers needs a static route for. */
export const POOL = '10.100.0.0/24';

/** The key of the guide's router configurations, and of the Secrets of its cluster. */
const KEY = 'your-secure-password';

export interface GuideNode {
  readonly name: string;
  readonly address: string;
  /** The endpoint of nginx-lb on this node (examples/guide/cluster). */
  readonly endpoint: string;
  /** The node's own address in its pods' network. */
  readonly podGateway: string;
}

export const NODES: readonly GuideNode[] = [
  { name: 'node1', address: '192.168.1.10', endpoint: '10.244.1.10', podGateway: '10.244.1.1' },
  { name: 'node2', address: '192.168.1.11', endpoint: '10.244.2.10', podGateway: '10.244.2.1' },
  { name: 'node3', address: '192.168.1.12', endpoint: '10.244.3.10', podGateway: '10.244.3.1' },
];

export interface GuideRouter {
  readonly name: string;
  readonly address: string;
  readonly dataCenter: 1 | 2;
  readonly software: 'frr' | 'bird';
  /** Its address in the client's network, which the guide does not have. */
  readonly outside: string;
}

/** The routers, by the names of their BGPPeers. */
export const ROUTERS: readonly GuideRouter[] = [
  { name: 'dc1-router-primary', address: '192.168.1.1', dataCenter: 1, software: 'frr', outside: '203.0.113.1' },
  { name: 'dc1-router-secondary', address: '192.168.1.2', dataCenter: 1, software: 'bird', outside: '203.0.113.2' },
  { name: 'dc2-router-primary', address: '192.168.2.1', dataCenter: 2, software: 'frr', outside: '203.0.113.3' },
  { name: 'dc2-router-secondary', address: '192.168.2.2', dataCenter: 2, software: 'frr', outside: '203.0.113.4' },
];

/** The router between the data centers: not in the guide, whose second data center is on no subnet of the nodes. */
export const BETWEEN = { name: 'between', inDc1: '192.168.1.254', inDc2: '192.168.2.254' } as const;

/** The client beyond the routers. */
export const CLIENT = { name: 'client', address: '203.0.113.100', network: '203.0.113.0/24' } as const;

const GUIDE_FRR_CONF = join(import.meta.dirname, 'guide/frr.conf');

/** The guide's frr.conf as printed: it is the configuration of 192.168.1.1. */
export function guideFrrConf(): string {
  return readFileSync(GUIDE_FRR_CONF, 'utf8');
}

/** What the guide's frr.conf needs in the second data center, line by line. */
export function dc2Additions(): readonly string[] {
  return NODES.map(({ address }) => `neighbor ${address} ebgp-multihop 2`);
}

/** The guide's frr.conf for a router of the second data center: its own router ID, and the additions. */
export function dc2FrrConf(address: string): string {
  const conf = guideFrrConf().replace('bgp router-id 192.168.1.1\n', `bgp router-id ${address}\n`);
  return NODES.reduce(
    (text, node, i) =>
      text.replace(`  neighbor ${node.address} password ${KEY}\n`, (line) => `${line}  ${dc2Additions()[i]}\n`),
    conf,
  );
}

/** What the guide's frr.conf says, for BIRD 2. */
export function birdConf(address: string): string {
  const neighbors = NODES.map(
    ({ name, address: node }) => `protocol bgp ${name} from metallb { neighbor ${node} as 64513; }`,
  );
  return `log stderr all;
router id ${address};

protocol device {}

# FRR installs all equal paths by default; BIRD has to be told.
protocol kernel {
  merge paths on;
  ipv4 { import none; export all; };
}

# The guide's route map and prefix list.
filter metallb_in {
  if net ~ [ 10.100.0.0/24{24,32} ] then { bgp_local_pref = 100; accept; }
  reject;
}

template bgp metallb {
  local ${address} as 64512;
  password "${KEY}";
  ipv4 { import filter metallb_in; export all; };
}

${neighbors.join('\n')}
`;
}

/** The guide's manifests, a folder for each chapter. */
export const EXAMPLES = join(ROOT, 'examples/guide');

/** The folders of manifests that the lab's speakers read, as paths of this checkout. */
export const FOLDERS: readonly string[] = ['multi-router', 'test-service', 'cluster'].map((folder) =>
  join(EXAMPLES, folder),
);

/** The same folders, the last one replaced by a copy without its Secrets in the given directory. */
export function foldersWithoutSecrets(directory: string): readonly string[] {
  const cluster = join(EXAMPLES, 'cluster');
  const files = readdirSync(cluster).filter((file) => file.endsWith('.yaml'));
  const kept = files.filter((file) => !/^kind: Secret$/m.test(readFileSync(join(cluster, file), 'utf8')));
  if (kept.length === files.length) throw new Error(`no file of ${cluster} holds a Secret`);
  for (const file of kept) copyFileSync(join(cluster, file), join(directory, file));
  return [...FOLDERS.filter((folder) => folder !== cluster), directory];
}
