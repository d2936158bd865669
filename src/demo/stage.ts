/**
 * Where the demo plays: the guide's configuration as a plan, a loopback address for each of its addresses, a working copy of the
 * example files (so that editing one leaves the examples alone), and the transport map between the two worlds.
 */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Io } from '../cli/io.ts';
import { load } from '../cli/load.ts';
import { formatIp, type Ip } from '../net/ip.ts';
import { type Plan, plan } from '../plan/plan.ts';
import { DEFAULT_PLAN_OPTIONS } from '../plan/snapshot.ts';
import type { RouterConfig } from './router-protocol.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/guide', import.meta.url));
const CHAPTERS = ['multi-router', 'test-service', 'cluster'];

export interface Stage {
  readonly plan: Plan;
  /** Folders with the working copies. */
  readonly folders: readonly string[];
  readonly directory: string;
  readonly transportMap: string;
  readonly routers: readonly RouterConfig[];
  /** What stands for what, for the reader. */
  readonly addresses: readonly { readonly name: string; readonly guide: string; readonly here: string }[];
}

/** Sets the stage in a fresh temporary directory. */
export async function setStage(io: Io): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'metallb-demo-'));
  const folders = CHAPTERS.map((chapter) => {
    const folder = join(directory, chapter);
    cpSync(join(EXAMPLES, chapter), folder, { recursive: true });
    return folder;
  });
  const { snapshot } = await load(folders, DEFAULT_PLAN_OPTIONS, io);
  const planned = plan(snapshot);
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
    plan: planned,
    folders,
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

/** A port that is free on one of our addresses, and so, as nobody else uses them, on all. */
function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: address, port: 0 }, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : 0));
    });
  });
}
