/** Several node selectors of a peer mean one thing here and another in MetalLB (docs/decisions.md 1). */
import { nodeSelectorsMatch } from '../../config/selector.ts';
import { manifest, node, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const nodeSelectorsAllAny: LintRule = {
  name: 'node-selectors-all-any',
  severity: 'warning',
  help: 'Say which is meant: nodeSelectorsPolicy: All or Any on the peer, or --node-selectors for all peers. What is to hold together can also stand in one selector, which both read alike.',
  summary: 'several nodeSelectors of a peer select other nodes by ALL than by ANY',
  why: `In MetalLB a node has a session if any of the peer's selectors matches it. Here, as long as neither the peer nor the process says otherwise, all of them must
match. Where the two readings select different nodes, one of them is not what the author had in mind; where ALL selects none, the peer has no session at all.`,
  fires: [
    manifest(
      peer(
        'router-a',
        'peerAddress: 10.0.0.1\nnodeSelectors:\n  - matchLabels: { rack: a }\n  - matchLabels: { edge: "true" }',
      ),
      node('node1', '10.0.0.11', 'rack: a'),
      node('node2', '10.0.0.12', 'edge: "true"'),
    ),
  ],
  silent: [
    manifest(
      peer(
        'router-a',
        'peerAddress: 10.0.0.1\nnodeSelectorsPolicy: Any\nnodeSelectors:\n  - matchLabels: { rack: a }\n  - matchLabels: { edge: "true" }',
      ),
      node('node1', '10.0.0.11', 'rack: a'),
      node('node2', '10.0.0.12', 'edge: "true"'),
    ),
  ],
  check: ({ snapshot: { config, nodes }, options }) =>
    config.peers.flatMap((peer) => {
      // One selector means the same either way, and a policy on the peer is its author's word.
      if (peer.nodeSelectors.length < 2 || peer.nodeSelectorsPolicy !== null) return [];
      const object = { kind: 'BGPPeer', name: peer.name };
      const path = ['spec', 'nodeSelectors'];
      const inForce = options.nodeSelectors === 'All' ? 'all' : 'any';
      if (nodes.length === 0)
        return [
          {
            object,
            path,
            severity: 'info' as const,
            message: `${peer.nodeSelectors.length} node selectors: ${inForce} of them must match here, and any in MetalLB; whether that selects different nodes shows when Nodes are given`,
          },
        ];
      const select = (policy: 'All' | 'Any') =>
        nodes.filter((node) => nodeSelectorsMatch(peer.nodeSelectors, policy, node.labels)).map((node) => node.name);
      const all = select('All');
      const any = select('Any');
      if (all.length === any.length) return [];
      const listed = (names: readonly string[]): string =>
        names.length === 0
          ? 'none'
          : names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '');
      const message =
        `the node selectors select ${listed(all)} if all must match, and ${listed(any)} if any is enough; ` +
        `in force is: ${inForce}`;
      return [
        {
          object,
          path,
          message:
            all.length === 0 && options.nodeSelectors === 'All'
              ? `THIS PEER HAS NO SESSION ON ANY NODE: ${message}, where MetalLB would take any`
              : message,
        },
      ];
    }),
};
