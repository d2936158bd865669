/**
 * Why a node announces a Service to its peers over BGP, or does not: the conditions in the order in which `announce/bgp.ts` asks them,
 * then each peer.
 */

import { type AssignedService, type Contribution, mergePrefix, type NodeView, routesOf } from '../announce/bgp.ts';
import type { NotAnnouncedReason } from '../announce/eligibility.ts';
import { identityOf, type Session, selectsNode } from '../announce/sessions.ts';
import { formatExtendedCommunity } from '../bgp/extended-community.ts';
import { formatCommunity, formatLargeCommunity } from '../bgp/route.ts';
import { compareText } from '../compare-text.ts';
import type { BgpAdvertisement } from '../config/advertisement.ts';
import type { Peer } from '../config/peer.ts';
import { formatIp } from '../net/ip.ts';
import { formatPrefix, prefixContains } from '../net/prefix.ts';
import type { Plan } from '../plan/plan.ts';
import { type BgpRow, communityTextsOf } from '../plan/row.ts';
import { endpointStep, endpointsOf, nodeSteps } from './eligibility.ts';
import { metallbRef, type Step, selectorStep, stepsAbout } from './step.ts';

/** One peer of the configuration, as seen from one node. */
export interface PeerExplanation {
  readonly peer: string;
  readonly announced: boolean;
  /** What the peer is told of the Service. */
  readonly routes: readonly Omit<BgpRow, 'node' | 'peer'>[];
  readonly steps: readonly Step[];
}

/** One node and protocol. */
export interface NodeExplanation {
  readonly node: string;
  readonly protocol: 'bgp' | 'layer2';
  readonly announced: boolean;
  /** The reason of the plan's `notAnnounced` row; null where there is none. */
  readonly reason: NotAnnouncedReason | null;
  readonly message: string | null;
  readonly steps: readonly Step[];
  readonly peers: readonly PeerExplanation[];
}

export function explainBgp(plan: Plan, assigned: AssignedService, view: NodeView): NodeExplanation {
  const { service } = assigned;
  const { namespace, ignoreExcludeLB } = plan.options;
  const { contributions, refusal } = routesOf(assigned, endpointsOf(plan, service), view);
  const selections = assigned.audience.forService.map((advertisement) => ({
    advertisement,
    step: selectorStep(
      stepsAbout(metallbRef('BGPAdvertisement', advertisement.name, namespace)),
      'nodeSelectors',
      advertisement.nodeSelectors,
      view.node.labels,
    ),
  }));
  const here = selections.filter(({ step }) => step.outcome === 'yes').map(({ advertisement }) => advertisement);
  const steps = selections.map(({ step }) => step);
  const explanation = (more: readonly Step[], peers: readonly PeerExplanation[]): NodeExplanation => ({
    node: view.node.name,
    protocol: 'bgp',
    announced: contributions.length > 0,
    reason: refusal?.reason ?? null,
    message: refusal?.message ?? null,
    steps: [...steps, ...more],
    peers,
  });
  if (here.length === 0) return explanation([], []);
  if (refusal?.reason === 'conflictingAdvertisements') {
    const about = stepsAbout(metallbRef('BGPAdvertisement', here[0]?.name ?? '', namespace));
    return explanation([about('local-preference', 'no', refusal.message, ['spec', 'localPref'])], []);
  }
  const conditions = [
    ...nodeSteps(view.node, ignoreExcludeLB),
    endpointStep(service, endpointsOf(plan, service), view.node),
  ];
  if (conditions.some(({ outcome }) => outcome === 'no')) return explanation(conditions, []);
  const peers = plan.snapshot.config.peers.map((peer) => explainPeer(plan, assigned, view, here, contributions, peer));
  return explanation(conditions, peers);
}

