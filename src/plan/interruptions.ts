/** What of a difference between two plans interrupts traffic, and why. */
import { compareText } from '../compare-text.ts';
import type { FieldChange, PlanDiff, SessionChange } from './diff.ts';
import type { Plan } from './plan.ts';
import { routePairs, sessionPairs } from './session-pairs.ts';

/** One thing that users may notice. */
export interface Interruption {
  readonly kind: InterruptionKind;
  /** The Service, peer, prefix or address that it is about. */
  readonly subject: string;
  /** The nodes on which it happens; empty where it happens to all of a Service. */
  readonly nodes: readonly string[];
  readonly message: string;
}

export type InterruptionKind =
  | 'address-moves'
  | 'address-lost'
  | 'service-gone'
  | 'session-reset'
  | 'session-removed'
  | 'prefix-withdrawn'
  | 'no-path-stays'
  | 'paths-withdrawn'
  | 'layer2-moves';

/** In the order of their gravity to clients: addresses, sessions, prefixes, layer 2. */
export function interruptionsOf(diff: PlanDiff, before: Plan, after: Plan): readonly Interruption[] {
  const paths = pathsOf(diff, before, after);
  return [
    ...addressInterruptions(diff),
    ...sessionInterruptions(diff, after, paths),
    ...pathInterruptions(paths),
    ...layer2Interruptions(diff),
  ];
}

function addressInterruptions({ addresses }: PlanDiff): readonly Interruption[] {
  return addresses.flatMap(({ namespace, name, change, before, after }): readonly Interruption[] => {
    const subject = `${namespace}/${name}`;
    const [old, now] = [before?.ips ?? [], after?.ips ?? []];
    const left = old.filter((ip) => !now.includes(ip));
    const about = (kind: InterruptionKind, message: string): readonly Interruption[] => [
      { kind, subject, nodes: [], message },
    ];
    if (change === 'gone')
      return about('service-gone', `the Service is not there any more, and gives back ${old.join(', ')}`);
    if (change === 'lost')
      return about(
        'address-lost',
        `it loses ${old.join(', ')} and waits: ${after?.message ?? 'it is not ours to serve any more'}`,
      );
    if (change === 'moved' && left.length > 0)
      return about(
        'address-moves',
        `it loses ${left.join(', ')} and has ${now.join(', ')}: clients and DNS must follow`,
      );
    return [];
  });
}

/** The routes of a session and the paths of a prefix, before and after. */
interface Paths {
  /** By node and peer: how many routes the session carried before. */
  readonly carried: ReadonlyMap<string, number>;
  /** By prefix. */
  readonly prefixes: ReadonlyMap<string, PathCount>;
}

interface PathCount {
  before: number;
  after: number;
  /** Paths that go on without a break: the same before and after, on a session that is left alone. */
  staying: number;
  readonly services: Set<string>;
}

const sessionKey = ({ node, peer }: { readonly node: string; readonly peer: string }): string =>
  JSON.stringify([node, peer]);

function pathsOf({ sessions }: PlanDiff, before: Plan, after: Plan): Paths {
  const touched = new Set(sessions.filter(({ change }) => change !== 'renamed').map(sessionKey));
  const carried = new Map<string, number>();
  const prefixes = new Map<string, PathCount>();
  for (const [old, now] of routePairs(before, after, sessionPairs(before, after))) {
    const row = old ?? now;
    if (row === undefined) continue;
    let count = prefixes.get(row.prefix);
    if (count === undefined) {
      count = { before: 0, after: 0, staying: 0, services: new Set() };
      prefixes.set(row.prefix, count);
    }
    const key = sessionKey(row);
    if (old !== undefined) {
      count.before++;
      for (const service of old.services) count.services.add(service);
      carried.set(key, (carried.get(key) ?? 0) + 1);
    }
    if (now !== undefined) count.after++;
    if (old !== undefined && now !== undefined && !touched.has(key)) count.staying++;
  }
  return { carried, prefixes };
}

