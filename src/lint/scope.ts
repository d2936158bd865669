/** What rules ask of a plan again and again: who has which address, which peers an advertisement reaches. */
import { identityOf } from '../announce/sessions.ts';
import type { Service } from '../cluster/service.ts';
import { scopeCovers } from '../config/advertisement.ts';
import type { Peer } from '../config/peer.ts';
import type { Pool } from '../config/pool.ts';
import type { Ip, IpFamily } from '../net/ip.ts';
import type { Plan } from '../plan/plan.ts';

/** A Service with its addresses. */
export interface Assigned {
  readonly service: Service;
  readonly pool: string;
  readonly ips: readonly Ip[];
}

/** The Services that have addresses, in the order of the snapshot, each once. */
export function assignedServices({ snapshot, allocations }: Plan): readonly Assigned[] {
  const seen = new Set<string>();
  return snapshot.services.flatMap((service) => {
    const allocation = allocations.get(service.key);
    if (allocation === undefined || allocation.pool === null || seen.has(service.key)) return [];
    seen.add(service.key);
    return [{ service, pool: allocation.pool, ips: allocation.ips }];
  });
}

/** The Services that are ours to serve, whether or not they have an address. */
export const handledServices = ({ snapshot, allocations }: Plan): readonly Service[] =>
  snapshot.services.filter(({ key }) => (allocations.get(key)?.state ?? 'Ignored') !== 'Ignored');

/** The peers whose sessions an advertisement's routes go to: those it names, and those that are the same router. */
export function peersReached(named: readonly string[], peers: readonly Peer[]): readonly Peer[] {
  if (named.length === 0) return peers;
  const { byName, byIdentity } = indexOf(peers);
  const identities = new Set(named.flatMap((name) => byName.get(name) ?? []));
  return [...identities].flatMap((identity) => byIdentity.get(identity) ?? []);
}

interface PeerIndex {
  /** The identity of the peer of this name. */
  readonly byName: ReadonlyMap<string, string>;
  readonly byIdentity: ReadonlyMap<string, readonly Peer[]>;
}

/** Made once for the peers of a configuration, which many rules ask about. */
const indexes = new WeakMap<readonly Peer[], PeerIndex>();

function indexOf(peers: readonly Peer[]): PeerIndex {
  let index = indexes.get(peers);
  if (index === undefined) {
    index = {
      byName: new Map(peers.map((peer) => [peer.name, identityOf(peer)])),
      byIdentity: Map.groupBy(peers, identityOf),
    };
    indexes.set(peers, index);
  }
  return index;
}

/** The families whose routes a session with the peer carries (docs/decisions.md 26). */
export const familiesOfPeer = (peer: Peer): readonly IpFamily[] =>
  peer.dualStackAddressFamily || peer.peerAddress === null ? [4, 6] : [peer.peerAddress.family];

/** Whether some BGPAdvertisement, or some L2Advertisement, is for the pool. */
export const isAdvertised = (pool: Pool, { snapshot: { config } }: Plan, by: 'bgp' | 'layer2'): boolean =>
  (by === 'bgp' ? config.bgpAdvertisements : config.l2Advertisements).some((one) => scopeCovers(one, pool));
