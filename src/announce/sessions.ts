/**
 * Which BGP sessions a node has.
 *
 * A peer is a session on the nodes that its `nodeSelectors` select: all of them or any of them, as docs/decisions.md 1 says. Where
 * several peers select a node and mean the same router (address or interface, port, VRF), one holds the session and answers to the
 * names of all (docs/decisions.md 17): one with nodeSelectors before one without, then one with a key, then by name.
 */

import type { Node } from '../cluster/node.ts';
import { compareText } from '../compare-text.ts';
import type { BfdProfile } from '../config/bfd-profile.ts';
import type { Config } from '../config/config.ts';
import { bfdProfileOf, type NodeSelectorsPolicy, type Peer, sessionTypeOf } from '../config/peer.ts';
import { nodeSelectorsMatch } from '../config/selector.ts';
import { formatIp, type IpFamily } from '../net/ip.ts';

export interface Session {
  /** The peer that holds the session. */
  readonly peer: Peer;
  readonly type: 'external' | 'internal';
  /** Peers of the same identity that lost it here, by name. */
  readonly superseded: readonly Peer[];
  /** Whose routes are sent: those of advertisements that name one of these, the holder's name first. */
  readonly names: readonly string[];
  /** The families whose routes the session carries (docs/decisions.md 26). */
  readonly families: readonly IpFamily[];
  /** What BFD watches the session by; null: nothing, as where the profile that the peer names does not exist. */
  readonly bfd: BfdProfile | null;
}

export interface SessionOptions {
  /** For peers that say nothing themselves. */
  readonly nodeSelectors: NodeSelectorsPolicy;
}

/** The sessions of one node, by name of the peer that holds them. */
export function sessionsOf(
  node: Pick<Node, 'labels'>,
  config: Pick<Config, 'peers' | 'bfdProfiles'>,
  options: SessionOptions,
): readonly Session[] {
  const profiles = new Map(config.bfdProfiles.map((profile) => [profile.name, profile]));
  const rivals = new Map<string, Peer[]>();
  for (const peer of config.peers) {
    if (!selectsNode(peer, node, options)) continue;
    const identity = identityOf(peer);
    const same = rivals.get(identity);
    if (same === undefined) rivals.set(identity, [peer]);
    else same.push(peer);
  }
  const sessions: Session[] = [];
  for (const peers of rivals.values()) {
    const [holder, ...superseded] = [...peers].sort(precedence);
    if (holder === undefined) continue;
    sessions.push({
      peer: holder,
      type: sessionTypeOf(holder),
      superseded,
      names: [holder.name, ...superseded.map((peer) => peer.name)],
      families: familiesOf(holder),
      bfd: bfdProfileOf(holder, profiles),
    });
  }
  return sessions.sort((a, b) => compareText(a.peer.name, b.peer.name));
}

/** Whether the peer has a session on the node. */
export const selectsNode = (peer: Peer, node: Pick<Node, 'labels'>, options: SessionOptions): boolean =>
  nodeSelectorsMatch(peer.nodeSelectors, peer.nodeSelectorsPolicy ?? options.nodeSelectors, node.labels);

/** Equal for two peers that mean the same session of a node. */
export const identityOf = (peer: Peer): string =>
  JSON.stringify([
    peer.peerAddress === null ? peer.interface : formatIp(peer.peerAddress),
    peer.peerPort,
    peer.vrf ?? '',
  ]);

/** Order of {@link Peer}s of one identity: the first holds the session. */
export const precedence = (a: Peer, b: Peer): number =>
  Number(b.nodeSelectors.length > 0) - Number(a.nodeSelectors.length > 0) ||
  Number(b.authentication.type !== 'none') - Number(a.authentication.type !== 'none') ||
  compareText(a.name, b.name);

function familiesOf(peer: Peer): readonly IpFamily[] {
  if (peer.dualStackAddressFamily || peer.peerAddress === null) return [4, 6];
  return [peer.peerAddress.family];
}
