/** A node that would have a session with itself. */
import { selectsNode } from '../../announce/sessions.ts';
import { formatIp, sameIp } from '../../net/ip.ts';
import { manifest, node, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const peerIsOwnNode: LintRule = {
  name: 'peer-is-own-node',
  severity: 'warning',
  help: 'Write the address of the router; where a BGP daemon runs on the nodes, take that node out by nodeSelectors.',
  summary: 'peerAddress is the address of a node that the peer selects',
  why: `The node would connect to itself. Where another BGP daemon (Calico, FRR) holds port 179 there, that one answers, and refuses a neighbour with its own address; where none does, the connection is refused.`,
  fires: [manifest(peer('router-a', 'peerAddress: 10.0.0.11'), node('node1', '10.0.0.11'), node('node2', '10.0.0.12'))],
  silent: [
    manifest(
      peer('reflector', 'peerAddress: 10.0.0.11\nnodeSelectors: [{ matchLabels: { role: worker } }]'),
      node('node1', '10.0.0.11', 'role: reflector'),
      node('node2', '10.0.0.12', 'role: worker'),
    ),
  ],
  check: ({ snapshot: { config, nodes }, options }) =>
    config.peers.flatMap((one) => {
      const { peerAddress } = one;
      if (peerAddress === null) return [];
      const itself = nodes.find(
        (candidate) =>
          candidate.internalIPs.some((ip) => sameIp(ip, peerAddress)) && selectsNode(one, candidate, options),
      );
      if (itself === undefined) return [];
      return [
        {
          object: { kind: 'BGPPeer', name: one.name },
          path: ['spec', 'peerAddress'],
          message: `${formatIp(peerAddress)} is ${itself.name} itself, which the peer selects: it would connect to itself`,
        },
      ];
    }),
};