function explainPeer(
  plan: Plan,
  assigned: AssignedService,
  view: NodeView,
  here: readonly BgpAdvertisement[],
  contributions: readonly Contribution[],
  peer: Peer,
): PeerExplanation {
  const about = stepsAbout(metallbRef('BGPPeer', peer.name, plan.options.namespace));
  const without = (...steps: readonly Step[]): PeerExplanation => ({
    peer: peer.name,
    announced: false,
    routes: [],
    steps,
  });
  const selected = peerSelection(plan, peer, view, about);
  if (selected.outcome === 'no') return without(selected);
  const session = view.sessions.find((one) => one.peer.name === peer.name);
  if (session === undefined) {
    const identity = identityOf(peer);
    const holder = view.sessions.find((one) => identityOf(one.peer) === identity);
    const message = `peer ${holder?.peer.name ?? 'of the same address'} holds the session with this router here, and gets what is for ${peer.name}`;
    return without(selected, about('superseded', 'no', message, ['spec', 'peerAddress']));
  }
  const naming = namingSteps(plan, session, here);
  const reaching = here.filter((_, i) => naming[i]?.outcome === 'yes');
  if (reaching.length === 0) return without(selected, ...naming);
  const family = familyStep(assigned, session, about);
  const mine = contributions.filter((contribution) => contribution.target.session === session);
  return {
    peer: peer.name,
    announced: mine.length > 0,
    routes: routesOn(plan, assigned, view, mine),
    steps: [
      selected,
      ...naming,
      ...(family === null ? [] : [family]),
      ...(mine.length === 0
        ? []
        : reaching.flatMap((advertisement) => attributeSteps(plan, assigned, session, advertisement))),
    ],
  };
}

function peerSelection(plan: Plan, peer: Peer, view: NodeView, about: ReturnType<typeof stepsAbout>): Step {
  const path = ['spec', 'nodeSelectors'];
  if (peer.nodeSelectors.length === 0)
    return about(
      'peer-node-selectors',
      'yes',
      `peer ${peer.name} has a session on every node: it has no nodeSelectors`,
      path,
    );
  const selects = selectsNode(peer, view.node, plan.options);
  const outcome = selects ? 'yes' : 'no';
  const head = `peer ${peer.name} has ${selects ? 'a' : 'no'} session here: `;
  const count = peer.nodeSelectors.length;
  if (count === 1)
    return about(
      'peer-node-selectors',
      outcome,
      `${head}its node selector ${selects ? 'matches' : 'does not match'}`,
      path,
    );
  const policy = peer.nodeSelectorsPolicy ?? plan.options.nodeSelectors;
  const source = peer.nodeSelectorsPolicy === null ? '--node-selectors' : 'its nodeSelectorsPolicy';
  const [demand, answer] =
    policy === 'All'
      ? [`all of its ${count} nodeSelectors must match`, selects ? 'they do' : 'they do not']
      : [`one of its ${count} nodeSelectors must match`, selects ? 'one does' : 'none does'];
  return about('peer-node-selectors', outcome, `${head}${demand} (${source}), and ${answer}`, path);
}

/** Which advertisements are for the session: one step each, in their order. */
const namingSteps = (plan: Plan, session: Session, here: readonly BgpAdvertisement[]): readonly Step[] =>
  here.map(({ name, peers }) => {
    const about = stepsAbout(metallbRef('BGPAdvertisement', name, plan.options.namespace));
    const path = ['spec', 'peers'];
    if (peers.length === 0)
      return about('advertisement-peers', 'yes', `BGPAdvertisement ${name} is for every peer`, path);
    const named = session.names.find((one) => peers.includes(one));
    if (named === undefined)
      return about(
        'advertisement-peers',
        'no',
        `BGPAdvertisement ${name} is for other peers: ${peers.join(', ')}`,
        path,
      );
    const by = named === session.peer.name ? '' : `, which this session stands for (docs/decisions.md 17)`;
    return about('advertisement-peers', 'yes', `BGPAdvertisement ${name} names ${named}${by}`, [
      ...path,
      peers.indexOf(named),
    ]);
  });

