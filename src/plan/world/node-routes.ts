/**
 * What one node announces, kept up to date Service by Service: for each session and prefix who wants it there, and what is said of it.
 *
 * `set` replaces what one Service wants; `flush` merges the prefixes that this touched, and says which routes are to be sent or withdrawn.
 * A change of who wants a prefix that leaves its attributes as they are is none for the peer.
 */

import {
  type Contribution,
  mergePrefix,
  type NodeView,
  type Route,
  type ServiceRoutes,
  type Target,
} from '../../announce/bgp.ts';
import type { Refusal } from '../../announce/eligibility.ts';
import type { Session } from '../../announce/sessions.ts';
import { attributesKey } from '../../bgp/attribute-sets.ts';
import { type PrefixKey, prefixKey } from '../../bgp/prefix-key.ts';
import type { RouteAttributes } from '../../bgp/route.ts';
import { compareText } from '../../compare-text.ts';
import { Interner } from '../../interner.ts';
import { formatPrefix, type Prefix, samePrefix } from '../../net/prefix.ts';
import type { NodePlan } from '../node-plan.ts';
import {
  type ContributionList,
  contributionsOf,
  withContribution,
  withoutContribution,
  withReplaced,
} from './contribution-list.ts';
import { sameData } from './same-data.ts';

/** What is to be sent on one session. */
export interface SessionRoutes {
  /** Name of the peer that holds the session. */
  readonly peer: string;
  readonly announce: readonly Route[];
  readonly withdraw: readonly Prefix[];
}

/** Sessions by what became of them. One that changed may have to be made anew, and then wants all its routes. */
export interface SessionsChange {
  readonly added: readonly Session[];
  readonly changed: readonly { readonly before: Session; readonly after: Session }[];
  readonly removed: readonly Session[];
}

/** Why a Service is not announced; null where it is, or where that is not asked any more. */
export interface RefusalChange {
  /** `namespace/name`. */
  readonly service: string;
  readonly refusal: Refusal | null;
}

/** To whom a Service is announced from now on, by the names of the peers; empty: to nobody. */
export interface AnnouncementChange {
  /** `namespace/name`. */
  readonly service: string;
  readonly peers: readonly string[];
}

/** What the node announces of one Service. */
export interface Announcement extends AnnouncementChange {
  readonly prefixes: readonly Prefix[];
}

/** One prefix on one session. */
interface Wanted {
  readonly table: Table;
  readonly prefix: Prefix;
  contributions: ContributionList;
  /** What was last said of it; null where nothing was. */
  told: RouteAttributes | null;
  touched: boolean;
}

/** One session's prefixes. */
interface Table {
  readonly peer: string;
  readonly prefixes: Map<PrefixKey, Wanted>;
}

/** What one Service wants, and where it stands: one place for each contribution, or none where the session is gone. */
interface ServiceRecord {
  contributions: readonly Contribution[];
  places: readonly (Wanted | undefined)[];
  /** Whom it was last said to be announced to. */
  told: readonly string[];
  refusal: Refusal | null;
}

const NOBODY: readonly string[] = [];

export class NodeRoutes {
  #view: NodeView | null = null;
  /** By name of the peer that holds the session. */
  #tables = new Map<string, Table>();
  readonly #services = new Map<string, ServiceRecord>();
  readonly #targets = new TargetRegister();
  #touched: Wanted[] = [];
  readonly #refusals = new Map<string, Refusal | null>();
  /** Services that may be announced to others than was last said, with whom was said. */
  readonly #moved = new Map<string, readonly string[]>();

  /** Puts another view of the node in force; afterwards every Service has to be {@link set} again. */
  see(view: NodeView | null): SessionsChange {
    const before = new Map(this.#view?.sessions.map((session) => [session.peer.name, session]));
    const after = view?.sessions ?? [];
    this.#view = view;
    const tables = this.#tables;
    this.#tables = new Map(
      after.map(({ peer: { name } }) => [name, tables.get(name) ?? { peer: name, prefixes: new Map() }]),
    );
    const added: Session[] = [];
    const changed: { before: Session; after: Session }[] = [];
    for (const session of after) {
      const known = before.get(session.peer.name);
      before.delete(session.peer.name);
      if (known === undefined) added.push(session);
      else if (!sameData(known, session)) changed.push({ before: known, after: session });
    }
    return { added, changed, removed: [...before.values()] };
  }

