/**
 * What would change between two plans, and what of it would interrupt traffic.
 *
 * A speaker works by differences (`speaker/speaker.ts`): it keeps a session whose parameters stay, and sends only the routes that changed.
 * So a change here is a change on the wire or at a Service, and everything that is not here goes on untouched. A session that is made anew
 * loses all its routes for a moment, even those that are the same before and after.
 *
 * The plan of the second input must know which addresses the Services have by then: {@link withAddressesOf} gives them to it.
 */

import type { Session } from '../announce/sessions.ts';
import { compareText } from '../compare-text.ts';
import type { Plan } from './plan.ts';
import type { BgpRow, Layer2Row, ServiceRow } from './row.ts';
import { type SessionField, sessionFields } from './session-fields.ts';
import { paired, routePairs, type SessionPair, sessionPairs } from './session-pairs.ts';
import type { Snapshot } from './snapshot.ts';

/** One field that differs. */
export interface FieldChange {
  readonly field: string;
  readonly before: SessionField;
  readonly after: SessionField;
}

/** A Service whose addresses change. */
export interface AddressChange {
  readonly namespace: string;
  readonly name: string;
  /** `lost` keeps the Service and takes its address; `gone` is the Service itself. */
  readonly change: 'assigned' | 'moved' | 'lost' | 'new' | 'gone' | 'pool-renamed';
  readonly before: AddressState | null;
  readonly after: AddressState | null;
}

export type AddressState = Pick<ServiceRow, 'state' | 'ips' | 'pool' | 'message'>;

/** A session that comes, goes, or is made anew. */
export interface SessionChange {
  readonly node: string;
  readonly peer: string;
  /** `renamed` is its peer: nothing of it is seen on the wire. */
  readonly change: 'added' | 'removed' | 'reset' | 'renamed';
  readonly fields: readonly FieldChange[];
}

/** A route that is announced, withdrawn, or sent again with other attributes. */
export interface RouteChange {
  readonly node: string;
  readonly peer: string;
  readonly prefix: string;
  readonly change: 'announced' | 'withdrawn' | 'changed';
  readonly fields: readonly FieldChange[];
  readonly services: readonly string[];
}

/** An address that another node answers for, or on other interfaces. */
export interface Layer2Change {
  readonly ip: string;
  readonly before: readonly Pick<Layer2Row, 'node' | 'interfaces'>[];
  readonly after: readonly Pick<Layer2Row, 'node' | 'interfaces'>[];
  readonly services: readonly string[];
}

export interface PlanDiff {
  /** By namespace and name. */
  readonly addresses: readonly AddressChange[];
  /** By node and peer. */
  readonly sessions: readonly SessionChange[];
  /** By node, peer and prefix; made while they are read. */
  routes(): Iterable<RouteChange>;
  /** By address. */
  readonly layer2: readonly Layer2Change[];
}

/** The snapshot with the addresses that the plan before gave, where its Services have none in their status: they keep what they can. */
export function withAddressesOf(before: Plan, snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    services: snapshot.services.map((service) => {
      const held = before.allocations.get(service.key)?.ips ?? [];
      return service.ingress.length > 0 || held.length === 0 ? service : { ...service, ingress: held };
    }),
  };
}

/** Compares two plans. */
export function diffPlans(before: Plan, after: Plan): PlanDiff {
  const pairs = sessionPairs(before, after);
  return {
    addresses: addressChanges(before.services, after.services),
    sessions: sessionChanges(pairs),
    routes: () => routeChanges(routePairs(before, after, pairs)),
    layer2: layer2Changes([...before.layer2Rows()], [...after.layer2Rows()]),
  };
}

function addressChanges(before: readonly ServiceRow[], after: readonly ServiceRow[]): readonly AddressChange[] {
  const changes: AddressChange[] = [];
  const byName = (a: ServiceRow, b: ServiceRow): number =>
    compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
  for (const [old, now] of paired(before, after, byName)) {
    const { namespace = '', name = '' } = old ?? now ?? {};
    const change = addressChange(old, now);
    if (change !== null) changes.push({ namespace, name, change, before: stateOf(old), after: stateOf(now) });
  }
  return changes;
}