function sessionInterruptions(diff: PlanDiff, after: Plan, { carried }: Paths): readonly Interruption[] {
  const told = new Map<
    string,
    { kind: InterruptionKind; peer: string; why: string; nodes: string[]; routes: number }
  >();
  for (const change of diff.sessions) {
    if (change.change === 'added' || change.change === 'renamed') continue;
    const kind = change.change === 'reset' ? 'session-reset' : 'session-removed';
    const why = change.change === 'reset' ? change.fields.map(fieldText).join(', ') : removalOf(change, after);
    const key = JSON.stringify([kind, change.peer, why]);
    const routes = carried.get(sessionKey(change)) ?? 0;
    const same = told.get(key);
    if (same === undefined) told.set(key, { kind, peer: change.peer, why, nodes: [change.node], routes });
    else {
      same.nodes.push(change.node);
      same.routes += routes;
    }
  }
  return [...told.values()].map(({ kind, peer, why, nodes, routes }) => {
    const lost =
      routes === 0
        ? ''
        : kind === 'session-reset'
          ? `; its ${counted(routes)} gone until it is up again`
          : `; its ${counted(routes)} withdrawn`;
    const message =
      kind === 'session-reset' ? `it is closed and opened anew (${why})${lost}` : `it ends: ${why}${lost}`;
    return { kind, subject: peer, nodes, message };
  });
}

const counted = (routes: number): string => (routes === 1 ? '1 route is' : `${routes} routes are`);

/** A field as `holdTimeSeconds 90 -> 30`. */
export const fieldText = ({ field, before, after }: FieldChange): string =>
  `${field} ${valueText(before)} -> ${valueText(after)}`;

const valueText = (value: FieldChange['before']): string =>
  value === null ? 'unset' : typeof value === 'object' ? value.join(' ') || 'none' : String(value);

function removalOf({ node, peer }: SessionChange, after: Plan): string {
  if (!after.views.some((view) => view.node.name === node)) return 'the node is not there any more';
  return after.snapshot.config.peers.some(({ name }) => name === peer)
    ? "the BGPPeer's nodeSelectors no longer select the node"
    : 'the BGPPeer is not there any more, or has an error';
}

function pathInterruptions({ prefixes }: Paths): readonly Interruption[] {
  return [...prefixes]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([subject, { before, after, staying, services }]): readonly Interruption[] => {
      if (before === 0 || staying === before) return [];
      const of =
        services.size === 0
          ? ''
          : ` (${[...services].slice(0, 3).join(', ')}${services.size > 3 ? ' and others' : ''})`;
      const about = (kind: InterruptionKind, message: string): readonly Interruption[] => [
        { kind, subject, nodes: [], message: `${message}${of}` },
      ];
      if (after === 0)
        return about(
          'prefix-withdrawn',
          `all its ${before} ${pathNoun(before)} go, and none comes: it is not reachable any more`,
        );
      if (staying === 0)
        return about(
          'no-path-stays',
          `none of its ${before} ${pathNoun(before)} goes on without a break: it is not reachable until one of the ${after} new ones is up`,
        );
      return about(
        'paths-withdrawn',
        `${before - staying} of its ${before} paths go or break: routers that hash over paths may move connections of the others too`,
      );
    });
}

const pathNoun = (count: number): string => (count === 1 ? 'path' : 'paths');

function layer2Interruptions({ layer2 }: PlanDiff): readonly Interruption[] {
  return layer2.flatMap(({ ip, before, after }): readonly Interruption[] => {
    const [old, now] = [before.map(({ node }) => node), after.map(({ node }) => node)];
    if (old.length === 0 || old.every((node) => now.includes(node))) return [];
    const message =
      now.length === 0
        ? `${old.join(', ')} answers for it no longer, and nobody else does`
        : `${now.join(', ')} answers for it instead of ${old.join(', ')}: clients must learn another MAC address`;
    return [{ kind: 'layer2-moves', subject: ip, nodes: now, message }];
  });
}
