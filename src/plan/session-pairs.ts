/**
 * Which session of one plan goes on as which of another: as a speaker decides it (`speaker/speaker.ts`).
 *
 * A session towards the same router goes on under whatever name its peer has; one whose peer keeps its name and gets another address is
 * made anew. Routes are compared under the names that the sessions have afterwards.
 */

import type { NodeView } from '../announce/bgp.ts';
import { identityOf, type Session } from '../announce/sessions.ts';
import type { Node } from '../cluster/node.ts';
import { compareText } from '../compare-text.ts';
import type { Plan } from './plan.ts';
import type { BgpRow } from './row.ts';

/** A session with its node. */
export interface NodeSession {
  readonly node: Node;
  readonly session: Session;
}

/** What a session was and what it is; one of the two where it comes or goes. */
export type SessionPair = readonly [before: NodeSession | undefined, after: NodeSession | undefined];

/** By node and name of the peer. */
export function sessionPairs(before: Plan, after: Plan): readonly SessionPair[] {
  const old = new Map(before.views.map((view) => [view.node.name, view]));
  const now = new Map(after.views.map((view) => [view.node.name, view]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort(compareText)
    .flatMap((node) => pairsOf(old.get(node), now.get(node)));
}

function pairsOf(before: NodeView | undefined, after: NodeView | undefined): readonly SessionPair[] {
  const olds = new Set(before?.sessions);
  const pairs: SessionPair[] = [];
  const fresh = new Set(after?.sessions);
  const match = (same: (a: Session, b: Session) => boolean): void => {
    for (const now of fresh) {
      const old = [...olds].find((one) => same(one, now));
      if (old === undefined || before === undefined || after === undefined) continue;
      olds.delete(old);
      fresh.delete(now);
      pairs.push([
        { node: before.node, session: old },
        { node: after.node, session: now },
      ]);
    }
  };
  match((a, b) => identityOf(a.peer) === identityOf(b.peer));
  match((a, b) => a.peer.name === b.peer.name);
  if (before !== undefined) for (const session of olds) pairs.push([{ node: before.node, session }, undefined]);
  if (after !== undefined) for (const session of fresh) pairs.push([undefined, { node: after.node, session }]);
  const nameOf = ([old, now]: SessionPair): string => (now ?? old)?.session.peer.name ?? '';
  return pairs.sort((a, b) => compareText(nameOf(a), nameOf(b)));
}

/** The routes of both plans in pairs, by node, peer and prefix; made while they are read. */
export function* routePairs(
  before: Plan,
  after: Plan,
  pairs: readonly SessionPair[],
): Generator<readonly [before: BgpRow | undefined, after: BgpRow | undefined]> {
  yield* paired(renamed(before.bgpRows(), pairs), after.bgpRows(), byRoute);
}

const byRoute = (a: BgpRow, b: BgpRow): number =>
  compareText(a.node, b.node) || compareText(a.peer, b.peer) || compareText(a.prefix, b.prefix);

/** The rows with the names that their sessions get, node by node in order again. */
function* renamed(rows: Iterable<BgpRow>, pairs: readonly SessionPair[]): Iterable<BgpRow> {
  const names = new Map<string, Map<string, string>>();
  for (const [old, now] of pairs) {
    if (old === undefined || now === undefined || old.session.peer.name === now.session.peer.name) continue;
    const ofNode = names.get(old.node.name) ?? new Map<string, string>();
    names.set(old.node.name, ofNode.set(old.session.peer.name, now.session.peer.name));
  }
  let held: BgpRow[] = [];
  for (const row of rows) {
    if (held[0] !== undefined && held[0].node !== row.node) {
      yield* held.sort(byRoute);
      held = [];
    }
    const ofNode = names.get(row.node);
    if (ofNode === undefined) yield row;
    else held.push({ ...row, peer: ofNode.get(row.peer) ?? row.peer });
  }
  yield* held.sort(byRoute);
}

/** Walks two sequences in the same order together: what both have comes as a pair, what one has alone. */
export function* paired<T>(
  before: Iterable<T>,
  after: Iterable<T>,
  compare: (a: T, b: T) => number,
): Generator<readonly [before: T | undefined, after: T | undefined]> {
  const [left, right] = [before[Symbol.iterator](), after[Symbol.iterator]()];
  let a = left.next();
  let b = right.next();
  while (a.done !== true || b.done !== true) {
    const order = a.done === true ? 1 : b.done === true ? -1 : compare(a.value, b.value);
    yield [order <= 0 ? a.value : undefined, order >= 0 ? b.value : undefined];
    if (order <= 0) a = left.next();
    if (order >= 0) b = right.next();
  }
}
