/**
 * From a plan to what its routers must hold.
 *
 * Everything that is wrong is said at once, and then there is no model: half a configuration is one that drops sessions. Pure.
 */
import { identityOf, precedence, type Session, sessionsOf } from '../announce/sessions.ts';
import { compareText } from '../compare-text.ts';
import { type BgpAdvertisement, scopeCovers } from '../config/advertisement.ts';
import { type Peer, sessionAsnOf, sessionTypeOf } from '../config/peer.ts';
import type { Finding } from '../config/problem.ts';
import { anySelectorMatches } from '../config/selector.ts';
import { compareIp, formatIp, type Ip } from '../net/ip.ts';
import { formatPrefix, type Prefix, prefixContains, prefixOf } from '../net/prefix.ts';
import type { Plan } from '../plan/plan.ts';
import type { BfdNeed, Distance, NeighborGroup, NeighborNode, Neighbors, Router } from './model.ts';
import { Names } from './plain-text.ts';
import { translate } from './preferences.ts';
import { familyNeed } from './prefixes.ts';
import { type RouterRuleName, routerFinding } from './rules.ts';

export interface RouterOptions {
  /** Whoever dials from here is a neighbor, instead of each node by its address. */
  readonly listenRange: Prefix | null;
  /** How many neighbors the router takes; null where nothing limits it. */
  readonly maxNeighbors: number | null;
  /** Subnets that nodes and routers share; empty where they have to be guessed. */
  readonly subnets: readonly Prefix[];
  /** What the annotation says of how many equal paths the router of a BGPPeer uses; null where it says nothing. */
  readonly pathsOf: (peer: string) => number | null;
}

export interface BuiltRouters {
  /** By address; empty where one of the findings is an error. */
  readonly routers: readonly Router[];
  readonly findings: readonly Finding[];
}

/** What a subnet of servers usually is: a Node does not say how long its prefix is. */
const USUAL_LENGTH = { 4: 24, 6: 64 } as const;

/** Works out what each router of the plan must hold. */
export function buildRouters(plan: Plan, options: RouterOptions): BuiltRouters {
  return new Builder(plan, options).build();
}

/** A session with the node that it is on; null where no Node is known. */
interface PlacedSession {
  readonly session: Session;
  readonly node: Plan['views'][number]['node'] | null;
}

class Builder {
  readonly #plan: Plan;
  readonly #options: RouterOptions;
  readonly #findings: Finding[] = [];

