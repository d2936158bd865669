/**
 * What a session is on the wire, as opposed to what it announces: made of the plan's wish, the node and the transport map, and compared with what
 * it is already.
 */
import type { Session } from '../announce/sessions.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from '../bgp/packet/constants.ts';
import type { PeerConfig } from '../bgp/peer-types.ts';
import type { Node } from '../cluster/node.ts';
import { type Peer, sessionAsnOf } from '../config/peer.ts';
import type { BgpEndpoint } from '../io/bgp-driver.ts';
import { formatIp, type Ip } from '../net/ip.ts';
import { formatSocketAddress } from '../net/socket-address.ts';
import type { Secret } from '../secret.ts';
import { routerIdOf } from './router-id.ts';
import type { SessionFacts } from './session-cause.ts';
import type { TransportMap } from './transport-map.ts';

/** First retry after a second, then slower, never more than half a minute apart: a router that comes back is found soon. */
const CONNECT_RETRY = { initialMs: 1_000, maxMs: 30_000 };

export interface SessionIdentity {
  readonly config: PeerConfig;
  readonly endpoint: BgpEndpoint;
  /** Ends with the link that it runs over. */
  readonly followsLink: boolean;
  /** A transport map puts another address of this machine in the place of the node's. */
  readonly isStandIn: boolean;
  readonly peer: Peer;
}

/** What of the speaker a session's identity depends on. */
interface Surroundings {
  readonly transportMap: TransportMap;
  /** Null: sessions only dial. */
  readonly listeners: object | null;
}

/** Where one session runs, as the manifests and the transport map say. */
export function identityOf(
  { peer, families }: Session,
  node: Node,
  { transportMap, listeners }: Surroundings,
): SessionIdentity {
  const remoteAsn = peer.peerASN ?? peer.dynamicASN;
  // Unnumbered peers are refused by config until the engine has them; one without AS number and kind always is.
  if (peer.peerAddress === null || remoteAsn === null)
    throw new Error(`peer ${peer.name} has no address or no AS number`);
  const remote = { ip: peer.peerAddress, port: peer.peerPort };
  const mapped = transportMap.sourceOf(node.name);
  const own = peer.sourceAddress ?? node.internalIPs.find((ip) => ip.family === remote.ip.family) ?? null;
  return {
    peer,
    endpoint: {
      remote,
      dial: transportMap.dialled(remote),
      source: mapped ?? peer.sourceAddress,
      // Where a stand-in address carries the session, NEXT_HOP is still the node's own; otherwise it is the connection's.
      localAddress: mapped === null ? null : own,
    },
    followsLink: !peer.ebgpMultiHop,
    isStandIn: mapped !== null,
    config: {
      localAsn: sessionAsnOf(peer),
      remoteAsn,
      bgpIdentifier: routerIdOf(peer, node),
      holdTimeSeconds: peer.holdTimeSeconds,
      keepaliveSeconds: peer.keepaliveSeconds,
      families: families.map((family) => (family === 4 ? IPV4_UNICAST : IPV6_UNICAST)),
      connectMode: listeners === null ? 'active' : 'both',
      ...pausesOf(peer),
      maxPrefixes: peer.maxPrefixes,
      nextHops: node.internalIPs,
    },
  };
}

/**
 * `connectTime` is the ConnectRetryTime that the user wants (RFC 4271 section 8), the same from the first attempt on. Towards a router that takes
 * connections and then ends each session we slow down all the same.
 */
function pausesOf({ connectTimeSeconds }: Peer): Pick<PeerConfig, 'connectRetry' | 'idleHold'> {
  if (connectTimeSeconds === null) return { connectRetry: CONNECT_RETRY };
  const ms = connectTimeSeconds * 1_000;
  return {
    connectRetry: { initialMs: ms, maxMs: ms },
    idleHold: { initialMs: ms, maxMs: Math.max(ms, CONNECT_RETRY.maxMs) },
  };
}

/** What its causes are told of it. */
export function factsOf({ config, endpoint, peer }: SessionIdentity): SessionFacts {
  return {
    peerAddress: formatIp(endpoint.remote.ip),
    peerPort: endpoint.remote.port,
    myASN: config.localAsn,
    peerASN: typeof config.remoteAsn === 'number' ? config.remoteAsn : null,
    holdTimeSeconds: config.holdTimeSeconds,
    sourceAddress: endpoint.source === null ? null : formatIp(endpoint.source),
    md5: peer.authentication.type === 'md5',
    ttlSecurityHops: peer.ttlSecurityHops,
    maxPrefixes: config.maxPrefixes,
  };
}

const text = (ip: Ip | null): string | null => (ip === null ? null : formatIp(ip));

/** Equal for two wishes that the same session serves, names and keys apart. */
export const fingerprint = ({ config, endpoint, followsLink, peer }: SessionIdentity): string =>
  JSON.stringify([
    peer.ttlSecurityHops,
    followsLink,
    { ...config, nextHops: config.nextHops?.map(formatIp) },
    formatSocketAddress(endpoint.remote),
    formatSocketAddress(endpoint.dial),
    text(endpoint.source),
    text(endpoint.localAddress),
  ]);

/** Null where the session is not signed. */
export const keyOf = ({ authentication }: Peer): Secret | null =>
  authentication.type === 'md5' ? authentication.key : null;

/** Keys are compared without ever becoming text. */
export function sameKey(a: Peer, b: Peer): boolean {
  if (a.authentication.type === 'none' || b.authentication.type === 'none')
    return a.authentication.type === b.authentication.type;
  return a.authentication.key.equals(b.authentication.key);
}

/** Which meaning of `password` applied, never the key (docs/decisions.md 2). */
export function describeAuthentication({ authentication }: Peer): string {
  if (authentication.type === 'none') return 'none';
  return authentication.source.type === 'secret'
    ? `md5, key of Secret ${authentication.source.name}`
    : 'md5, key in spec.password';
}
