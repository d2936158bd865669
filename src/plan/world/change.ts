/** What goes into a world, and what comes out of it. */
import type { AllocationChange } from '../../allocator/live-allocation.ts';
import type { Finding } from '../../config/problem.ts';
import type { ObjectRef, Resource } from '../../config/resource.ts';
import type { Layer2Change } from './layer2-services.ts';
import type { AnnouncementChange, RefusalChange, SessionRoutes, SessionsChange } from './node-routes.ts';
import type { CoreObject } from './world-object.ts';

/** One object that is there now, as it is, or that is there no more. */
export type Change =
  | { readonly type: 'upsert'; readonly object: Resource | CoreObject }
  | { readonly type: 'delete'; readonly object: ObjectRef & { readonly apiVersion: string } };

/** What is different after a number of changes; all lists are empty where nothing is. */
export interface WorldChange {
  readonly allocationsChanged: readonly AllocationChange[];
  /** Names of pools whose counters are others. */
  readonly poolsChanged: readonly string[];
  readonly sessionsChanged: SessionsChange;
  readonly routesChanged: readonly SessionRoutes[];
  readonly refusalsChanged: readonly RefusalChange[];
  /** Services that the node announces to others than before. */
  readonly announcementsChanged: readonly AnnouncementChange[];
  /** What the node answers ARP and NDP for. */
  readonly layer2Changed: Layer2Change;
  readonly findingsChanged: FindingsChange;
}

export interface FindingsChange {
  readonly added: readonly Finding[];
  readonly removed: readonly Finding[];
}

export const NO_SESSIONS_CHANGE: SessionsChange = { added: [], changed: [], removed: [] };

/** Findings that came and that went, each as often as it came or went. */
export class FindingsLedger {
  readonly #counts = new Map<string, { readonly finding: Finding; count: number }>();

  replace(before: readonly Finding[], after: readonly Finding[]): void {
    if (before === after) return;
    for (const finding of before) this.#count(finding, -1);
    for (const finding of after) this.#count(finding, 1);
  }

  get change(): FindingsChange {
    const entries = [...this.#counts.values()];
    const times = (sign: 1 | -1): readonly Finding[] =>
      entries.flatMap(({ finding, count }) => (count * sign > 0 ? new Array<Finding>(count * sign).fill(finding) : []));
    return { added: times(1), removed: times(-1) };
  }

  #count(finding: Finding, by: 1 | -1): void {
    const { rule, severity, message, object, path } = finding;
    const key = JSON.stringify([rule, severity, message, object, path]);
    const entry = this.#counts.get(key);
    if (entry === undefined) this.#counts.set(key, { finding, count: by });
    else entry.count += by;
  }
}
