/**
 * Who answers ARP and NDP, kept up to date Service by Service.
 *
 * An election looks at every node that an L2Advertisement selects, one digest for each: 10,000 of them over 500 nodes take seconds. A node
 * need not hold them. To know that it does not answer, it is enough to know one node that comes before it (`Layer2View.standingOf`), and as
 * long as that one stays as it is, no other node's change matters. So a node's change costs the Services that it stands before, and one
 * comparison for each that the own node answers for. Who answers elsewhere is decided when somebody asks, and once: a later node's change
 * is held against the decision, not decided anew.
 */
import { AdvertisementIndex } from '../../announce/advertisements.ts';
import type { AssignedService } from '../../announce/bgp.ts';
import { type Layer2Decision, type Layer2Node, type Layer2Service, Layer2View } from '../../announce/l2.ts';
import type { ServiceEndpoints } from '../../cluster/endpoints.ts';
import type { Node } from '../../cluster/node.ts';
import { compareText } from '../../compare-text.ts';
import type { L2Advertisement } from '../../config/advertisement.ts';
import type { Pool } from '../../config/pool.ts';
import { layer2RowsOf, mergedRow, ownedRows } from '../layer2-plan.ts';
import type { ServiceRefusal } from '../node-plan.ts';
import type { Layer2Row } from '../row.ts';
import type { PlanOptions } from '../snapshot.ts';
import { sameData } from './same-data.ts';

/** What a node answers for from now on, and no longer: each address once, a row that is there already replaced. */
export interface Layer2Change {
  readonly announce: readonly Layer2Row[];
  /** Addresses, as rows have them. */
  readonly withdraw: readonly string[];
}

export const NO_LAYER2_CHANGE: Layer2Change = { announce: [], withdraw: [] };

/** What a node's change comes to. */
export interface NodeChange {
  /** Services of which the own node's part may be another. */
  readonly standings: readonly string[];
  /** Whether some advertisements come to something else on the node. */
  readonly differs: boolean;
  /** Whether some advertisements have a node that may answer only now, or have none any more. */
  readonly turned: boolean;
}

/** One pool's advertisements on the nodes. */
interface PoolState {
  readonly index: AdvertisementIndex<L2Advertisement>;
  readonly view: Layer2View;
  /** Names of nodes in the order in which they became others. */
  changed: string[];
}

interface Entry {
  readonly pool: PoolState;
  readonly assigned: Layer2Service;
  readonly endpoints: ServiceEndpoints;
  /** What was decided when it was asked for, when so many of these nodes had become others. */
  decided: { readonly decision: Layer2Decision; readonly changed: readonly string[]; seen: number } | null;
}

/** Above this many changes of nodes, decisions are made anew rather than compared with each. */
const MAX_CHANGED = 1_000;

export class Layer2Services {
  readonly #node: string | null;
  readonly #options: PlanOptions;
  readonly #pools = new Map<string, PoolState>();
  /** By Service key; those of pools that no L2Advertisement is for have none. */
  readonly #entries = new Map<string, Entry>();
  /** Who answers here, by Service: this node, or the name of one who comes before it. */
  readonly #standings = new Map<string, Layer2Node | string>();
  /** The addresses of each Service that this node answers for. */
  readonly #owned = new Map<string, readonly string[]>();
  #turn = 0;
  /** Services by the name of the one who comes before this node. */
  readonly #behind = new Map<string, Set<string>>();
  /** What this node answers for: rows by address and Service. */
  readonly #addresses = new Map<string, Map<string, Layer2Row>>();
  readonly #told = new Map<string, Layer2Row>();
  readonly #touched = new Set<string>();

  /** @param node - whose part is kept; null keeps none, and says who answers when it is asked. */
  constructor(node: string | null, options: PlanOptions) {
    this.#node = node;
    this.#options = options;
  }

  /** Gathers the advertisements of a pool anew; its Services have to be {@link set} again. */
  advertise(name: string, pool: Pool | undefined, all: readonly L2Advertisement[], nodes: Iterable<Node>): void {
    const index = pool === undefined ? undefined : new AdvertisementIndex(all, [pool]);
    if (index === undefined || index.audienceOf(name, { labels: {} }).ofPool.length === 0) this.#pools.delete(name);
    else this.#pools.set(name, { index, view: new Layer2View(nodes, this.#options), changed: [] });
  }

