/** External peers that are most likely more than one hop away, as the guide's routers of data centre 2 (docs/decisions.md 12 and 18). */
import { selectsNode } from '../../announce/sessions.ts';
import { sessionTypeOf } from '../../config/peer.ts';
import { formatIp, isLinkLocal } from '../../net/ip.ts';
import { prefixContains, prefixOf } from '../../net/prefix.ts';
import { manifest, node, peer } from '../example.ts';
import type { LintRule } from '../rule.ts';

/** What a subnet of servers usually is: a Node does not say how long its prefix is. */
const USUAL_LENGTH = { 4: 24, 6: 64 } as const;

export const peerNotOnNodeSubnet: LintRule = {
  name: 'peer-not-on-node-subnet',
  severity: 'info',
  help: 'If the router is indeed behind another one, let its side accept that (FRR: neighbor … ebgp-multihop 2; Cisco: ebgp-multihop) and route back to the nodes; ebgpMultiHop: true on the peer says that it is meant. If it is on the subnet after all, nothing is to be done.',
  summary: 'an external peer is probably more than one hop away, and ebgpMultiHop does not say so',
  why: `Routers expect an eBGP neighbour on the link that they share with it, and refuse one that is further away unless they are told. The session
then stays in Active without a reason that anybody sees. A Node does not say how long its prefix is, so this rule guesses /24 and /64, and says so.`,
  fires: [manifest(peer('router-far', 'peerAddress: 10.9.9.1'), node('node1', '10.0.0.11'))],
  silent: [
    manifest(peer('router-near', 'peerAddress: 10.0.0.1'), node('node1', '10.0.0.11')),
    manifest(peer('router-far', 'peerAddress: 10.9.9.1\nebgpMultiHop: true'), node('node1', '10.0.0.11')),
  ],
  check: ({ snapshot: { config, nodes }, options }) =>
    config.peers.flatMap((peer) => {
      const address = peer.peerAddress;
      if (address === null || peer.ebgpMultiHop || sessionTypeOf(peer) === 'internal' || isLinkLocal(address))
        return [];
      const length = USUAL_LENGTH[address.family];
      const known = nodes
        .filter((node) => selectsNode(peer, node, options))
        .map((node) => ({ name: node.name, ips: node.internalIPs.filter((ip) => ip.family === address.family) }))
        .filter(({ ips }) => ips.length > 0);
      const far = known.filter(({ ips }) => !ips.some((ip) => prefixContains(prefixOf(ip, length), address)));
      if (far.length === 0) return [];
      const names = far.slice(0, 3).map(({ name }) => name);
      const whose =
        far.length === known.length
          ? 'any node that has the session'
          : names.join(', ') + (far.length > 3 ? ' and others' : '');
      return [
        {
          object: { kind: 'BGPPeer', name: peer.name },
          path: ['spec', 'peerAddress'],
          message:
            `${formatIp(address)} is not in the /${length} of an InternalIP of ${whose}, so the router is probably more than one hop away ` +
            `(Nodes do not say how long their prefix is: /${length} is a guess). We send with an ordinary TTL and connect all the same; ` +
            'a router that expects eBGP neighbours on its own link refuses',
        },
      ];
    }),
};
