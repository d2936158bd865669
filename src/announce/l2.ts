/**
 * Which node answers ARP and NDP for a Service's addresses, and why the others do not (metallb-behaviour 5.1 and 5.2).
 *
 * One node answers for all addresses of a Service; the first of them decides which. {@link Layer2View} is a set of nodes as layer 2 sees
 * it: what a set of advertisements comes to on them is worked out once for all Services that have the set. The live speakers are all
 * nodes that are given: who is alive is for those to say who call this. Interfaces never influence the election; whether the winner has
 * them is the engine's to find out.
 */
import { carriesAnnotation } from '../allocator/annotation.ts';
import type { ServiceEndpoints } from '../cluster/endpoints.ts';
import type { Node } from '../cluster/node.ts';
import type { Service } from '../cluster/service.ts';
import { compareText } from '../compare-text.ts';
import type { L2Advertisement } from '../config/advertisement.ts';
import { anySelectorMatches, selectorMatches } from '../config/selector.ts';
import type { Ip } from '../net/ip.ts';
import type { Audience } from './advertisements.ts';
import { type Candidate, elect, electionOrder, findAhead } from './election.ts';
import { type EligibilityOptions, nodeRefusal, type Refusal } from './eligibility.ts';

/** A Service that has its addresses, with the L2Advertisements of its pool. */
export interface Layer2Service {
  readonly service: Service;
  readonly pool: string;
  readonly ips: readonly Ip[];
  readonly audience: Audience<L2Advertisement>;
}

/** A node that the advertisements of a Service select. */
export interface Layer2Node extends Candidate {
  /** Why it may not answer whatever the Service; null where it may. */
  readonly refusal: Refusal | null;
  /** Exact names, each once; null means every interface. */
  readonly interfaces: readonly string[] | null;
  /** Names of the advertisements that are for the Service and select the node. */
  readonly advertisements: readonly string[];
}

/** What is decided for one Service: the same on every node. */
export interface Layer2Decision {
  /** Who answers; null where nobody does. */
  readonly owner: Layer2Node | null;
  /** Why nobody answers, whatever the node. */
  readonly refusal: Refusal | null;
}

/** One node in what a set of advertisements comes to, before and after a change; undefined where it is not selected. */
export interface SelectionChange {
  readonly audience: Audience<L2Advertisement>;
  readonly before: Layer2Node | undefined;
  readonly after: Layer2Node | undefined;
  /** How many nodes may answer afterwards. */
  readonly eligible: number;
}

/** What one set of advertisements comes to. */
interface Selection {
  /** By name. */
  readonly nodes: Map<string, Layer2Node>;
  /** Those that may answer. */
  readonly eligible: Layer2Node[];
}

/** Nodes as layer 2 sees them. Holds what it has worked out; make a new one when the configuration changes. */
export class Layer2View {
  /** By name. */
  readonly #nodes: Map<string, Node>;
  readonly #options: EligibilityOptions;
  readonly #selections = new Map<Audience<L2Advertisement>, Selection>();

  constructor(nodes: Iterable<Node>, options: EligibilityOptions) {
    this.#nodes = new Map([...nodes].map((node) => [node.name, node]));
    this.#options = options;
  }

  /** The nodes that some advertisement for the Service selects, by name. */
  selected(audience: Audience<L2Advertisement>): ReadonlyMap<string, Layer2Node> {
    return this.#selectionOf(audience).nodes;
  }

  /** Puts another version of a node in force, or none; what comes back is where that matters, or may. */
  replace(name: string, node: Node | undefined): readonly SelectionChange[] {
    if (node === undefined) this.#nodes.delete(name);
    else this.#nodes.set(name, node);
    const changes: SelectionChange[] = [];
    for (const [audience, { nodes, eligible }] of this.#selections) {
      const before = nodes.get(name);
      const after = node === undefined ? undefined : this.#inAudience(node, audience);
      if (before === undefined && after === undefined) continue;
      if (after === undefined) nodes.delete(name);
      else nodes.set(name, after);
      const place = before === undefined ? -1 : eligible.indexOf(before);
      if (place >= 0) eligible.splice(place, 1);
      if (after?.refusal === null) eligible.push(after);
      changes.push({ audience, before, after, eligible: eligible.length });
    }
    return changes;
  }

