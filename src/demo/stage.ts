/**
 * Where the demo plays: what the guide's configuration says of routers and nodes, a loopback address for each of its addresses, and the transport map
 * between the two worlds.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Io } from '../cli/io.ts';
import { load } from '../cli/load.ts';
import { formatIp, type Ip } from '../net/ip.ts';
import { DEFAULT_PLAN_OPTIONS } from '../plan/snapshot.ts';
import { freePort } from './loopback.ts';
import type { RouterConfig } from './router-protocol.ts';

/** The folder of the guide's examples, in which the paths below lie. */
export const EXAMPLES = fileURLToPath(new URL('../../examples/guide', import.meta.url));
/** What the guide takes as given. Pods and EndpointSlices are made by the stand-in. */
export const CLUSTER_FILES = ['cluster/nodes.yaml', 'cluster/secrets.yaml'];
export const CHAPTERS = ['multi-router', 'test-service'];

export interface Stage {
  /** Names, in order. */
  readonly nodes: readonly string[];
  /** A temporary folder that only we can read. */
  readonly directory: string;
  readonly transportMap: string;
  readonly routers: readonly RouterConfig[];
  /** What stands for what, for the reader. */
  readonly addresses: readonly { readonly name: string; readonly guide: string; readonly here: string }[];
}

/** Sets the stage in a fresh temporary directory. */
export async function setStage(io: Io): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'metallb-demo-'));
  const inputs = [...CHAPTERS, ...CLUSTER_FILES].map((path) => join(EXAMPLES, path));
  const { snapshot } = await load(inputs, DEFAULT_PLAN_OPTIONS, io);
  const nodes = snapshot.nodes;
  const sourceOf = new Map(nodes.map((node) => [node.name, standIn(node.internalIPs[0])]));
  const peers = snapshot.config.peers;
  const port = await freePort(standIn(peers[0]?.peerAddress ?? undefined));
  const routers = peers.map(
    (peer): RouterConfig => ({
      name: peer.name,
      asn: peer.peerASN ?? 0,
      address: textOf(peer.peerAddress ?? undefined),
      listen: { address: standIn(peer.peerAddress ?? undefined), port },
      neighbors: nodes.map((node) => ({
        name: node.name,
        address: textOf(node.internalIPs[0]),
        source: sourceOf.get(node.name) ?? '',
        asn: peer.myASN,
        holdTimeSeconds: peer.holdTimeSeconds,
        keepaliveSeconds: peer.keepaliveSeconds,
        password: peer.authentication.type === 'md5' ? peer.authentication.key.reveal() : null,
        bfd: snapshot.config.bfdProfiles.find(({ name }) => name === peer.bfdProfile) ?? null,
      })),
    }),
  );
  const transportMap = join(directory, 'transport-map.json');
  writeFileSync(
    transportMap,
    JSON.stringify({
      peers: Object.fromEntries(
        peers.map((peer, i) => [
          `${textOf(peer.peerAddress ?? undefined)}:${peer.peerPort}`,
          `${routers[i]?.listen.address}:${port}`,
        ]),
      ),
      nodes: Object.fromEntries(sourceOf),
    }),
  );
  return {
    nodes: nodes.map(({ name }) => name),
    directory,
    transportMap,
    routers,
    addresses: [
      ...routers.map(({ name, address, listen }) => ({
        name,
        guide: `${address} port 179`,
        here: `${listen.address} port ${listen.port}`,
      })),
      ...nodes.map((node) => ({
        name: node.name,
        guide: textOf(node.internalIPs[0]),
        here: sourceOf.get(node.name) ?? '',
      })),
    ],
  };
}

function textOf(ip: Ip | undefined): string {
  if (ip === undefined) throw new Error('the example has a peer or node without an address');
  return formatIp(ip);
}

/** A loopback address that reads like the guide's: 192.168.2.1 becomes 127.N.2.1. N differs between demos that run side by side. */
function standIn(ip: Ip | undefined): string {
  const [, , third, fourth] = textOf(ip).split('.');
  return `127.${64 + (process.pid % 128)}.${third}.${fourth}`;
}
