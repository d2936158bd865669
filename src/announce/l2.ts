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
import { type Candidate, elect, electionOrder } from './election.ts';
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

/** Nodes as layer 2 sees them. Holds what it has worked out; make a new one when a node or the configuration changes. */
export class Layer2View {
  readonly #nodes: readonly Node[];
  readonly #options: EligibilityOptions;
  readonly #selected = new Map<Audience<L2Advertisement>, ReadonlyMap<string, Layer2Node>>();

  constructor(nodes: readonly Node[], options: EligibilityOptions) {
    this.#nodes = nodes;
    this.#options = options;
  }

  /** The nodes that some advertisement for the Service selects, by name. */
  selected(audience: Audience<L2Advertisement>): ReadonlyMap<string, Layer2Node> {
    let selected = this.#selected.get(audience);
    if (selected === undefined) {
      selected = new Map(
        this.#nodes.flatMap((node) => {
          const mine = audience.forService.filter(({ nodeSelectors }) =>
            anySelectorMatches(nodeSelectors, node.labels),
          );
          return mine.length === 0 ? [] : [[node.name, this.#nodeOf(node, mine)] as const];
        }),
      );
      this.#selected.set(audience, selected);
    }
    return selected;
  }

  /** Decides for one Service. */
  decide(assigned: Layer2Service, endpoints: ServiceEndpoints): Layer2Decision {
    const refusal = refusalEverywhere(assigned, endpoints);
    const [ip] = assigned.ips;
    if (refusal !== null || ip === undefined) return { owner: null, refusal };
    return { owner: elect(this.#candidates(assigned, endpoints), ip), refusal: null };
  }

  /** The candidates in the order in which they would answer: for whoever wants to know who is next. */
  ranking(assigned: Layer2Service, endpoints: ServiceEndpoints): readonly Layer2Node[] {
    const [ip] = assigned.ips;
    if (ip === undefined || refusalEverywhere(assigned, endpoints) !== null) return [];
    return electionOrder(this.#candidates(assigned, endpoints), ip);
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

  *#candidates({ service, audience }: Layer2Service, endpoints: ServiceEndpoints): Generator<Layer2Node> {
    const selected = this.selected(audience);
    if (service.externalTrafficPolicy !== 'Local') {
      for (const node of selected.values()) if (node.refusal === null) yield node;
      return;
    }
    for (const name of endpoints.servableNodes) {
      const node = selected.get(name);
      if (node?.refusal === null) yield node;
    }
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
