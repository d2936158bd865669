/** Layer 2 over a whole snapshot: decisions of `announce/l2.ts`, each made once and when it is asked for. */

import type { Refusal } from '../announce/eligibility.ts';
import { type Layer2Decision, type Layer2Node, type Layer2Service, Layer2View, unionOf } from '../announce/l2.ts';
import { NO_ENDPOINTS, type ServiceEndpoints } from '../cluster/endpoints.ts';
import type { Node } from '../cluster/node.ts';
import { compareText } from '../compare-text.ts';
import { formatIp } from '../net/ip.ts';
import type { ServiceRefusal } from './node-plan.ts';
import type { Layer2Row } from './row.ts';
import type { PlanOptions } from './snapshot.ts';

/** One Service with what was decided for it. */
export interface Layer2Outcome {
  readonly assigned: Layer2Service;
  readonly endpoints: ServiceEndpoints;
  readonly decision: Layer2Decision;
}

export class Layer2Plan {
  readonly view: Layer2View;
  readonly #services: readonly Layer2Service[];
  readonly #byKey: ReadonlyMap<string, Layer2Service>;
  readonly #endpoints: ReadonlyMap<string, ServiceEndpoints>;
  readonly #outcomes = new Map<string, Layer2Outcome>();

  /** @param services - by key; those of pools that no L2Advertisement is for are passed over, and have no rows. */
  constructor(
    services: readonly Layer2Service[],
    endpoints: ReadonlyMap<string, ServiceEndpoints>,
    nodes: readonly Node[],
    options: PlanOptions,
  ) {
    this.view = new Layer2View(nodes, options);
    this.#services = services.filter(({ audience }) => audience.ofPool.length > 0);
    this.#byKey = new Map(this.#services.map((assigned) => [assigned.service.key, assigned]));
    this.#endpoints = endpoints;
  }

  /** Undefined where the Service has no address, or no L2Advertisement is for its pool. */
  of(key: string): Layer2Outcome | undefined {
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    const assigned = this.#byKey.get(key);
    if (assigned === undefined) return undefined;
    const endpoints = this.#endpoints.get(key) ?? NO_ENDPOINTS;
    const outcome = { assigned, endpoints, decision: this.view.decide(assigned, endpoints) };
    this.#outcomes.set(key, outcome);
    return outcome;
  }

  /** By node and address: what Services that share an address have in common stands in one row. */
  rows(): readonly Layer2Row[] {
    return layer2RowsOf(this.#services.map((assigned) => [assigned, this.of(assigned.service.key)?.decision.owner]));
  }

  /** The Service with its advertisements, without deciding anything; undefined as {@link of}. */
  assignedOf(key: string): Layer2Service | undefined {
    return this.#byKey.get(key);
  }

  /** Why this node does not answer for the Service; null where it does, or where layer 2 is not asked. */
  refusalOn(node: string, key: string): Refusal | null {
    const outcome = this.of(key);
    if (outcome === undefined) return null;
    return this.view.refusalOn(node, outcome.assigned, outcome.endpoints, outcome.decision);
  }

  /** Why this node does not answer, by Service. */
  *refusalsOn(node: string): Generator<ServiceRefusal> {
    for (const { service } of this.#services) {
      const refusal = this.refusalOn(node, service.key);
      if (refusal !== null) yield { service: service.key, ...refusal };
    }
  }
}

/** The rows of Services with those who answer for them, by node and address. */
export function layer2RowsOf(
  services: Iterable<readonly [Layer2Service, Layer2Node | null | undefined]>,
): readonly Layer2Row[] {
  const rows = new Map<string, Layer2Row[]>();
  for (const [assigned, owner] of services) {
    if (owner === null || owner === undefined) continue;
    for (const row of ownedRows(assigned, owner)) {
      const same = rows.get(`${row.node} ${row.ip}`);
      if (same === undefined) rows.set(`${row.node} ${row.ip}`, [row]);
      else same.push(row);
    }
  }
  return [...rows.values()].map(mergedRow).sort((a, b) => compareText(a.node, b.node) || compareText(a.ip, b.ip));
}

/** What one Service wants answered where this node answers for it: a row for each address. */
export const ownedRows = (
  { service, ips }: Layer2Service,
  { name, interfaces, advertisements }: Layer2Node,
): readonly Layer2Row[] =>
  ips.map((ip) => ({ node: name, ip: formatIp(ip), interfaces, services: [service.key], advertisements }));

/** The one row of an address on a node, of all that want it there: at least one. */
export function mergedRow(rows: readonly Layer2Row[]): Layer2Row {
  const [first, ...others] = rows;
  if (first === undefined) throw new RangeError('a row is made of at least one');
  if (others.length === 0) return first;
  const lists = rows.map(({ interfaces }) => interfaces);
  return {
    ...first,
    interfaces: lists.includes(null) ? null : unionOf(lists.map((list) => list ?? [])),
    services: unionOf(rows.map(({ services }) => services)),
    advertisements: unionOf(rows.map(({ advertisements }) => advertisements)),
  };
}
