/**
 * The findings that look at all nodes at once, kept up to date by change: Services that no node announces, and prefixes that Services share
 * towards an internal peer with different LOCAL_PREFs.
 *
 * Both are judged by `plan`'s own functions, for the Services that a change touches. What they ask of 500 nodes is kept for the Services
 * that have it in common: which nodes could announce a set of advertisements ({@link Reach}), and the reasons of those whom nobody
 * announces. So a node's change costs the Services with endpoints on it that ask for that, and those whom nobody announces, whose reasons
 * count nodes; all of them only where the first node comes or the last one goes that could announce.
 */
import { carriesAnnotation } from '../../allocator/annotation.ts';
import { type AssignedService, couldAnnounce, NodeView } from '../../announce/bgp.ts';
import type { Layer2Service } from '../../announce/l2.ts';
import type { ServiceEndpoints } from '../../cluster/endpoints.ts';
import type { Node } from '../../cluster/node.ts';
import { compareText } from '../../compare-text.ts';
import type { Config } from '../../config/config.ts';
import type { Finding } from '../../config/problem.ts';
import { countReasons, notAnnouncedFinding, type ReasonCount } from '../not-announced.ts';
import type { PlanOptions } from '../snapshot.ts';
import type { FindingsLedger } from './change.ts';
import type { Layer2Services } from './layer2-services.ts';
import { sameData } from './same-data.ts';
import { SharedPrefixes } from './shared-prefixes.ts';

/** One Service that has an address. */
export interface Judged {
  readonly assigned: AssignedService;
  readonly endpoints: ServiceEndpoints;
  finding: Finding | null;
}

/** The nodes that could announce a set of advertisements, for Services with addresses of the same families. */
interface Reach {
  readonly sample: AssignedService;
  readonly nodes: Set<string>;
}

export class ClusterFindings {
  readonly #options: PlanOptions;
  readonly #layer2: Layer2Services;
  readonly #views = new Map<string, NodeView>();
  #byName: readonly NodeView[] | null = null;
  readonly #services = new Map<string, Judged>();
  /** Services that ask for endpoints on the node, by the node. */
  readonly #on = new Map<string, Set<string>>();
  /** Services that no node announces. */
  readonly #unannounced = new Set<string>();
  /** By pool, then by the advertisements and the families. */
  readonly #reaches = new Map<string, Map<AssignedService['audience'], Map<string, Reach>>>();
  readonly #reasons = new Map<string, readonly ReasonCount[]>();
  readonly #numbers = new WeakMap<object, number>();
  #number = 0;
  readonly #shared: SharedPrefixes;
  readonly #touched = new Set<string>();
  /** Findings of Services that went since the last time. */
  #retired: Finding[] = [];

  constructor(options: PlanOptions, layer2: Layer2Services) {
    this.#options = options;
    this.#layer2 = layer2;
    this.#shared = new SharedPrefixes(options.namespace, this.#services, () => this.#sortedViews());
  }