  /** Replaces what the Service wants; null where it has no address, or its pool no BGPAdvertisement. */
  set(service: string, routes: ServiceRoutes | null): void {
    let record = this.#services.get(service);
    if (record === undefined) {
      if (routes === null) return;
      record = { contributions: [], places: [], told: this.#moved.get(service) ?? NOBODY, refusal: null };
      this.#services.set(service, record);
    }
    const refusal = routes?.refusal ?? null;
    if (record.refusal !== refusal && !sameData(record.refusal, refusal)) this.#refusals.set(service, refusal);
    record.refusal = refusal;
    const contributions = (routes?.contributions ?? []).map((contribution) => this.#targets.registered(contribution));
    if (!this.#isInPlace(record, contributions)) {
      this.#moved.set(service, record.told);
      this.#move(record, contributions);
    }
    if (routes === null) this.#services.delete(service);
  }

  /** What is different since the last time. */
  flush(): {
    readonly routes: readonly SessionRoutes[];
    readonly refusals: readonly RefusalChange[];
    readonly announcements: readonly AnnouncementChange[];
  } {
    const routes = new Map<string, { peer: string; announce: Route[]; withdraw: Prefix[] }>();
    for (const wanted of this.#touched) {
      wanted.touched = false;
      const { peer } = wanted.table;
      if (this.#tables.get(peer) !== wanted.table) continue;
      let change = routes.get(peer);
      if (change === undefined) {
        change = { peer, announce: [], withdraw: [] };
        routes.set(peer, change);
      }
      settle(wanted, change);
    }
    this.#touched = [];
    const refusals = [...this.#refusals].map(([service, refusal]) => ({ service, refusal }));
    this.#refusals.clear();
    const different = [...routes.values()].filter(({ announce, withdraw }) => announce.length + withdraw.length > 0);
    return { routes: different, refusals, announcements: this.#announcements() };
  }

  /** All routes of a session, by the text of the prefix. */
  routesOf(peer: string): readonly Route[] {
    const wanted = [...(this.#tables.get(peer)?.prefixes.values() ?? [])];
    return wanted
      .map(({ prefix, contributions }) => ({ text: formatPrefix(prefix), contributions }))
      .sort((a, b) => compareText(a.text, b.text))
      .map(({ contributions }) => mergePrefix(contributionsOf(contributions)));
  }

  /** What is announced, Service by Service, in no order. */
  *announcements(): Generator<Announcement> {
    for (const [service, record] of this.#services) {
      const peers = peersOf(record);
      if (peers.length === 0) continue;
      const prefixes = new Set(record.contributions.filter((_, i) => record.places[i] !== undefined).map(prefixOf));
      yield { service, peers, prefixes: [...prefixes] };
    }
  }

  /** The whole, as a plan has it; undefined where the node is not known. */
  get plan(): NodePlan | undefined {
    if (this.#view === null) return undefined;
    const notAnnounced = [...this.#services]
      .flatMap(([service, { refusal }]) => (refusal === null ? [] : [{ service, ...refusal }]))
      .sort((a, b) => compareText(a.service, b.service));
    const sessions = this.#view.sessions.map((session) => ({ session, routes: this.routesOf(session.peer.name) }));
    return { node: this.#view.node.name, sessions, notAnnounced };
  }

  #announcements(): readonly AnnouncementChange[] {
    const changes: AnnouncementChange[] = [];
    let last = NOBODY;
    for (const [service, before] of this.#moved) {
      const record = this.#services.get(service);
      const peers = record === undefined ? NOBODY : peersOf(record);
      // Most Services are announced to the same peers: one list is kept for all of them.
      if (record !== undefined) record.told = sameData(peers, last) ? last : peers;
      last = record?.told ?? last;
      if (!sameData(before, peers)) changes.push({ service, peers });
    }
    this.#moved.clear();
    return changes;
  }

  /** Whether the Service wants what it wanted; a target that changed under the same prefix is exchanged where it stands. */
  #isInPlace(record: ServiceRecord, after: readonly Contribution[]): boolean {
    const { contributions, places } = record;
    if (contributions.length !== after.length) return false;
    for (const [i, contribution] of after.entries()) {
      const before = contributions[i] as Contribution;
      const sameSession = places[i]?.table === this.#tables.get(contribution.target.session.peer.name);
      if (!sameSession || places[i] === undefined || !samePrefix(before.prefix, contribution.prefix)) return false;
    }
    // What stands in a place is the very object that the record has: so it is found again.
    record.contributions = after.map((contribution, i) => {
      const [before, place] = [contributions[i] as Contribution, places[i] as Wanted];
      if (before.target === contribution.target) return before;
      place.contributions = withReplaced(place.contributions, before, contribution);
      this.#touch(place);
      return contribution;
    });
    return true;
  }

  #move(record: ServiceRecord, after: readonly Contribution[]): void {
    for (const [i, contribution] of record.contributions.entries()) {
      const place = record.places[i];
      if (place === undefined) continue;
      place.contributions = withoutContribution(place.contributions, contribution);
      this.#touch(place);
    }
    record.contributions = after;
    record.places = after.map((contribution) => this.#add(contribution));
  }

  #add(contribution: Contribution): Wanted | undefined {
    const table = this.#tables.get(contribution.target.session.peer.name);
    if (table === undefined) return undefined;
    const { prefix } = contribution;
    const key = prefixKey(prefix);
    let wanted = table.prefixes.get(key);
    if (wanted === undefined) {
      wanted = { table, prefix, contributions: undefined, told: null, touched: false };
      table.prefixes.set(key, wanted);
    }
    wanted.contributions = withContribution(wanted.contributions, contribution);
    this.#touch(wanted);
    return wanted;
  }

  #touch(wanted: Wanted): void {
    if (wanted.touched) return;
    wanted.touched = true;
    this.#touched.push(wanted);
  }
}

const prefixOf = ({ prefix }: Contribution): Prefix => prefix;

/** Whom a Service is announced to, by name. */
function peersOf({ places }: ServiceRecord): readonly string[] {
  if (places.length === 0) return NOBODY;
  return [...new Set(places.flatMap((place) => place?.table.peer ?? []))].sort(compareText);
}

/** Merges one prefix, and notes what has to be said of it. */
function settle(wanted: Wanted, change: { readonly announce: Route[]; readonly withdraw: Prefix[] }): void {
  const { table, prefix, told } = wanted;
  const contributions = contributionsOf(wanted.contributions);
  if (contributions.length === 0) {
    table.prefixes.delete(prefixKey(prefix));
    if (told !== null) change.withdraw.push(prefix);
    return;
  }
  const { attributes } = mergePrefix(oneOfEachTarget(contributions));
  if (told !== null && sameData(told, attributes)) return;
  wanted.told = attributes;
  change.announce.push(mergePrefix(contributions));
}

/** Thousands of Services behind one aggregate nearly always say the same of it: it is enough to merge what differs. */
function oneOfEachTarget(contributions: readonly Contribution[]): readonly Contribution[] {
  const [first] = contributions;
  if (contributions.length === 1) return contributions;
  if (contributions.every(({ target }) => target === first?.target)) return contributions.slice(0, 1);
  return [...new Map(contributions.map((contribution) => [contribution.target, contribution])).values()];
}

/** Targets by what they say: one that was worked out anew and says the same is the one before, so that nobody has to look further. */
class TargetRegister {
  readonly #known = new WeakMap<Target, Target>();
  readonly #byText = new Interner<Target>(10_000);

  registered(contribution: Contribution): Contribution {
    const target = this.#targetOf(contribution.target);
    return target === contribution.target ? contribution : { ...contribution, target };
  }

  #targetOf(target: Target): Target {
    const known = this.#known.get(target);
    if (known !== undefined) return known;
    const { session, length, attributes, advertisements } = target;
    const text = JSON.stringify([session.peer.name, length, attributesKey(attributes), advertisements]);
    const same = this.#byText.of(text, () => target);
    this.#known.set(target, same);
    return same;
  }
}
