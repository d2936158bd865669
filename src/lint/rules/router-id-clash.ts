/** BGP identifiers that more than one router has (RFC 6286 section 2.1). */
import { selectsNode } from '../../announce/sessions.ts';
import type { Peer } from '../../config/peer.ts';
import { formatIp, sameIp } from '../../net/ip.ts';
import { manifest, node, peer } from '../example.ts';
import type { LintRule, RuleFinding } from '../rule.ts';
import { few } from '../words.ts';

export const routerIdClash: LintRule = {
  name: 'router-id-clash',
  severity: 'warning',
  help: "Remove routerID, which makes it the node's own address, or set it on peers that select one node each.",
  summary: "a router ID is on several nodes, or is a router's own address",
  why: `A BGP identifier must be unique in its AS (RFC 6286 section 2.1). A router refuses an OPEN with its own (Bad BGP Identifier); two nodes with one are taken for the same router: route reflectors throw away the routes of one of
them as its own, and tie-breaking between them has no rule left.`,
  fires: [
    manifest(
      peer('router-a', 'peerAddress: 10.0.0.1\nrouterID: 10.0.0.11'),
      node('node1', '10.0.0.11'),
      node('node2', '10.0.0.12'),
    ),
    peer(
      'router-a',
      'peerAddress: 10.0.0.1\nrouterID: 10.0.0.1\nnodeSelectors: [{ matchLabels: { kubernetes.io/hostname: node1 } }]',
    ),
  ],
  silent: [
    manifest(peer('router-a', 'peerAddress: 10.0.0.1'), node('node1', '10.0.0.11'), node('node2', '10.0.0.12')),
    manifest(
      peer('router-a', 'peerAddress: 10.0.0.1\nrouterID: 10.9.9.1\nnodeSelectors: [{ matchLabels: { rack: a } }]'),
      node('node1', '10.0.0.11', 'rack: a'),
      node('node2', '10.0.0.12', 'rack: b'),
    ),
  ],
  check: ({ snapshot: { config, nodes }, options }) => {
    const nodesOf = (one: Peer): readonly string[] =>
      nodes.filter((candidate) => selectsNode(one, candidate, options)).map(({ name }) => name);
    const identified = config.peers.flatMap((one) =>
      one.routerID === null ? [] : [{ one, routerID: one.routerID, nodes: nodesOf(one) }],
    );
    return identified.flatMap(({ one, routerID, nodes: own }): RuleFinding[] => {
      const at = { object: { kind: 'BGPPeer', name: one.name }, path: ['spec', 'routerID'] };
      const text = formatIp(routerID);
      const router = config.peers.find(({ peerAddress }) => peerAddress !== null && sameIp(peerAddress, routerID));
      if (router !== undefined)
        return [
          { ...at, message: `${text} is the address of ${router.name}, and most likely that router's own identifier` },
        ];
      const all = new Set(
        identified.filter((other) => sameIp(other.routerID, routerID)).flatMap((other) => other.nodes),
      );
      if (all.size > 1 && own.length > 0)
        return [{ ...at, message: `${few([...all])} all get the BGP identifier ${text}` }];
      // Without nodes: a peer without selectors is for all of them, which are one only in a cluster of one.
      if (nodes.length === 0 && one.nodeSelectors.length === 0)
        return [
          {
            ...at,
            severity: 'info',
            message: `every node gets the BGP identifier ${text}: that is right for one node only`,
          },
        ];
      return [];
    });
  },
};
