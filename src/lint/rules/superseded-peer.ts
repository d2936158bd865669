/** Several peers for one router: one of them holds the session (docs/decisions.md 17). */
import { identityOf, precedence } from '../../announce/sessions.ts';
import type { Peer } from '../../config/peer.ts';
import { manifest, node, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const supersededPeer: LintRule = {
  name: 'superseded-peer',
  severity: 'warning',
  help: 'Keep one BGPPeer for each router, or give them nodeSelectors that select different nodes.',
  summary: 'several peers are one router: one of them holds the session',
  why: `A node has one session for each router (address or interface, port and VRF). Of several BGPPeers that mean the same router and select the same node one holds
it: one with nodeSelectors before one without, then one with a key, then by name. What the others say (timers, password, BFD profile) counts for nothing there.
Advertisements that name any of them go to that session.`,
  fires: [
    manifest(
      peer('router-a', 'peerAddress: 10.0.0.1\nholdTime: 30s'),
      peer('router-a-edge', 'peerAddress: 10.0.0.1\nnodeSelectors: [{ matchLabels: { edge: "true" } }]'),
      node('node1', '10.0.0.11', 'edge: "true"'),
    ),
  ],
  silent: [
    manifest(
      peer(
        'router-a',
        'peerAddress: 10.0.0.1\nnodeSelectors: [{ matchExpressions: [{ key: edge, operator: DoesNotExist }] }]',
      ),
      peer('router-a-edge', 'peerAddress: 10.0.0.1\nnodeSelectors: [{ matchLabels: { edge: "true" } }]'),
      node('node1', '10.0.0.11', 'edge: "true"'),
    ),
  ],
  check: ({ snapshot: { config }, views }) => {
    const where = new Map<Peer, Map<Peer, string[]>>();
    const note = (loser: Peer, holder: Peer, node: string | null): void => {
      const holders = where.get(loser) ?? new Map<Peer, string[]>();
      where.set(loser, holders);
      const nodes = holders.get(holder) ?? [];
      holders.set(holder, nodes);
      if (node !== null) nodes.push(node);
    };
    for (const view of views)
      for (const session of view.sessions)
        for (const loser of session.superseded) note(loser, session.peer, view.node.name);
    // Without nodes: what happens where both are selected.
    if (views.length === 0)
      for (const same of Map.groupBy(config.peers, identityOf).values()) {
        const [holder, ...losers] = [...same].sort(precedence);
        if (holder !== undefined) for (const loser of losers) note(loser, holder, null);
      }
    return [...where].flatMap(([loser, holders]) =>
      [...holders].map(([holder, nodes]) => ({
        object: { kind: 'BGPPeer', name: loser.name },
        path: loser.peerAddress === null ? ['spec', 'interface'] : ['spec', 'peerAddress'],
        message:
          `${holder.name} is the same router and holds the session ` +
          `${nodes.length === 0 ? 'on the nodes that both select' : `on ${nodes.slice(0, 4).join(', ')}${nodes.length > 4 ? ` and ${nodes.length - 4} more` : ''}`} ` +
          `(${reason(holder, loser)}); advertisements to ${loser.name} go to that session`,
      })),
    );
  },
};

function reason(holder: Peer, loser: Peer): string {
  if (holder.nodeSelectors.length > 0 && loser.nodeSelectors.length === 0) return 'it has nodeSelectors';
  if (holder.authentication.type !== 'none' && loser.authentication.type === 'none') return 'it has a key';
  return 'it comes first by name';
}
