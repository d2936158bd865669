/**
 * Which prefixes a node announces to which peer, with which attributes.
 *
 * {@link NodeView} is a node as announcing sees it: its sessions, and which advertisements reach them. {@link routesOf} decides for one
 * Service and one node; {@link mergePrefix} makes one route of everything that wants one prefix on one session. `plan` calls both for
 * every key, whoever keeps a plan up to date calls them for the keys that a change touches.
 */
import type { RouteAttributes } from '../bgp/route.ts';
import type { ServiceEndpoints } from '../cluster/endpoints.ts';
import type { Node } from '../cluster/node.ts';
import type { Service } from '../cluster/service.ts';
import type { BgpAdvertisement } from '../config/advertisement.ts';
import type { Config } from '../config/config.ts';
import { anySelectorMatches } from '../config/selector.ts';
import { formatIp, type Ip, type IpFamily } from '../net/ip.ts';
import { type Prefix, prefixOf } from '../net/prefix.ts';
import type { Audience } from './advertisements.ts';
import { type EligibilityOptions, endpointRefusal, familyRefusal, nodeRefusal, type Refusal } from './eligibility.ts';
import { mergeAttributes } from './merge.ts';
import { type Session, type SessionOptions, sessionsOf } from './sessions.ts';

/** A Service that has its addresses. */
export interface AssignedService {
  readonly service: Service;
  readonly pool: string;
  readonly ips: readonly Ip[];
  readonly audience: Audience<BgpAdvertisement>;
}

/** What one Service wants said of one prefix on one session. */
export interface Contribution {
  readonly prefix: Prefix;
  readonly target: Target;
  /** `namespace/name`. */
  readonly service: string;
}

/** What advertisements of one length say to one session. */
export interface Target {
  readonly session: Session;
  readonly length: number;
  readonly attributes: RouteAttributes;
  /** Names, in the configuration's order. */
  readonly advertisements: readonly string[];
}

export interface ServiceRoutes {
  readonly contributions: readonly Contribution[];
  /** Why the Service, or one of its addresses, is announced to nobody by this node. */
  readonly refusal: Refusal | null;
}

/** One prefix on one session. */
export interface Route {
  readonly prefix: Prefix;
  readonly attributes: RouteAttributes;
  /** `namespace/name`, in the order of the contributions. */
  readonly services: readonly string[];
  readonly advertisements: readonly string[];
}

/** What a set of advertisements comes to on a node: worked out once for all Services that have the set. */
interface Reach {
  readonly refusal: Refusal | null;
  readonly v4: FamilyReach;
  readonly v6: FamilyReach;
}

interface FamilyReach {
  readonly targets: readonly Target[];
  /** Two advertisements want different LOCAL_PREFs on one internal session. */
  readonly conflict: Refusal | null;
  /** No target: some session is reached and has not the family, or has no next hop for it, or none is reached. */
  readonly shortfall: Refusal | null;
}

/** A node as announcing sees it. Holds what it has worked out; make a new one when the node or the configuration changes. */
export class NodeView {
  readonly node: Node;
  readonly sessions: readonly Session[];
  readonly #refusal: Refusal | null;
  readonly #reaches = new WeakMap<Audience<BgpAdvertisement>, Reach>();

  constructor(node: Node, config: Pick<Config, 'peers' | 'bfdProfiles'>, options: SessionOptions & EligibilityOptions) {
    this.node = node;
    this.sessions = sessionsOf(node, config, options);
    this.#refusal = nodeRefusal(node, options);
  }

  /** What these advertisements come to here. */
  reachOf(audience: Audience<BgpAdvertisement>): Reach {
    let reach = this.#reaches.get(audience);
    if (reach === undefined) {
      reach = this.#workOut(audience);
      this.#reaches.set(audience, reach);
    }
    return reach;
  }