  /** The peers are others: so is every node, and every Service is judged again. */
  configure(nodes: Iterable<Node>, config: Config, peers: boolean): void {
    this.#shared.configure(config);
    if (!peers) return;
    this.#views.clear();
    for (const node of nodes) this.#views.set(node.name, new NodeView(node, config, this.#options));
    this.#reaches.clear();
    this.#nodesAreOthers();
    for (const key of this.#services.keys()) this.#touched.add(key);
  }

  /** The advertisements of a pool are others; its Services have to be {@link set} again. */
  advertise(pool: string): void {
    this.#reaches.delete(pool);
    this.#reasons.clear();
  }

  /** The same of its L2Advertisements. */
  advertiseLayer2(): void {
    this.#reasons.clear();
  }

  /** Puts another version of a node in force, or none. */
  replaceNode(
    name: string,
    node: Node | undefined,
    config: Config,
    layer2: { differs: boolean; turned: boolean },
  ): void {
    const before = this.#views.get(name);
    const after = node === undefined ? undefined : new NodeView(node, config, this.#options);
    const differs = before === undefined || after === undefined ? before !== after : !announcesTheSame(before, after);
    if (!differs && !layer2.differs) return;
    let turned = layer2.turned;
    if (differs) {
      if (after === undefined) this.#views.delete(name);
      else this.#views.set(name, after);
      turned ||= this.#views.size === Number(before === undefined);
      turned = this.#reachAgain(name, after) || turned;
    }
    this.#nodesAreOthers();
    const keys = turned ? this.#services.keys() : [...(this.#on.get(name) ?? []), ...this.#unannounced];
    for (const key of keys) this.#touched.add(key);
  }

  /** Replaces what is known of a Service; null where it has no address. */
  set(key: string, assigned: AssignedService | null, endpoints: ServiceEndpoints): void {
    const before = this.#services.get(key);
    if (before === undefined && assigned === null) return;
    if (before !== undefined) {
      this.#file(key, before, false);
      this.#shared.remove(key, before.assigned);
    }
    if (assigned === null) {
      this.#retired.push(...listOf(before?.finding ?? null));
      this.#services.delete(key);
      this.#unannounced.delete(key);
      return;
    }
    const judged: Judged = { assigned, endpoints, finding: before?.finding ?? null };
    this.#services.set(key, judged);
    this.#touched.add(key);
    this.#file(key, judged, true);
    this.#shared.add(key, assigned);
  }

  /** Judges what was touched since the last time. */
  judge(ledger: FindingsLedger): void {
    for (const key of this.#touched) {
      const judged = this.#services.get(key);
      if (judged === undefined) continue;
      const { finding: before } = judged;
      judged.finding = this.#judge(key, judged);
      if (judged.finding === null) this.#unannounced.delete(key);
      else this.#unannounced.add(key);
      if (!sameData(before, judged.finding)) ledger.replace(listOf(before), listOf(judged.finding));
    }
    ledger.replace(this.#retired, []);
    this.#retired = [];
    this.#touched.clear();
    this.#shared.judge(ledger);
  }

  /** In the order of a plan's. */
  get findings(): readonly Finding[] {
    const keys = [...this.#unannounced].sort(compareText);
    return [...keys.flatMap((key) => listOf(this.#services.get(key)?.finding ?? null)), ...this.#shared.findings];
  }

  #judge(key: string, { assigned, endpoints }: Judged): Finding | null {
    const layer2 = this.#layer2.assignedOf(key);
    return notAnnouncedFinding({
      assigned,
      endpoints,
      layer2,
      nodesAreKnown: this.#views.size > 0,
      isAnnounced: () => this.#isAnnounced(assigned, endpoints),
      isAnswered: () => this.#layer2.hasOwner(key),
      reasons: () => this.#reasonsOf(key, { assigned, endpoints }),
    });
  }

  #reasonsOf(key: string, { assigned, endpoints }: Omit<Judged, 'finding'>): readonly ReasonCount[] {
    const layer2 = this.#layer2.assignedOf(key);
    const count = () =>
      countReasons(assigned, endpoints, layer2, this.#sortedViews(), (node) => this.#layer2.refusalOn(node, key));
    // Which nodes the endpoints are on is nearly each Service's own.
    if (endpoints.servable && assigned.service.externalTrafficPolicy === 'Local') return count();
    return getOrMake(this.#reasons, this.#kindOf(assigned, layer2, endpoints.servable), count);
  }

  #isAnnounced(assigned: AssignedService, { servable, servableNodes }: ServiceEndpoints): boolean {
    const { nodes } = this.#reachOf(assigned);
    if (assigned.service.externalTrafficPolicy !== 'Local') return servable && nodes.size > 0;
    for (const name of servableNodes) if (nodes.has(name)) return true;
    return false;
  }

  #reachOf(assigned: AssignedService): Reach {
    const audiences = getOrMake(
      this.#reaches,
      assigned.pool,
      () => new Map<AssignedService['audience'], Map<string, Reach>>(),
    );
    const families = getOrMake(audiences, assigned.audience, () => new Map<string, Reach>());
    return getOrMake(families, assigned.ips.map(({ family }) => family).join(), () => {
      const announcing = [...this.#views.values()].filter((view) => couldAnnounce(assigned, view));
      return { sample: assigned, nodes: new Set(announcing.map(({ node }) => node.name)) };
    });
  }

  /** Says whether some advertisements have a node that could announce them only now, or have none any more. */
  #reachAgain(name: string, view: NodeView | undefined): boolean {
    let turned = false;
    for (const audiences of this.#reaches.values())
      for (const families of audiences.values())
        for (const { sample, nodes } of families.values()) {
          const could = nodes.delete(name);
          const can = view !== undefined && couldAnnounce(sample, view);
          turned ||= could !== can && nodes.size === 0;
          if (can) nodes.add(name);
        }
    return turned;
  }

  /** Services of one kind have the same reasons; the addresses themselves come into the text afterwards. */
  #kindOf(assigned: AssignedService, layer2: Layer2Service | undefined, servable: boolean): string {
    return [
      this.#numberOf(assigned.audience),
      layer2 === undefined ? 0 : this.#numberOf(layer2.audience),
      carriesAnnotation(assigned.service, 'allow-shared-ip'),
      servable,
      ...assigned.ips.map(({ family }) => family),
    ].join(' ');
  }

  #numberOf(object: object): number {
    let number = this.#numbers.get(object);
    if (number === undefined) {
      number = ++this.#number;
      this.#numbers.set(object, number);
    }
    return number;
  }

  #file(key: string, judged: Judged | undefined, there: boolean): void {
    if (judged?.assigned.service.externalTrafficPolicy !== 'Local') return;
    for (const node of judged.endpoints.servableNodes) {
      const keys = getOrMake(this.#on, node, () => new Set<string>());
      if (there) keys.add(key);
      else keys.delete(key);
      if (keys.size === 0) this.#on.delete(node);
    }
  }

  #nodesAreOthers(): void {
    this.#byName = null;
    this.#reasons.clear();
    this.#shared.nodesAreOthers();
  }

  #sortedViews(): readonly NodeView[] {
    this.#byName ??= [...this.#views.values()].sort((a, b) => compareText(a.node.name, b.node.name));
    return this.#byName;
  }
}

const listOf = (finding: Finding | null): readonly Finding[] => (finding === null ? [] : [finding]);

/** Whether a node could announce the same under both views, and says the same where it does not. */
export const announcesTheSame = (a: NodeView, b: NodeView): boolean =>
  sameData(a.node.labels, b.node.labels) &&
  sameData(a.node.internalIPs, b.node.internalIPs) &&
  a.node.networkUnavailable === b.node.networkUnavailable &&
  sameData(a.sessions, b.sessions);

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
