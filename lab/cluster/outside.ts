/**
 * What is beyond the nodes: the guide's four routers, all of them FRR, and a client.
 *
 *     client 203.0.113.100 ──┬─ dc1-router-primary   192.168.1.1 ──┬─ the nodes' segment
 *                            ├─ dc1-router-secondary 192.168.1.2 ──┤
 *                            │                                     └─ between 192.168.1.254
 *                            ├─ dc2-router-primary   192.168.2.1 ──┬─ between 192.168.2.254
 *                            └─ dc2-router-secondary 192.168.2.2 ──┘
 *
 * `between` speaks no BGP: it has a static route for the pool (docs/lab.md).
 */
import { Frr } from '../frr.ts';
import { BETWEEN, CLIENT, dc2FrrConf, type GuideRouter, guideFrrConf, POOL, ROUTERS } from '../guide.ts';
import { forward, hashConnections, type NetworkNamespace } from '../netns.ts';
import type { Sandbox } from '../sandbox.ts';
import { bfdSupplement } from './bfd-supplement.ts';
import { Cut } from './cut.ts';
import { GATEWAY } from './layout.ts';
import { Segment, type Wiring, withLengths } from './wiring.ts';

const DC1_NETWORK = '192.168.1.0/24';

export interface Outside {
  readonly routers: readonly Frr[];
  readonly client: NetworkNamespace;
  /** Loses all IPv4 between a router and an address, without a word. */
  cut(router: string, address: string): Promise<Cut>;
}

const inDc1 = ROUTERS.filter(({ dataCenter }) => dataCenter === 1);

/** Equal ways through routers: `nexthop via …` of each. */
const through = (addresses: readonly string[]): string =>
  addresses.map((address) => `nexthop via ${address}`).join(' ');

/** Builds all of it and starts the routers. */
export async function buildOutside(sandbox: Sandbox, { wires, segment: dc1, nodes }: Wiring): Promise<Outside> {
  const dc2 = await Segment.lay(wires, 'dc2');
  const outside = await Segment.lay(wires, 'outside');

  const between = await sandbox.namespace(BETWEEN.name);
  await dc1.plug(between, withLengths(GATEWAY.addresses));
  await dc2.plug(between, [`${BETWEEN.inDc2}/24`]);
  await forward(between);
  await hashConnections(between);
  await between.ip(`route add ${POOL} ${through(inDc1.map(({ address }) => address))}`);

  for (const node of nodes.values())
    await node.ip(`route add ${CLIENT.network} ${through(inDc1.map(({ address }) => address))}`);

  const client = await sandbox.namespace(CLIENT.name);
  await outside.plug(client, [`${CLIENT.address}/24`]);
  await hashConnections(client);
  await client.ip(`route add default ${through(ROUTERS.map((router) => router.outside))}`);

  /** Where each router is plugged into its data center's segment. */
  const ports = new Map<string, string>();
  const routers = await Promise.all(
    ROUTERS.map(async (router) => {
      const namespace = await sandbox.namespace(router.name);
      ports.set(router.name, await (router.dataCenter === 1 ? dc1 : dc2).plug(namespace, [`${router.address}/24`]));
      await outside.plug(namespace, [`${router.outside}/24`]);
      await forward(namespace);
      await hashConnections(namespace);
      if (router.dataCenter === 2) await namespace.ip(`route add ${DC1_NETWORK} via ${BETWEEN.inDc2}`);
      const frr = await Frr.start({ sandbox, namespace, address: router.address, config: clusterFrrConf(router) });
      await frr.prioritise();
      return frr;
    }),
  );
  const cut = (router: string, address: string): Promise<Cut> => {
    const port = ports.get(router);
    if (port === undefined) throw new Error(`no router ${router}`);
    return Cut.make(wires, port, address);
  };
  return { routers, client, cut };
}

/**
 * The guide's frr.conf, with the router's own ID, in the second data center with what it needs there; then the lab's supplement for BFD, which is
 * told apart by its first line.
 */
export function clusterFrrConf({ address, dataCenter }: Pick<GuideRouter, 'address' | 'dataCenter'>): string {
  const guides =
    dataCenter === 2
      ? dc2FrrConf(address)
      : guideFrrConf().replace('bgp router-id 192.168.1.1\n', `bgp router-id ${address}\n`);
  return `${guides}${bfdSupplement()}`;
}
