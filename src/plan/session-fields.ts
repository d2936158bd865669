/**
 * What a BGP session is made with: where one of these differs, a speaker closes the session and opens another one.
 *
 * The key is not among them: it is compared for itself, and becomes text nowhere.
 */
import type { Session } from '../announce/sessions.ts';
import type { Node } from '../cluster/node.ts';
import { formatIp, type Ip } from '../net/ip.ts';

export type SessionField = string | number | boolean | null | readonly (string | number)[];

/** By the name of the field that a reader knows. */
export function sessionFields({ peer, families }: Session, node: Node): Readonly<Record<string, SessionField>> {
  return {
    peerAddress: textOf(peer.peerAddress),
    interface: peer.interface,
    peerPort: peer.peerPort,
    vrf: peer.vrf,
    sourceAddress: textOf(peer.sourceAddress),
    myASN: peer.myASN,
    peerASN: peer.peerASN,
    dynamicASN: peer.dynamicASN,
    localASN: peer.localASN,
    // Unset means the node's first IPv4 address (docs/decisions.md 22); without one, a number made of its name, which stays.
    routerID: textOf(peer.routerID ?? node.internalIPs.find(({ family }) => family === 4) ?? null),
    holdTimeSeconds: peer.holdTimeSeconds,
    keepaliveSeconds: peer.keepaliveSeconds,
    connectTimeSeconds: peer.connectTimeSeconds,
    families: families.map((family) => `IPv${family}`),
    ebgpMultiHop: peer.ebgpMultiHop,
    enableGracefulRestart: peer.enableGracefulRestart,
    ttlSecurityHops: peer.ttlSecurityHops,
    maxPrefixes: peer.maxPrefixes,
    authentication: peer.authentication.type,
    nodeAddresses: node.internalIPs.map(formatIp),
  };
}

const textOf = (ip: Ip | null): string | null => (ip === null ? null : formatIp(ip));
