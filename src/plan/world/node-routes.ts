/**
 * What one node announces, kept up to date Service by Service: for each session and prefix who wants it there, and what is said of it.
 *
 * `set` replaces what one Service wants; `flush` merges the prefixes that this touched, and says which routes are to be sent or withdrawn.
 * A change of who wants a prefix that leaves its attributes as they are is none for the peer.
 */
import { compareText } from '../../allocator/order.ts';
import { type Contribution, mergePrefix, type NodeView, type Route, type ServiceRoutes } from '../../announce/bgp.ts';
import type { Refusal } from '../../announce/eligibility.ts';
import type { Session } from '../../announce/sessions.ts';
import { type PrefixKey, prefixKey } from '../../bgp/prefix-key.ts';
import type { RouteAttributes } from '../../bgp/route.ts';
import { formatPrefix, type Prefix, samePrefix } from '../../net/prefix.ts';
import type { NodePlan } from '../node-plan.ts';
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

/** One prefix on one session. */
interface Wanted {
  readonly prefix: Prefix;
  /** By Service. */
  readonly contributions: Contribution[];
  /** What was last said of it; null where nothing was. */
  told: RouteAttributes | null;
}

type Table = Map<PrefixKey, Wanted>;

const NOTHING: ServiceRoutes = { contributions: [], refusal: null };

export class NodeRoutes {
  #view: NodeView | null = null;
  /** By name of the peer that holds the session. */
  #tables = new Map<string, Table>();
  readonly #services = new Map<string, ServiceRoutes>();
  readonly #touched = new Map<Table, Map<PrefixKey, Wanted>>();
  readonly #refusals = new Map<string, Refusal | null>();

  /** Puts another view of the node in force; afterwards every Service has to be {@link set} again. */
  see(view: NodeView | null): SessionsChange {
    const before = new Map(this.#view?.sessions.map((session) => [session.peer.name, session]));
    const after = view?.sessions ?? [];
    this.#view = view;
    const tables = this.#tables;
    this.#tables = new Map(after.map(({ peer }) => [peer.name, tables.get(peer.name) ?? new Map()]));
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
    const before = this.#services.get(service) ?? NOTHING;
    const after = routes ?? NOTHING;
    if (routes === null) this.#services.delete(service);
    else this.#services.set(service, routes);
    if (before.refusal !== after.refusal && !sameData(before.refusal, after.refusal))
      this.#refusals.set(service, after.refusal);
    if (sameContributions(before.contributions, after.contributions)) return;
    for (const contribution of before.contributions) this.#remove(contribution);
    for (const contribution of after.contributions) this.#add(contribution);
  }

  /** What is different since the last time. */
  flush(): { readonly routes: readonly SessionRoutes[]; readonly refusals: readonly RefusalChange[] } {
    const routes: SessionRoutes[] = [];
    for (const [peer, table] of this.#tables) {
      const touched = this.#touched.get(table);
      if (touched === undefined) continue;
      const change = { peer, announce: [] as Route[], withdraw: [] as Prefix[] };
      for (const [key, wanted] of touched) settle(table, key, wanted, change);
      if (change.announce.length > 0 || change.withdraw.length > 0) routes.push(change);
    }
    const refusals = [...this.#refusals].map(([service, refusal]) => ({ service, refusal }));
    this.#touched.clear();
    this.#refusals.clear();
    return { routes, refusals };
  }

  /** All routes of a session, by the text of the prefix. */
  routesOf(peer: string): readonly Route[] {
    const wanted = [...(this.#tables.get(peer)?.values() ?? [])];
    return wanted
      .map(({ prefix, contributions }) => ({ text: formatPrefix(prefix), contributions }))
      .sort((a, b) => compareText(a.text, b.text))
      .map(({ contributions }) => mergePrefix(contributions));
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

  #add(contribution: Contribution): void {
    const table = this.#tables.get(contribution.session.peer.name);
    if (table === undefined) return;
    const key = prefixKey(contribution.prefix);
    let wanted = table.get(key);
    if (wanted === undefined) {
      wanted = { prefix: contribution.prefix, contributions: [contribution], told: null };
      table.set(key, wanted);
    } else wanted.contributions.splice(endOf(wanted.contributions, contribution.service), 0, contribution);
    this.#touch(table, key, wanted);
  }

  #remove(contribution: Contribution): void {
    const table = this.#tables.get(contribution.session.peer.name);
    const key = prefixKey(contribution.prefix);
    const wanted = table?.get(key);
    if (table === undefined || wanted === undefined) return;
    const at = wanted.contributions.indexOf(contribution, firstOf(wanted.contributions, contribution.service));
    if (at >= 0) wanted.contributions.splice(at, 1);
    this.#touch(table, key, wanted);
  }

  #touch(table: Table, key: PrefixKey, wanted: Wanted): void {
    const touched = this.#touched.get(table);
    if (touched === undefined) this.#touched.set(table, new Map([[key, wanted]]));
    else touched.set(key, wanted);
  }
}

/** Merges one prefix, and notes what has to be said of it. */
function settle(
  table: Table,
  key: PrefixKey,
  wanted: Wanted,
  change: { readonly announce: Route[]; readonly withdraw: Prefix[] },
): void {
  if (wanted.contributions.length === 0) {
    table.delete(key);
    if (wanted.told !== null) change.withdraw.push(wanted.prefix);
    return;
  }
  const { attributes } = mergePrefix(oneOfEachTarget(wanted.contributions));
  if (wanted.told !== null && sameData(wanted.told, attributes)) return;
  wanted.told = attributes;
  change.announce.push(mergePrefix(wanted.contributions));
}

/** Thousands of Services behind one aggregate nearly always say the same of it: it is enough to merge what differs. */
function oneOfEachTarget(contributions: readonly Contribution[]): readonly Contribution[] {
  const [first] = contributions;
  if (contributions.every(({ target }) => target === first?.target)) return contributions.slice(0, 1);
  return [...new Map(contributions.map((contribution) => [contribution.target, contribution])).values()];
}

const sameContributions = (a: readonly Contribution[], b: readonly Contribution[]): boolean =>
  a.length === b.length &&
  a.every((x, i) => {
    const y = b[i] as Contribution;
    return x.target === y.target && samePrefix(x.prefix, y.prefix);
  });

/** The index of the first contribution of this Service, or where it would be. */
function firstOf(contributions: readonly Contribution[], service: string): number {
  return boundary(contributions, (other) => compareText(other, service) < 0);
}

/** The index behind the last contribution of this Service, or where it would be. */
function endOf(contributions: readonly Contribution[], service: string): number {
  return boundary(contributions, (other) => compareText(other, service) <= 0);
}

function boundary(contributions: readonly Contribution[], isBefore: (service: string) => boolean): number {
  let low = 0;
  let high = contributions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore((contributions[middle] as Contribution).service)) low = middle + 1;
    else high = middle;
  }
  return low;
}