  #selectionOf(audience: Audience<L2Advertisement>): Selection {
    let selection = this.#selections.get(audience);
    if (selection === undefined) {
      const nodes = new Map<string, Layer2Node>();
      for (const node of this.#nodes.values()) {
        const selected = this.#inAudience(node, audience);
        if (selected !== undefined) nodes.set(node.name, selected);
      }
      selection = { nodes, eligible: [...nodes.values()].filter(({ refusal }) => refusal === null) };
      this.#selections.set(audience, selection);
    }
    return selection;
  }

  #inAudience(node: Node, { forService }: Audience<L2Advertisement>): Layer2Node | undefined {
    const mine = forService.filter(({ nodeSelectors }) => anySelectorMatches(nodeSelectors, node.labels));
    return mine.length === 0 ? undefined : this.#nodeOf(node, mine);
  }

  /** Decides for one Service. */
  decide(assigned: Layer2Service, endpoints: ServiceEndpoints): Layer2Decision {
    const refusal = refusalEverywhere(assigned, endpoints);
    const [ip] = assigned.ips;
    if (refusal !== null || ip === undefined) return { owner: null, refusal };
    return { owner: elect(this.#candidates(assigned, endpoints), ip), refusal: null };
  }

  /** Whether anybody answers for the Service, without working out who. */
  hasOwner(assigned: Layer2Service, endpoints: ServiceEndpoints): boolean {
    if (assigned.ips.length === 0 || refusalEverywhere(assigned, endpoints) !== null) return false;
    return this.#candidates(assigned, endpoints).length > 0;
  }

  /**
   * Whether this node answers for the Service, without working out who does.
   *
   * @returns The node where it answers; otherwise, where it may answer, the name of somebody who comes before it; otherwise null. As long
   * as the one who comes before it stays as it is, no other node's change can matter to this one.
   * @param turn - see {@link findAhead}.
   */
  standingOf(node: string, assigned: Layer2Service, endpoints: ServiceEndpoints, turn = 0): Layer2Node | string | null {
    const [ip] = assigned.ips;
    if (ip === undefined || refusalEverywhere(assigned, endpoints) !== null) return null;
    const own = this.selected(assigned.audience).get(node);
    if (own === undefined || own.refusal !== null || !mayServe(assigned.service, endpoints, node)) return null;
    return findAhead(own, this.#candidates(assigned, endpoints), ip, turn)?.name ?? own;
  }

  /** The candidates in the order in which they would answer: for whoever wants to know who is next. */
  ranking(assigned: Layer2Service, endpoints: ServiceEndpoints): readonly Layer2Node[] {
    const [ip] = assigned.ips;
    if (ip === undefined || refusalEverywhere(assigned, endpoints) !== null) return [];
    return electionOrder(this.#candidates(assigned, endpoints), ip);
  }

  /** Whether one of these nodes comes before the one who answered as long as they were others. */
  isOvertaken(owner: Layer2Node, by: Iterable<string>, assigned: Layer2Service, endpoints: ServiceEndpoints): boolean {
    const [ip] = assigned.ips;
    if (ip === undefined) return false;
    const nodes = this.selected(assigned.audience);
    const rivals = [...by].flatMap((name) => {
      const node = nodes.get(name);
      return node?.refusal === null && mayServe(assigned.service, endpoints, name) ? [node] : [];
    });
    return findAhead(owner, rivals, ip) !== null;
  }

  /** Why this node does not answer for the Service of which this was decided; null where it does. */
  refusalOn(
    node: string,
    assigned: Layer2Service,
    endpoints: ServiceEndpoints,
    { owner, refusal }: Layer2Decision,
  ): Refusal | null {
    if (refusal !== null) return refusal;
    if (owner?.name === node) return null;
    const mine = this.selected(assigned.audience).get(node);
    if (mine === undefined)
      return {
        reason: 'noMatchingAdvertisement',
        message:
          assigned.audience.forService.length === 0
            ? `no L2Advertisement of pool ${assigned.pool} has serviceSelectors that match the Service`
            : `no L2Advertisement that is for the Service selects node ${node}`,
      };
    if (mine.refusal !== null) return notOwner(mine.refusal.message);
    if (!mayServe(assigned.service, endpoints, node))
      return notOwner(`externalTrafficPolicy is Local, and no endpoint that can serve is on node ${node}`);
    return notOwner(owner === null ? 'no node may answer' : `node ${owner.name} answers`);
  }

  #candidates({ service, audience }: Layer2Service, endpoints: ServiceEndpoints): readonly Layer2Node[] {
    const { nodes, eligible } = this.#selectionOf(audience);
    if (service.externalTrafficPolicy !== 'Local') return eligible;
    return [...endpoints.servableNodes].flatMap((name) => {
      const node = nodes.get(name);
      return node?.refusal === null ? [node] : [];
    });
  }

  #nodeOf(node: Node, advertisements: readonly L2Advertisement[]): Layer2Node {
    const everywhere = advertisements.some(({ interfaces }) => interfaces.length === 0);
    const preferred = advertisements.flatMap(({ preferredNodes }) => preferredNodes);
    return {
      name: node.name,
      score: preferred.reduce((sum, p) => (selectorMatches(p.selector, node.labels) ? sum + p.weight : sum), 0),
      refusal: nodeRefusal(node, this.#options),
      interfaces: everywhere ? null : unionOf(advertisements.map(({ interfaces }) => interfaces)),
      advertisements: advertisements.map(({ name }) => name),
    };
  }
}

/** Each text once, bytewise ascending. */
export const unionOf = (lists: readonly (readonly string[])[]): readonly string[] =>
  [...new Set(lists.flat())].sort(compareText);

const notOwner = (message: string): Refusal => ({ reason: 'notOwner', message });

const mayServe = (service: Service, endpoints: ServiceEndpoints, node: string): boolean =>
  service.externalTrafficPolicy !== 'Local' || endpoints.servableNodes.has(node);

/** What keeps every node from answering, in MetalLB's order. */
function refusalEverywhere({ service, audience }: Layer2Service, endpoints: ServiceEndpoints): Refusal | null {
  if (!endpoints.servable) return notOwner('no endpoint of the Service can serve');
  // Two Services on one address could be elected to different nodes, where only one can answer. The annotation alone counts, as in
  // MetalLB, whether or not anybody shares the address.
  const selective = audience.forService.find(({ serviceSelectors }) => serviceSelectors.length > 0);
  if (selective === undefined || !carriesAnnotation(service, 'allow-shared-ip')) return null;
  return {
    reason: 'sharedIPWithServiceSelector',
    message: `the Service has the annotation allow-shared-ip, and L2Advertisement ${selective.name} has serviceSelectors: the Services that share an address could not be told apart; remove one of the two`,
  };
}