  constructor(plan: Plan, options: RouterOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  build(): BuiltRouters {
    const { peers } = this.#plan.snapshot.config;
    if (peers.length === 0) this.#report('router-without-peer', null, [], 'there is no BGPPeer');
    const sessions = this.#sessions();
    const byAddress = Map.groupBy(sessions, ({ session: { peer } }) =>
      peer.peerAddress === null ? '' : formatIp(peer.peerAddress),
    );
    const routers = [...byAddress.values()]
      .flatMap((own) => this.#routerOf(own))
      .sort((a, b) => compareIp(a.address, b.address));
    this.#checkReach(sessions);
    const failed = this.#findings.some(({ severity }) => severity === 'error');
    return { routers: failed ? [] : routers, findings: this.#findings };
  }

  #sessions(): readonly PlacedSession[] {
    const { snapshot, views, options } = this.#plan;
    const { peers } = snapshot.config;
    if (views.length > 0) {
      for (const peer of peers) {
        const held = views.some(({ sessions }) => sessions.some(({ names }) => names.includes(peer.name)));
        if (held) continue;
        const message = `BGPPeer ${peer.name} selects none of the ${views.length} Nodes: its router would have no neighbor`;
        this.#report('router-selects-no-node', peer, ['spec', 'nodeSelectors'], message);
      }
      return views.flatMap(({ node, sessions }) => sessions.map((session) => ({ session, node })));
    }
    if (this.#options.listenRange === null) {
      for (const peer of peers)
        this.#report(
          'router-nodes-unknown',
          peer,
          ['spec', 'peerAddress'],
          'there are no Nodes: the neighbors of this router are not known',
        );
      return [];
    }
    return [...Map.groupBy(peers, identityOf).values()].flatMap((rivals) => {
      const [holder] = [...rivals].sort(precedence);
      if (holder === undefined) return [];
      if (rivals.length > 1) this.#reportAmbiguous(holder, rivals);
      return sessionsOf({ labels: {} }, { peers: [{ ...holder, nodeSelectors: [] }] }, options).map((session) => ({
        session: { ...session, peer: holder },
        node: null,
      }));
    });
  }

  #routerOf(sessions: readonly PlacedSession[]): readonly Router[] {
    const [first] = sessions;
    const address = first?.session.peer.peerAddress ?? null;
    if (first === undefined || address === null) return [];
    const byPeer = [...Map.groupBy(sessions, ({ session: { peer } }) => peer.name).values()].sort((a, b) =>
      compareText((a[0] as PlacedSession).session.peer.name, (b[0] as PlacedSession).session.peer.name),
    );
    const holders = byPeer.map(([one]) => (one as PlacedSession).session.peer);
    const asn = this.#asnOf(address, holders);
    const [port] = new Set(holders.map(({ peerPort }) => peerPort));
    for (const peer of holders)
      if (peer.peerPort !== port)
        this.#report(
          'router-with-two-ports',
          peer,
          ['spec', 'peerPort'],
          `${formatIp(address)} has port ${peer.peerPort} here and ${port} in BGPPeer ${holders[0]?.name}`,
        );
    if (this.#options.listenRange !== null && holders.length > 1) this.#reportAmbiguous(holders[0] as Peer, holders);
    const { maxNeighbors } = this.#options;
    if (maxNeighbors !== null && sessions.length > maxNeighbors)
      this.#report(
        'router-too-many-neighbors',
        holders[0] as Peer,
        ['spec', 'nodeSelectors'],
        `${sessions.length} Nodes have a session with ${formatIp(address)}, which takes ${maxNeighbors} neighbors`,
      );
    const ids = new Ids();
    const groups = byPeer.map((own) => this.#groupOf(own, asn, ids));
    const count = (type: NeighborGroup['type']): number =>
      groups.filter((group) => group.type === type).reduce((sum, { neighbors }) => sum + sizeOf(neighbors), 0);
    const limits = holders.flatMap(({ name }) => this.#options.pathsOf(name) ?? []);
    const limit = Math.min(...limits, Number.POSITIVE_INFINITY);
    const [external, internal] = [count('external'), count('internal')];
    return [
      {
        address,
        asn,
        groups,
        maximumPaths: {
          external: Math.min(external, limit),
          internal: Math.min(internal, limit),
          announcers: Math.max(external, internal),
        },
      },
    ];
  }

  #asnOf(address: Ip, holders: readonly Peer[]): number {
    let asn: number | null = null;
    for (const peer of holders) {
      const own = peer.peerASN ?? (peer.dynamicASN === 'internal' ? sessionAsnOf(peer) : null);
      if (own === null)
        this.#report(
          'router-asn-unknown',
          peer,
          ['spec', 'dynamicASN'],
          `dynamicASN does not say which AS ${formatIp(address)} is in`,
        );
      else if (asn !== null && own !== asn)
        this.#report(
          'router-with-two-asns',
          peer,
          ['spec', 'peerASN'],
          `${formatIp(address)} is in AS ${own} here and in AS ${asn} in BGPPeer ${holders[0]?.name}`,
        );
      asn ??= own;
    }
    return asn ?? 0;
  }

  #groupOf(sessions: readonly PlacedSession[], asn: number, ids: Ids): NeighborGroup {
    const { config, communities = [] } = this.#plan.snapshot;
    const { peer, families, type } = (sessions[0] as PlacedSession).session;
    const neighbors = this.#neighborsOf(peer, sessions);
    const distance = this.#distanceOf(peer, neighbors);
    const superseded = [...new Set(sessions.flatMap(({ session }) => session.superseded.map(({ name }) => name)))];
    const reaching = config.bgpAdvertisements.filter((one) => sessions.some((session) => reaches(one, session)));
    const needs = families.map((family) => familyNeed(family, reaching, config.pools));
    if (needs.every(({ prefixes }) => prefixes.length === 0))
      this.#report(
        'router-gets-nothing',
        peer,
        ['metadata', 'name'],
        `no BGPAdvertisement brings a pool of its families to BGPPeer ${peer.name}: its router lets nothing in`,
      );
    const none = { rules: [], untranslated: [], shadowed: [], conflict: null };
    const { rules, untranslated, conflict } =
      sessionTypeOf(peer) === 'internal' ? none : translate(reaching, config.pools, communities, asn);
    if (conflict !== null) {
      const { a, b, community } = conflict;
      this.#report(
        'router-preference-conflict',
        { kind: 'BGPAdvertisement', name: b.name },
        ['spec', 'localPref'],
        `the router of BGPPeer ${peer.name} is asked for local preference ${prefText(a)} by BGPAdvertisement ${a.name} and ${prefText(b)} by ${b.name}, and the routes of both carry ${community}`,
      );
    }
    for (const { advertisement, localPref, suggestion } of untranslated)
      this.#report(
        'router-preference-untold',
        { kind: 'BGPAdvertisement', name: advertisement },
        ['spec', 'communities'],
        `localPref ${localPref} does not reach the external peer ${peer.name}, and no community of BGPAdvertisement ${advertisement} tells its routes`,
        `Add "${suggestion}" to spec.communities of the BGPAdvertisement and make the configuration again: it then gives routes with it the local preference ${localPref}.`,
      );
    return {
      peer,
      superseded,
      id: ids.ofPeer(peer.name),
      remoteAsn: sessionAsnOf(peer),
      type,
      neighbors,
      distance,
      bfd: this.#bfdOf(peer, distance, ids),
      families: needs,
      advertisements: reaching,
      preferences: rules,
      untranslated,
    };
  }

  #neighborsOf(peer: Peer, sessions: readonly PlacedSession[]): Neighbors {
    const { listenRange } = this.#options;
    const nodes = sessions.flatMap(({ node }) => (node === null ? [] : [node]));
    const listed = this.#listedNodes(peer, nodes);
    if (listenRange === null) return { type: 'listed', nodes: listed };
    for (const { address, node } of listed)
      if (!prefixContains(listenRange, address))
        this.#report(
          'router-outside-range',
          peer,
          ['spec', 'peerAddress'],
          `Node ${node ?? peer.name} dials from ${formatIp(address)}, which is outside of ${formatPrefix(listenRange)}`,
        );
    return { type: 'range', range: listenRange, limit: this.#options.maxNeighbors ?? Math.max(nodes.length, 100) };
  }

  /** With `sourceAddress` the one node that has the address, whichever it is; else each node by its first InternalIP of the family. */
  #listedNodes(
    peer: Peer,
    nodes: readonly { readonly name: string; readonly internalIPs: readonly Ip[] }[],
  ): readonly NeighborNode[] {
    const { sourceAddress, peerAddress } = peer;
    if (sourceAddress !== null) {
      const owner = nodes.find(({ internalIPs }) => internalIPs.some((ip) => compareIp(ip, sourceAddress) === 0));
      return [{ address: sourceAddress, node: owner?.name ?? (nodes.length === 1 ? (nodes[0]?.name ?? null) : null) }];
    }
    return nodes.flatMap(({ name, internalIPs }) => {
      const address = internalIPs.find(({ family }) => family === peerAddress?.family);
      if (address !== undefined) return [{ address, node: name }];
      this.#report(
        'router-node-without-address',
        { kind: 'Node', name, namespace: '' },
        ['status', 'addresses'],
        `Node ${name} has no IPv${peerAddress?.family} InternalIP to reach BGPPeer ${peer.name} from`,
      );
      return [];
    });
  }

  #distanceOf(peer: Peer, neighbors: Neighbors): Distance {
    if (peer.ttlSecurityHops !== null) return { type: 'ttl-security', hops: peer.ttlSecurityHops };
    const router = peer.peerAddress;
    if (router === null) return { type: 'connected' };
    const { subnets } = this.#options;
    const near = (address: Ip): boolean =>
      subnets.length > 0
        ? subnets.some((subnet) => prefixContains(subnet, router) && prefixContains(subnet, address))
        : prefixContains(prefixOf(address, USUAL_LENGTH[address.family]), router);
    const connected =
      neighbors.type === 'range'
        ? prefixContains(neighbors.range, router)
        : neighbors.nodes.every(({ address }) => near(address));
    if (connected) return { type: 'connected' };
    if (subnets.length === 0 && !peer.ebgpMultiHop && sessionTypeOf(peer) === 'external' && neighbors.type === 'listed')
      this.#report(
        'router-distance-guessed',
        peer,
        ['spec', 'peerAddress'],
        `${formatIp(router)} is not in the /${USUAL_LENGTH[router.family]} of its nodes: taken to be behind another router, so that multihop is configured`,
      );
    return { type: 'multihop' };
  }

  #bfdOf(peer: Peer, distance: Distance, ids: Ids): BfdNeed | null {
    const profile = this.#plan.snapshot.config.bfdProfiles.find(({ name }) => name === peer.bfdProfile);
    if (profile === undefined) {
      if (peer.bfdProfile !== null)
        this.#report(
          'router-bfd-profile-unknown',
          peer,
          ['spec', 'bfdProfile'],
          `BFDProfile ${peer.bfdProfile} is not among the objects: the router gets no BFD`,
        );
      return null;
    }
    const { name, receiveIntervalMs, transmitIntervalMs, detectMultiplier, minimumTtl } = profile;
    // docs/decisions.md 18: what is on a connected subnet has single-hop BFD.
    const multihop = distance.type === 'multihop' || (distance.type === 'ttl-security' && distance.hops > 1);
    return {
      profile: name,
      id: ids.ofProfile(multihop ? `${name}-multihop` : name),
      receiveIntervalMs: transmitIntervalMs ?? DEFAULT_INTERVAL_MS,
      transmitIntervalMs: receiveIntervalMs ?? DEFAULT_INTERVAL_MS,
      detectMultiplier: detectMultiplier ?? DEFAULT_MULTIPLIER,
      multihop,
      minimumTtl: minimumTtl ?? DEFAULT_MINIMUM_TTL,
      // RFC 5883: no echo over several hops.
      echoIntervalMs: profile.echoMode && !multihop ? (profile.echoIntervalMs ?? DEFAULT_ECHO_MS) : null,
    };
  }

  /** Advertisements that reach nobody, and pools that only such advertisements are for. */
  #checkReach(sessions: readonly PlacedSession[]): void {
    const { bgpAdvertisements, pools } = this.#plan.snapshot.config;
    if (sessions.length === 0) return;
    const lost = bgpAdvertisements.filter((one) => !sessions.some((session) => reaches(one, session)));
    for (const { name, peers } of lost)
      this.#report(
        'router-advertisement-unreachable',
        { kind: 'BGPAdvertisement', name },
        ['spec', 'peers'],
        peers.length > 0
          ? `BGPAdvertisement ${name} names ${peers.slice(0, 4).join(', ')}${peers.length > 4 ? ', …' : ''}, and none of them has a session`
          : `BGPAdvertisement ${name} selects no node that has a session`,
      );
    for (const pool of pools) {
      const own = bgpAdvertisements.filter((one) => scopeCovers(one, pool));
      if (own.length === 0 || own.some((one) => !lost.includes(one))) continue;
      const names = own.map(({ name }) => name).join(', ');
      this.#report(
        'router-pool-without-peer',
        { kind: 'IPAddressPool', name: pool.name },
        ['metadata', 'name'],
        `pool ${pool.name} is announced by ${names} alone, which reaches no router`,
      );
    }
  }

  #reportAmbiguous(holder: Peer, rivals: readonly Peer[]): void {
    const names = rivals.map(({ name }) => name).join(', ');
    this.#report(
      'router-ambiguous-peers',
      holder,
      ['spec', 'peerAddress'],
      `${names} mean the same router, and with a listen range nothing tells their neighbors apart`,
    );
  }

  #report(
    rule: RouterRuleName,
    subject: Peer | { readonly kind: string; readonly name: string; readonly namespace?: string } | null,
    path: Finding['path'],
    message: string,
    help?: string,
  ): void {
    const { namespace } = this.#plan.options;
    const object =
      subject === null
        ? null
        : 'kind' in subject
          ? { kind: subject.kind, namespace: subject.namespace ?? namespace, name: subject.name }
          : { kind: 'BGPPeer', namespace, name: subject.name };
    this.#findings.push(routerFinding(rule, object, path, message, help));
  }
}

