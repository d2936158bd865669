/** A family that a session offers and whose routes it cannot carry, for want of a next hop of the node's own (docs/decisions.md 26). */
import { familyRefusal } from '../../announce/eligibility.ts';
import type { Peer } from '../../config/peer.ts';
import type { IpFamily } from '../../net/ip.ts';
import { bgp, manifest, node, peer, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';

const DUAL = [
  pool('web', "addresses: [192.0.2.0/24, '2001:db8:10::/64']"),
  bgp('web', 'ipAddressPools: [web]'),
  peer('router-a', 'peerAddress: 10.0.0.1\ndualStackAddressFamily: true'),
];

export const nextHopMissing: LintRule = {
  name: 'next-hop-missing',
  severity: 'warning',
  help: 'Give the nodes an InternalIP of that family (the kubelet takes both with --node-ip), or add a peer of that family.',
  summary: 'a node has no next hop for the second family of a session',
  why: `A route says over which address its prefix is reached. For the family of the session that is the session's own address; for the other family, which
dualStackAddressFamily adds, it is the node's InternalIP of that family. A node without one has nothing to say there, and announces nothing of that family in this session.`,
  fires: [manifest(...DUAL, node('node1', '10.0.0.11'))],
  silent: [manifest(...DUAL, node('node1', "10.0.0.11 }, { type: InternalIP, address: '2001:db8::11'"))],
  check: ({ snapshot: { config }, views }) => {
    const found = new Map<Peer, { readonly family: IpFamily; readonly nodes: string[] }>();
    for (const { node, sessions } of views)
      for (const session of sessions)
        for (const family of session.families) {
          const used = config.pools.some(({ ranges }) => ranges.some(({ first }) => first.family === family));
          if (!used || familyRefusal(session, family, node) === null) continue;
          const seen = found.get(session.peer) ?? { family, nodes: [] };
          seen.nodes.push(node.name);
          found.set(session.peer, seen);
        }
    return [...found].map(([peer, { family, nodes }]) => ({
      object: { kind: 'BGPPeer', name: peer.name },
      path: ['spec', 'dualStackAddressFamily'],
      message: `${nodes.slice(0, 4).join(', ')}${nodes.length > 4 ? ` and ${nodes.length - 4} more` : ''} ${nodes.length === 1 ? 'has' : 'have'} no IPv${family} InternalIP to be the next hop of IPv${family} in this session: nothing of it is announced there`,
    }));
  },
};