const stateOf = (row: ServiceRow | undefined): AddressState | null =>
  row === undefined ? null : { state: row.state, ips: row.ips, pool: row.pool, message: row.message };

function addressChange(before: ServiceRow | undefined, after: ServiceRow | undefined): AddressChange['change'] | null {
  const [old, now] = [before?.ips ?? [], after?.ips ?? []];
  if (old.length === 0 && now.length === 0) return null;
  if (before === undefined) return 'new';
  if (after === undefined) return 'gone';
  if (old.length === 0) return 'assigned';
  if (now.length === 0) return 'lost';
  if ([...old].sort().join() !== [...now].sort().join()) return 'moved';
  return before.pool === after.pool ? null : 'pool-renamed';
}

const sessionChanges = (pairs: readonly SessionPair[]): readonly SessionChange[] =>
  pairs.flatMap(([old, now]): readonly SessionChange[] => {
    const one = now ?? old;
    if (one === undefined) return [];
    const at = { node: one.node.name, peer: one.session.peer.name };
    if (old === undefined) return [{ ...at, change: 'added', fields: [] }];
    if (now === undefined) return [{ ...at, change: 'removed', fields: [] }];
    const fields = [
      ...fieldChanges(sessionFields(old.session, old.node), sessionFields(now.session, now.node)),
      ...keyChange(old.session, now.session),
    ];
    const names = fieldChanges({ peer: old.session.peer.name }, { peer: now.session.peer.name });
    if (fields.length > 0) return [{ ...at, change: 'reset', fields: [...names, ...fields] }];
    return names.length > 0 ? [{ ...at, change: 'renamed', fields: names }] : [];
  });

/** Keys are compared and never shown. */
function keyChange(before: Session, after: Session): readonly FieldChange[] {
  const [old, now] = [before.peer.authentication, after.peer.authentication];
  if (old.type === 'none' || now.type === 'none' || old.key.equals(now.key)) return [];
  return [{ field: 'key', before: 'a key', after: 'another key' }];
}

function fieldChanges(
  before: Readonly<Record<string, SessionField>>,
  after: Readonly<Record<string, SessionField>>,
): readonly FieldChange[] {
  return Object.keys(before).flatMap((field) => {
    const [old = null, now = null] = [before[field], after[field]];
    return JSON.stringify(old) === JSON.stringify(now) ? [] : [{ field, before: old, after: now }];
  });
}

function* routeChanges(pairs: ReturnType<typeof routePairs>): Generator<RouteChange> {
  for (const [old, now] of pairs) {
    const one = old ?? now;
    if (one === undefined) continue;
    const { node, peer, prefix, services } = one;
    if (old === undefined) yield { node, peer, prefix, change: 'announced', fields: [], services };
    else if (now === undefined) yield { node, peer, prefix, change: 'withdrawn', fields: [], services };
    else {
      const fields = fieldChanges(attributesOf(old), attributesOf(now));
      if (fields.length > 0) yield { node, peer, prefix, change: 'changed', fields, services: now.services };
    }
  }
}

const attributesOf = ({
  localPref,
  med,
  asPathPrepend,
  communities,
  largeCommunities,
  extendedCommunities,
}: BgpRow) => ({
  localPref,
  med,
  asPathPrepend,
  communities,
  largeCommunities,
  // Rows leave it out where there are none; one that comes or goes is a change all the same.
  extendedCommunities: extendedCommunities ?? [],
});

function layer2Changes(before: readonly Layer2Row[], after: readonly Layer2Row[]): readonly Layer2Change[] {
  const [old, now] = [Map.groupBy(before, ({ ip }) => ip), Map.groupBy(after, ({ ip }) => ip)];
  const answers = (rows: readonly Layer2Row[]) => rows.map(({ node, interfaces }) => ({ node, interfaces }));
  return [...new Set([...old.keys(), ...now.keys()])].sort(compareText).flatMap((ip) => {
    const [was, is] = [answers(old.get(ip) ?? []), answers(now.get(ip) ?? [])];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    const services = new Set([...(old.get(ip) ?? []), ...(now.get(ip) ?? [])].flatMap((row) => row.services));
    return [{ ip, before: was, after: is, services: [...services].sort(compareText) }];
  });
}