  /** Puts another version of a node in force, or none. */
  replaceNode(name: string, node: Node | undefined): NodeChange {
    const standings = new Set<string>();
    let differs = false;
    let turned = false;
    for (const pool of this.#pools.values())
      for (const { audience, before, after, eligible } of pool.view.replace(name, node)) {
        if (sameData(before, after)) continue;
        differs = true;
        const [did, does] = [before?.refusal === null, after?.refusal === null];
        turned ||= did !== does && eligible === Number(does);
        pool.changed.push(name);
        if (pool.changed.length > MAX_CHANGED) pool.changed = [];
        if (name === this.#node) {
          for (const [key, { assigned }] of this.#entries) if (assigned.audience === audience) standings.add(key);
          continue;
        }
        for (const key of this.#owned.keys()) if (this.#isOvertaken(key, name, audience)) standings.add(key);
      }
    if (differs) for (const key of this.#behind.get(name) ?? []) standings.add(key);
    return { standings: [...standings], differs, turned };
  }

  /** Replaces what is known of a Service; null where it has no address. */
  set(key: string, assigned: Omit<AssignedService, 'audience'> | null, endpoints: ServiceEndpoints): void {
    const pool = assigned === null ? undefined : this.#pools.get(assigned.pool);
    if (assigned === null || pool === undefined) {
      if (this.#entries.delete(key)) this.#stand(key, null, null);
      return;
    }
    const audience = pool.index.audienceOf(assigned.pool, assigned.service);
    const entry: Entry = { pool, assigned: { ...assigned, audience }, endpoints, decided: null };
    this.#entries.set(key, entry);
    if (this.#node !== null)
      this.#stand(key, entry, pool.view.standingOf(this.#node, entry.assigned, entry.endpoints, this.#turn++));
  }

  /** The Service with its advertisements; undefined where no L2Advertisement is for its pool. */
  assignedOf(key: string): Layer2Service | undefined {
    return this.#entries.get(key)?.assigned;
  }

  /** Whether anybody answers for the Service. */
  hasOwner(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry?.pool.view.hasOwner(entry.assigned, entry.endpoints) ?? false;
  }

  /** Why this node does not answer for the Service; null where it does, or where layer 2 is not asked. */
  refusalOn(node: string, key: string): ReturnType<Layer2View['refusalOn']> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    return entry.pool.view.refusalOn(node, entry.assigned, entry.endpoints, this.#decisionOf(entry));
  }

  /** Who answers, by node and address: the part of the node whose part is kept, or everybody's. */
  rows(): readonly Layer2Row[] {
    if (this.#node !== null)
      return [...this.#told.values()].sort((a, b) => compareText(a.node, b.node) || compareText(a.ip, b.ip));
    return layer2RowsOf(
      [...this.#entries.values()]
        .sort((a, b) => compareText(a.assigned.service.key, b.assigned.service.key))
        .map((entry) => [entry.assigned, this.#decisionOf(entry).owner]),
    );
  }

  /** Why a node does not answer, by Service. */
  *refusalsOn(node: string): Generator<ServiceRefusal> {
    for (const key of [...this.#entries.keys()].sort(compareText)) {
      const refusal = this.refusalOn(node, key);
      if (refusal !== null) yield { service: key, ...refusal };
    }
  }

  /** What is different on the own node since the last time. */
  flush(): Layer2Change {
    if (this.#touched.size === 0) return NO_LAYER2_CHANGE;
    const announce: Layer2Row[] = [];
    const withdraw: string[] = [];
    for (const ip of this.#touched) {
      const rows = this.#addresses.get(ip);
      const before = this.#told.get(ip);
      if (rows === undefined) {
        if (this.#told.delete(ip)) withdraw.push(ip);
        continue;
      }
      const row = mergedRow([...rows.values()]);
      if (sameData(before, row)) continue;
      this.#told.set(ip, row);
      announce.push(row);
    }
    this.#touched.clear();
    return { announce, withdraw };
  }

  /** Whether this node answers for the Service, which has these advertisements, only as long as the other one is not there. */
  #isOvertaken(key: string, by: string, audience: Layer2Service['audience']): boolean {
    const [entry, own] = [this.#entries.get(key), this.#standings.get(key)];
    if (entry?.assigned.audience !== audience || own === undefined || typeof own === 'string') return false;
    return entry.pool.view.isOvertaken(own, [by], entry.assigned, entry.endpoints);
  }

  #decisionOf(entry: Entry): Layer2Decision {
    const { pool, assigned, endpoints, decided } = entry;
    if (decided !== null && decided.changed === pool.changed && !mayDiffer(entry, decided)) {
      decided.seen = pool.changed.length;
      return decided.decision;
    }
    const decision = pool.view.decide(assigned, endpoints);
    entry.decided = { decision, changed: pool.changed, seen: pool.changed.length };
    return decision;
  }

  #stand(key: string, entry: Entry | null, standing: Layer2Node | string | null): void {
    const before = this.#standings.get(key);
    if (typeof before === 'string') {
      const behind = this.#behind.get(before);
      behind?.delete(key);
      if (behind?.size === 0) this.#behind.delete(before);
    } else if (before !== undefined) this.#disown(key);
    if (standing === null) this.#standings.delete(key);
    else this.#standings.set(key, standing);
    if (typeof standing === 'string') {
      const behind = this.#behind.get(standing);
      if (behind === undefined) this.#behind.set(standing, new Set([key]));
      else behind.add(key);
    } else if (standing !== null && entry !== null) this.#own(key, ownedRows(entry.assigned, standing));
  }

  #own(key: string, rows: readonly Layer2Row[]): void {
    this.#owned.set(
      key,
      rows.map(({ ip }) => ip),
    );
    for (const row of rows) {
      const same = this.#addresses.get(row.ip);
      if (same === undefined) this.#addresses.set(row.ip, new Map([[key, row]]));
      else same.set(key, row);
      this.#touched.add(row.ip);
    }
  }

  #disown(key: string): void {
    for (const ip of this.#owned.get(key) ?? []) {
      const rows = this.#addresses.get(ip);
      rows?.delete(key);
      if (rows?.size === 0) this.#addresses.delete(ip);
      this.#touched.add(ip);
    }
    this.#owned.delete(key);
  }
}

/** Whether nodes that became others since the decision can have changed it. */
function mayDiffer({ pool, assigned, endpoints }: Entry, { decision, changed, seen }: NonNullable<Entry['decided']>) {
  if (decision.refusal !== null || seen === changed.length) return false;
  const { owner } = decision;
  if (owner === null) return true;
  const names = new Set(changed.slice(seen));
  return names.has(owner.name) || pool.view.isOvertaken(owner, names, assigned, endpoints);
}
