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
import type { Plan } from '../plan/plan.ts';
import { bfdNeedOf } from './bfd-need.ts';
import { Ids } from './ids.ts';
import type { NeighborGroup, Router } from './model.ts';
import { distanceOf, neighborsOf, type RouterOptions, sizeOf } from './neighbors.ts';
import { translate } from './preferences.ts';
import { familyNeed } from './prefixes.ts';
import { Reporter } from './reporter.ts';

export interface BuiltRouters {
  /** By address; empty where one of the findings is an error. */
  readonly routers: readonly Router[];
  readonly findings: readonly Finding[];
}

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
  readonly #reporter: Reporter;

  constructor(plan: Plan, options: RouterOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#reporter = new Reporter(plan.options.namespace);
  }

  build(): BuiltRouters {
    const { peers } = this.#plan.snapshot.config;
    if (peers.length === 0) this.#reporter.report('router-without-peer', null, [], 'there is no BGPPeer');
    const sessions = this.#sessions();
    const byAddress = Map.groupBy(sessions, ({ session: { peer } }) =>
      peer.peerAddress === null ? '' : formatIp(peer.peerAddress),
    );
    const routers = [...byAddress.values()]
      .flatMap((own) => this.#routerOf(own))
      .sort((a, b) => compareIp(a.address, b.address));
    this.#checkReach(sessions);
    const { failed, findings } = this.#reporter;
    return { routers: failed ? [] : routers, findings };
  }

  #sessions(): readonly PlacedSession[] {
    const { snapshot, views, options } = this.#plan;
    const { peers, bfdProfiles } = snapshot.config;
    if (views.length > 0) {
      for (const peer of peers) {
        const held = views.some(({ sessions }) => sessions.some(({ names }) => names.includes(peer.name)));
        if (held) continue;
        const message = `BGPPeer ${peer.name} selects none of the ${views.length} Nodes: its router would have no neighbor`;
        this.#reporter.peer('router-selects-no-node', peer, ['spec', 'nodeSelectors'], message);
      }
      return views.flatMap(({ node, sessions }) => sessions.map((session) => ({ session, node })));
    }
    if (this.#options.listenRange === null) {
      for (const peer of peers)
        this.#reporter.peer(
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
      return sessionsOf({ labels: {} }, { peers: [{ ...holder, nodeSelectors: [] }], bfdProfiles }, options).map(
        (session) => ({
          session: { ...session, peer: holder },
          node: null,
        }),
      );
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
        this.#reporter.peer(
          'router-with-two-ports',
          peer,
          ['spec', 'peerPort'],
          `${formatIp(address)} has port ${peer.peerPort} here and ${port} in BGPPeer ${holders[0]?.name}`,
        );
    if (this.#options.listenRange !== null && holders.length > 1) this.#reportAmbiguous(holders[0] as Peer, holders);
    const { maxNeighbors } = this.#options;
    if (maxNeighbors !== null && sessions.length > maxNeighbors)
      this.#reporter.peer(
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
        this.#reporter.peer(
          'router-asn-unknown',
          peer,
          ['spec', 'dynamicASN'],
          `dynamicASN does not say which AS ${formatIp(address)} is in`,
        );
      else if (asn !== null && own !== asn)
        this.#reporter.peer(
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
    const nodes = sessions.flatMap(({ node }) => (node === null ? [] : [node]));
    const neighbors = neighborsOf(peer, nodes, this.#options, this.#reporter);
    const distance = distanceOf(peer, neighbors, this.#options, this.#reporter);
    const superseded = [...new Set(sessions.flatMap(({ session }) => session.superseded.map(({ name }) => name)))];
    const reaching = config.bgpAdvertisements.filter((one) => sessions.some((session) => reaches(one, session)));
    const needs = families.map((family) => familyNeed(family, reaching, config.pools));
    if (needs.every(({ prefixes }) => prefixes.length === 0))
      this.#reporter.peer(
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
      this.#reporter.report(
        'router-preference-conflict',
        { kind: 'BGPAdvertisement', name: b.name },
        ['spec', 'localPref'],
        `the router of BGPPeer ${peer.name} is asked for local preference ${prefText(a)} by BGPAdvertisement ${a.name} and ${prefText(b)} by ${b.name}, and the routes of both carry ${community}`,
      );
    }
    for (const { advertisement, localPref, suggestion } of untranslated)
      this.#reporter.report(
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
      bfd: bfdNeedOf(peer, config.bfdProfiles, distance, ids, this.#reporter),
      families: needs,
      advertisements: reaching,
      preferences: rules,
      untranslated,
    };
  }

  /** Advertisements that reach nobody, and pools that only such advertisements are for. */
  #checkReach(sessions: readonly PlacedSession[]): void {
    const { bgpAdvertisements, pools } = this.#plan.snapshot.config;
    if (sessions.length === 0) return;
    const lost = bgpAdvertisements.filter((one) => !sessions.some((session) => reaches(one, session)));
    for (const { name, peers } of lost)
      this.#reporter.report(
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
      this.#reporter.report(
        'router-pool-without-peer',
        { kind: 'IPAddressPool', name: pool.name },
        ['metadata', 'name'],
        `pool ${pool.name} is announced by ${names} alone, which reaches no router`,
      );
    }
  }

  #reportAmbiguous(holder: Peer, rivals: readonly Peer[]): void {
    const names = rivals.map(({ name }) => name).join(', ');
    this.#reporter.peer(
      'router-ambiguous-peers',
      holder,
      ['spec', 'peerAddress'],
      `${names} mean the same router, and with a listen range nothing tells their neighbors apart`,
    );
  }
}

const prefText = ({ localPref }: BgpAdvertisement): string =>
  localPref === null ? '100 (localPref is unset)' : String(localPref);

/** Whether routes of the advertisement go over the session; where no Node is known, its nodeSelectors cannot say no. */
const reaches = (advertisement: BgpAdvertisement, { session, node }: PlacedSession): boolean =>
  (advertisement.peers.length === 0 || session.names.some((name) => advertisement.peers.includes(name))) &&
  (node === null || anySelectorMatches(advertisement.nodeSelectors, node.labels));
