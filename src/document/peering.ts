/** The sessions: who peers with which router, with which times, and how soon a router notices that a node is dead. */
import { selectsNode } from '../announce/sessions.ts';
import { type BfdProfile, bfdParametersOf } from '../config/bfd-profile.ts';
import type { Peer } from '../config/peer.ts';
import { formatIp } from '../net/ip.ts';
import { detectionMsOf, durationText, failoverText, promisedFailover } from '../plan/failover.ts';
import type { Plan } from '../plan/plan.ts';
import { kindOf } from './addresses.ts';
import { escaped, namesOf, sectionOf, tableOf } from './markdown.ts';

/** The address of the router, or the link of an unnumbered one. */
export const routerText = ({ peerAddress, interface: link }: Peer): string =>
  peerAddress === null ? `on ${escaped(link ?? '')}` : formatIp(peerAddress);

/** One row for each BGPPeer, by name. */
export function peering(plan: Plan): string {
  const { config } = plan.snapshot;
  const rows = config.peers.map((peer) => [
    escaped(peer.name),
    routerText(peer) + (peer.peerPort === 179 ? '' : ` port ${peer.peerPort}`),
    `${peer.peerASN ?? 'any'} (${kindOf(peer)})`,
    nodesOf(peer, plan),
    `${peer.holdTimeSeconds} s / ${peer.keepaliveSeconds} s`,
    authenticationOf(peer),
    bfdOf(peer, plan),
    failoverOf(peer, plan),
    extrasOf(peer),
  ]);
  const heading = [
    'BGPPeer',
    'router',
    'its AS',
    'nodes',
    'hold / keepalive',
    'authentication',
    'BFD',
    'a dead node is noticed',
    'further',
  ];
  const superseded = plan.views.flatMap(({ node, sessions }) =>
    sessions.flatMap((session) =>
      session.superseded.map(
        (peer) =>
          `On ${escaped(node.name)} ${escaped(session.peer.name)} stands for ${escaped(peer.name)}, which has the same address.`,
      ),
    ),
  );
  const profiles = config.bfdProfiles.map((profile) => {
    const { transmitIntervalMs, receiveIntervalMs, detectMultiplier } = bfdParametersOf(profile);
    return [
      escaped(profile.name),
      `${transmitIntervalMs} ms`,
      `${receiveIntervalMs} ms`,
      String(detectMultiplier),
      durationText(detectionMsOf(profile)),
    ];
  });
  const nodes = plan.views.map(({ node }) => [escaped(node.name), node.internalIPs.map(formatIp).join(', ')]);
  return sectionOf(
    'Router peering',
    tableOf(heading, rows),
    tableOf(['node', 'addresses'], nodes),
    superseded.join('\n'),
    tableOf(['BFDProfile', 'transmits every', 'receives every', 'multiplier', 'detection at the earliest'], profiles),
  );
}

function nodesOf(peer: Peer, { snapshot, options }: Plan): string {
  if (snapshot.nodes.length === 0) return peer.nodeSelectors.length === 0 ? 'all' : 'by nodeSelectors';
  const selected = snapshot.nodes.filter((node) => selectsNode(peer, node, options));
  if (selected.length === snapshot.nodes.length) return `all ${selected.length}`;
  return selected.length === 0 ? 'none' : namesOf(selected.map(({ name }) => name).sort());
}

function authenticationOf({ authentication }: Peer): string {
  if (authentication.type === 'none') return 'none';
  return authentication.source.type === 'secret'
    ? `MD5, Secret ${escaped(authentication.source.name)}`
    : 'MD5, key in the BGPPeer';
}

const profileOf = (peer: Peer, { snapshot }: Plan): BfdProfile | null =>
  snapshot.config.bfdProfiles.find(({ name }) => name === peer.bfdProfile) ?? null;

function bfdOf(peer: Peer, plan: Plan): string {
  if (peer.bfdProfile === null) return 'no';
  const known = profileOf(peer, plan) === null ? ' (no such BFDProfile)' : '';
  return escaped(peer.bfdProfile) + known + (peer.strictBFD ? ', strict' : '');
}

/** How soon a router stops sending to a node that has died without a word. */
export const failoverOf = (peer: Peer, plan: Plan): string =>
  failoverText(promisedFailover(peer.holdTimeSeconds, profileOf(peer, plan)));

const extrasOf = (peer: Peer): string =>
  [
    ...(peer.ttlSecurityHops === null
      ? []
      : [`TTL security, ${peer.ttlSecurityHops} ${peer.ttlSecurityHops === 1 ? 'hop' : 'hops'}`]),
    ...(peer.ebgpMultiHop ? ['multihop'] : []),
    ...(peer.enableGracefulRestart ? ['graceful restart'] : []),
    ...(peer.dualStackAddressFamily ? ['both families'] : []),
    ...(peer.sourceAddress === null ? [] : [`from ${formatIp(peer.sourceAddress)}`]),
  ].join(', ');