  #workOut({ ofPool, forService }: Audience<BgpAdvertisement>): Reach {
    const here = ofPool.filter((advertisement) => anySelectorMatches(advertisement.nodeSelectors, this.node.labels));
    const mine = here.filter((advertisement) => forService.includes(advertisement));
    let refusal: Refusal | null = null;
    if (mine.length === 0)
      refusal = {
        reason: 'noMatchingAdvertisement',
        message:
          here.length === 0
            ? `no BGPAdvertisement for the pool selects node ${this.node.name}`
            : `no BGPAdvertisement that selects node ${this.node.name} has serviceSelectors that match the Service`,
      };
    return {
      refusal: refusal ?? this.#refusal,
      v4: this.#familyReach(mine, 4),
      v6: this.#familyReach(mine, 6),
    };
  }

  #familyReach(advertisements: readonly BgpAdvertisement[], family: IpFamily): FamilyReach {
    const targets: Target[] = [];
    let conflict: Refusal | null = null;
    let inactive: Refusal | null = null;
    for (const session of this.sessions) {
      const mine = advertisements.filter((advertisement) => isForSession(advertisement, session));
      if (mine.length === 0) continue;
      const refusal = familyRefusal(session, family, this.node);
      if (refusal !== null) {
        inactive ??= refusal;
        continue;
      }
      const byLength = new Map<number, BgpAdvertisement[]>();
      for (const advertisement of mine) {
        const length = family === 4 ? advertisement.aggregationLength : advertisement.aggregationLengthV6;
        const same = byLength.get(length);
        if (same === undefined) byLength.set(length, [advertisement]);
        else same.push(advertisement);
      }
      for (const [length, same] of byLength) {
        if (session.type === 'internal') conflict ??= conflictOf(same, session);
        targets.push({
          session,
          length,
          attributes: same.map((advertisement) => attributesOf(advertisement, session)).reduce(mergeAttributes),
          advertisements: same.map((advertisement) => advertisement.name),
        });
      }
    }
    return {
      targets,
      conflict,
      shortfall: targets.length > 0 ? null : this.#shortfall(advertisements, inactive),
    };
  }

  #shortfall(advertisements: readonly BgpAdvertisement[], inactive: Refusal | null): Refusal {
    if (inactive !== null) return inactive;
    const named = advertisements.every((advertisement) => advertisement.peers.length > 0)
      ? [...new Set(advertisements.flatMap((advertisement) => advertisement.peers))]
      : [];
    const message =
      named.length > 0 && this.sessions.length > 0
        ? `node ${this.node.name} has no session with ${named.slice(0, 4).join(', ')}${named.length > 4 ? ', …' : ''}, which the advertisements name as peers`
        : `node ${this.node.name} has no BGP session`;
    return { reason: 'noSession', message };
  }
}

const isForSession = (advertisement: BgpAdvertisement, session: Session): boolean =>
  advertisement.peers.length === 0 || session.names.some((name) => advertisement.peers.includes(name));

/** LOCAL_PREF goes to internal peers alone (RFC 4271 section 5.1.5), a longer AS_PATH to external ones alone. */
const attributesOf = (advertisement: BgpAdvertisement, session: Session): RouteAttributes => ({
  localPref: session.type === 'internal' ? advertisement.localPref : null,
  med: advertisement.med,
  asPathPrepend: session.type === 'external' ? advertisement.asPathPrepend : 0,
  communities: advertisement.communities,
  largeCommunities: advertisement.largeCommunities,
  ...(advertisement.extendedCommunities.length > 0 ? { extendedCommunities: advertisement.extendedCommunities } : {}),
});

function conflictOf(advertisements: readonly BgpAdvertisement[], session: Session): Refusal | null {
  const [first] = advertisements;
  // Unset is sent as 100 (docs/decisions.md 6), so that the two do not differ.
  const other = advertisements.find((advertisement) => (advertisement.localPref ?? 100) !== (first?.localPref ?? 100));
  if (first === undefined || other === undefined) return null;
  return {
    reason: 'conflictingAdvertisements',
    message: `${first.name} and ${other.name} announce the same prefix to the internal peer ${session.peer.name} with localPref ${first.localPref ?? 100} and ${other.localPref ?? 100}: give both the same, or other peers, lengths or nodes`,
  };
}

const NO_CONTRIBUTIONS: readonly Contribution[] = [];

/** The prefixes of an address that were asked for: every node and session has the same object, whose text is made once. */
const PREFIXES = new WeakMap<Ip, Prefix[]>();