/** The names of what belongs to one router. */
class Ids {
  readonly #names = new Names();
  readonly #profiles = new Map<string, string>();

  ofPeer(name: string): string {
    return this.#names.claim('METALLB-', name);
  }

  /** The same each time: several groups may have one profile; over several hops it is another one. */
  ofProfile(name: string): string {
    let id = this.#profiles.get(name);
    if (id === undefined) {
      id = this.#names.claim('METALLB-BFD-', name);
      this.#profiles.set(name, id);
    }
    return id;
  }
}

/** BFDProfile's own defaults. */
const DEFAULT_INTERVAL_MS = 300;
const DEFAULT_MULTIPLIER = 3;
const DEFAULT_MINIMUM_TTL = 254;
const DEFAULT_ECHO_MS = 50;

const prefText = ({ localPref }: BgpAdvertisement): string =>
  localPref === null ? '100 (localPref is unset)' : String(localPref);

/** How many neighbors there may be. */
export const sizeOf = (neighbors: Neighbors): number =>
  neighbors.type === 'listed' ? neighbors.nodes.length : neighbors.limit;

/** Whether routes of the advertisement go over the session; where no Node is known, its nodeSelectors cannot say no. */
const reaches = (advertisement: BgpAdvertisement, { session, node }: PlacedSession): boolean =>
  (advertisement.peers.length === 0 || session.names.some((name) => advertisement.peers.includes(name))) &&
  (node === null || anySelectorMatches(advertisement.nodeSelectors, node.labels));
