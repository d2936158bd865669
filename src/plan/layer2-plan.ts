/** Layer 2 over a whole snapshot: decisions of `announce/l2.ts`, each made once and when it is asked for. */

import { type Layer2Decision, type Layer2Service, Layer2View, unionOf } from '../announce/l2.ts';
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
    const rows = new Map<string, Layer2Row[]>();
    for (const { service, ips } of this.#services) {
      const owner = this.of(service.key)?.decision.owner;
      if (owner === null || owner === undefined) continue;
      const { name, interfaces, advertisements } = owner;
      for (const address of ips) {
        const ip = formatIp(address);
        const row = { node: name, ip, interfaces, services: [service.key], advertisements };
        const same = rows.get(`${name} ${ip}`);
        if (same === undefined) rows.set(`${name} ${ip}`, [row]);
        else same.push(row);
      }
    }
    return [...rows.values()].map(merged).sort((a, b) => compareText(a.node, b.node) || compareText(a.ip, b.ip));
  }

  /** Why this node does not answer, by Service. */
  *refusalsOn(node: string): Generator<ServiceRefusal> {
    for (const { service } of this.#services) {
      const outcome = this.of(service.key);
      if (outcome === undefined) continue;
      const refusal = this.view.refusalOn(node, outcome.assigned, outcome.endpoints, outcome.decision);
      if (refusal !== null) yield { service: service.key, ...refusal };
    }
  }
}

function merged(rows: readonly Layer2Row[]): Layer2Row {
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