function prefixFor(ip: Ip, length: number): Prefix {
  const known = PREFIXES.get(ip);
  const same = known?.find((prefix) => prefix.length === length);
  if (same !== undefined) return same;
  const prefix = prefixOf(ip, length);
  if (known === undefined) PREFIXES.set(ip, [prefix]);
  else known.push(prefix);
  return prefix;
}

/** What one node announces of one Service, or why it does not: the conditions in MetalLB's order (metallb-behaviour 2.8), then ours. */
export function routesOf(assigned: AssignedService, endpoints: ServiceEndpoints, view: NodeView): ServiceRoutes {
  const refusal = refusalOf(assigned, endpoints, view);
  if (refusal !== null) return { contributions: NO_CONTRIBUTIONS, refusal };
  const reach = view.reachOf(assigned.audience);
  const contributions: Contribution[] = [];
  for (const ip of assigned.ips) {
    const { targets } = ip.family === 4 ? reach.v4 : reach.v6;
    let prefix: Prefix | undefined;
    for (const target of targets) {
      if (prefix?.length !== target.length) prefix = prefixFor(ip, target.length);
      contributions.push({ prefix, target, service: assigned.service.key });
    }
  }
  const shortfall = shortfallOf(assigned, view);
  return { contributions, refusal: shortfall === null ? null : refusalFor(shortfall, assigned.ips) };
}

/** Why a node announces nothing of an address, or of the whole Service: in parts, so that Services can share it that differ in the address. */
export interface PartialRefusal extends Refusal {
  /** The index of the address; null where it is the whole Service. */
  readonly address: number | null;
}

/** With the address in its text. */
export function refusalFor({ reason, message, address }: PartialRefusal, ips: readonly Ip[]): Refusal {
  const ip = address === null ? undefined : ips[address];
  return { reason, message: ip === undefined ? message : `${formatIp(ip)}: ${message}` };
}

/** The first address that no session carries, where nothing else keeps the node from announcing the Service. */
export function shortfallOf({ ips, audience }: AssignedService, view: NodeView): PartialRefusal | null {
  const reach = view.reachOf(audience);
  for (const [address, { family }] of ips.entries()) {
    const { shortfall } = family === 4 ? reach.v4 : reach.v6;
    if (shortfall !== null) return { ...shortfall, address };
  }
  return null;
}

/** Why the node announces nothing of the Service, as far as it is not for want of a session. */
export const refusalOf = (assigned: AssignedService, endpoints: ServiceEndpoints, view: NodeView): Refusal | null =>
  lastingRefusalOf(assigned, view) ?? endpointRefusal(assigned.service, endpoints, view.node);

/** Whether the node announces something of the Service as soon as the Service's endpoints are where they have to be. */
export function couldAnnounce(assigned: AssignedService, view: NodeView): boolean {
  if (lastingRefusalOf(assigned, view) !== null) return false;
  const { v4, v6 } = view.reachOf(assigned.audience);
  return assigned.ips.some(({ family }) => (family === 4 ? v4 : v6).targets.length > 0);
}

/** Why the node announces nothing of the Service, wherever its endpoints are. */
function lastingRefusalOf(assigned: AssignedService, view: NodeView): Refusal | null {
  const reach = view.reachOf(assigned.audience);
  const { refusal } = reach;
  if (refusal?.reason === 'noMatchingAdvertisement') return refusal;
  for (const ip of assigned.ips) {
    const { conflict } = ip.family === 4 ? reach.v4 : reach.v6;
    if (conflict !== null) return conflict;
  }
  return refusal;
}

/**
 * The one route of a prefix on a session, of all that want it there.
 *
 * @param contributions - of one prefix and one session, at least one, in the order of their Services.
 */
export function mergePrefix(contributions: readonly Contribution[]): Route {
  const [first] = contributions;
  if (first === undefined) throw new RangeError('a route has at least one contribution');
  let { attributes, advertisements } = first.target;
  const services = [first.service];
  for (let i = 1; i < contributions.length; i++) {
    const { target, service } = contributions[i] as Contribution;
    if (service !== services.at(-1)) services.push(service);
    if (target.attributes !== attributes) attributes = mergeAttributes(attributes, target.attributes);
    if (target.advertisements !== advertisements)
      advertisements = [...new Set([...advertisements, ...target.advertisements])];
  }
  return { prefix: first.prefix, attributes, services, advertisements };
}
