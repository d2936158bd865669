/**
 * The matrix's network: one node, and every daemon in a namespace of its own.
 *
 *     segment:  node1 .10 ──┬─ frr .1   bird .2   gobgp .3   exabgp .4        192.0.2.0/24, 2001:db8::/64
 *     routed:   node1 .10 ── between ──┬─ frr .1   bird .2 …                   192.0.2.0/24 and 203.0.113.0/24
 *
 * The configurations of a capability name these addresses as they are.
 */
import { forward, link, type NetworkNamespace } from '../../../../lab/netns.ts';
import type { Sandbox } from '../../../../lab/sandbox.ts';

export const DAEMONS = ['frr', 'bird', 'gobgp', 'exabgp'] as const;
export type DaemonName = (typeof DAEMONS)[number];

/** How each calls itself, with the version that the matrix was made with. */
export const TITLES: Readonly<Record<DaemonName, string>> = {
  frr: 'FRR 8.4',
  bird: 'BIRD 2.0',
  gobgp: 'GoBGP 3.10',
  exabgp: 'ExaBGP 4.2',
};

/** `segment`: node and daemons share one. `routed`: there is a router between them. */
export type Topology = 'segment' | 'routed';

export const NODE = { name: 'node1', ipv4: '192.0.2.10', ipv6: '2001:db8::10' } as const;
const BETWEEN = { node: '192.0.2.254', daemons: '203.0.113.254' } as const;

const host = (name: DaemonName): number => DAEMONS.indexOf(name) + 1;

export interface Network {
  readonly node: NetworkNamespace;
  readonly daemons: ReadonlyMap<DaemonName, NetworkNamespace>;
}

export async function buildNetwork(
  sandbox: Sandbox,
  topology: Topology,
  names: readonly DaemonName[],
): Promise<Network> {
  const node = await sandbox.namespace(NODE.name);
  const daemons = new Map<DaemonName, NetworkNamespace>();
  for (const name of names) daemons.set(name, await sandbox.namespace(name));
  // A bridge that carries the addresses itself: to the node it is one interface on one segment.
  const segment = async (owner: NetworkNamespace, addresses: readonly string[]): Promise<void> =>
    owner.ip(
      'link add segment type bridge',
      ...addresses.map((address) => `addr add ${address} dev segment${address.includes(':') ? ' nodad' : ''}`),
      'link set segment up',
    );
  const plug = async (owner: NetworkNamespace, prefix: string): Promise<void> => {
    for (const [name, namespace] of daemons) {
      const addresses = [`${prefix}.${host(name)}/24`, `2001:db8::${host(name)}/64`];
      await link({ namespace: owner, device: name, bridge: 'segment' }, { namespace, device: 'eth0', addresses });
    }
  };
  if (topology === 'segment') {
    await segment(node, [`${NODE.ipv4}/24`, `${NODE.ipv6}/64`]);
    await plug(node, '192.0.2');
  } else {
    const between = await sandbox.namespace('between');
    await forward(between);
    await segment(between, [`${BETWEEN.daemons}/24`]);
    await plug(between, '203.0.113');
    await link(
      { namespace: node, device: 'eth0', addresses: [`${NODE.ipv4}/24`] },
      { namespace: between, device: 'node', addresses: [`${BETWEEN.node}/24`] },
    );
    await node.ip(`route add 203.0.113.0/24 via ${BETWEEN.node}`);
    for (const namespace of daemons.values()) await namespace.ip(`route add 192.0.2.0/24 via ${BETWEEN.daemons}`);
  }
  return { node, daemons };
}