function familyStep(
  { ips }: AssignedService,
  { peer, families }: Session,
  about: ReturnType<typeof stepsAbout>,
): Step | null {
  const lacking = ips.filter((ip) => !families.includes(ip.family));
  if (lacking.length === 0) return null;
  const message = `the session carries ${families.map((family) => `IPv${family}`).join(' and ')} only, so ${lacking.map(formatIp).join(', ')} is not announced on it`;
  const path = ['spec', peer.peerAddress === null ? 'dualStackAddressFamily' : 'peerAddress'];
  return about('address-family', ips.length === lacking.length ? 'no' : 'note', message, path);
}

/** What the advertisement says of the route, and what of it this peer is not told. */
function attributeSteps(
  plan: Plan,
  { ips }: AssignedService,
  session: Session,
  advertisement: BgpAdvertisement,
): readonly Step[] {
  const about = stepsAbout(metallbRef('BGPAdvertisement', advertisement.name, plan.options.namespace));
  const external = session.type === 'external';
  const steps: Step[] = [];
  const say = (rule: string, message: string, field: string): void => {
    steps.push(about(rule, 'note', message, ['spec', field]));
  };
  for (const family of session.families) {
    if (!ips.some((ip) => ip.family === family)) continue;
    const [length, field] =
      family === 4
        ? [advertisement.aggregationLength, 'aggregationLength']
        : [advertisement.aggregationLengthV6, 'aggregationLengthV6'];
    if (length !== (family === 4 ? 32 : 128))
      say('aggregation', `IPv${family} addresses are announced as their /${length}`, field);
  }
  if (advertisement.localPref !== null)
    say(
      'local-preference',
      external
        ? `localPref ${advertisement.localPref} is not sent: the peer is external, and LOCAL_PREF is for internal peers (RFC 4271 section 5.1.5)`
        : `localPref ${advertisement.localPref} is sent`,
      'localPref',
    );
  if (advertisement.med !== null) say('med', `MULTI_EXIT_DISC ${advertisement.med} is sent`, 'med');
  if (advertisement.asPathPrepend > 0)
    say(
      'as-path-prepend',
      external
        ? `our AS stands ${advertisement.asPathPrepend + 1} times in AS_PATH`
        : 'asPathPrepend is for external peers, and this one is internal',
      'asPathPrepend',
    );
  const communities = [
    ...advertisement.communities.map(formatCommunity),
    ...advertisement.largeCommunities.map(formatLargeCommunity),
    ...advertisement.extendedCommunities.map(formatExtendedCommunity),
  ];
  if (communities.length > 0) say('communities', `communities ${communities.join(' ')}`, 'communities');
  return steps;
}

/** The routes of the Service on one session, with what other Services add to the same prefixes. */
function routesOn(
  plan: Plan,
  assigned: AssignedService,
  view: NodeView,
  mine: readonly Contribution[],
): PeerExplanation['routes'] {
  const byPrefix = Map.groupBy(mine, ({ prefix }) => formatPrefix(prefix));
  return [...byPrefix]
    .sort(([a], [b]) => compareText(a, b))
    .map(([prefix, own]) => {
      const [first] = own;
      const sharers = plan.assigned.filter(
        (other) =>
          other === assigned || (first !== undefined && other.ips.some((ip) => prefixContains(first.prefix, ip))),
      );
      const all = sharers.flatMap((one) =>
        routesOf(one, endpointsOf(plan, one.service), view).contributions.filter(
          (c) => c.target.session === first?.target.session && formatPrefix(c.prefix) === prefix,
        ),
      );
      const { attributes, services, advertisements } = mergePrefix(all);
      const { localPref, med, asPathPrepend } = attributes;
      return {
        prefix,
        localPref,
        med,
        asPathPrepend,
        ...communityTextsOf(attributes),
        services,
        advertisements: [...advertisements].sort(compareText),
      };
    });
}
