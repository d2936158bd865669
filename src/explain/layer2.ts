/** Why a node answers ARP and NDP for a Service, or does not: the conditions in the order in which `announce/l2.ts` asks them. */
import type { Layer2Node } from '../announce/l2.ts';
import type { Node } from '../cluster/node.ts';
import { formatIp } from '../net/ip.ts';
import type { Layer2Outcome } from '../plan/layer2-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { NodeExplanation } from './bgp.ts';
import { endpointStep, nodeSteps } from './eligibility.ts';
import { metallbRef, type Step, selectorStep, stepsAbout } from './step.ts';

const MAX_RANKED = 6;

/** Null where no L2Advertisement is for the pool: then layer 2 has no say. */
export function explainLayer2(plan: Plan, key: string, node: Node): NodeExplanation | null {
  const outcome = plan.layer2.of(key);
  if (outcome === undefined) return null;
  const { assigned, endpoints, decision } = outcome;
  const refusal = plan.layer2.view.refusalOn(node.name, assigned, endpoints, decision);
  return {
    node: node.name,
    protocol: 'layer2',
    announced: refusal === null,
    reason: refusal?.reason ?? null,
    message: refusal?.message ?? null,
    steps: stepsOf(plan, outcome, node),
    peers: [],
  };
}

function stepsOf(plan: Plan, outcome: Layer2Outcome, node: Node): readonly Step[] {
  const { assigned, endpoints, decision } = outcome;
  const { service, audience } = assigned;
  const { namespace, ignoreExcludeLB } = plan.options;
  const aboutService = stepsAbout({ kind: 'Service', namespace: service.namespace, name: service.name });
  if (!endpoints.servable) return [endpointStep(service, endpoints, node)];
  if (decision.refusal !== null)
    return [aboutService('sharing', 'no', decision.refusal.message, ['metadata', 'annotations'])];
  const selections = audience.forService.map(({ name, nodeSelectors }) =>
    selectorStep(
      stepsAbout(metallbRef('L2Advertisement', name, namespace)),
      'nodeSelectors',
      nodeSelectors,
      node.labels,
    ),
  );
  const mine = plan.layer2.view.selected(audience).get(node.name);
  if (mine === undefined) return selections;
  const conditions = [...nodeSteps(node, ignoreExcludeLB), endpointStep(service, endpoints, node)];
  const steps = [...selections, ...conditions];
  if (conditions.some(({ outcome: came }) => came === 'no')) return steps;
  return [...steps, electionStep(plan, outcome, mine), ...interfaceSteps(plan, decision.owner, mine)];
}

function electionStep(plan: Plan, { assigned, endpoints, decision }: Layer2Outcome, mine: Layer2Node): Step {
  const ranking = plan.layer2.view.ranking(assigned, endpoints);
  const names = ranking
    .slice(0, MAX_RANKED)
    .map(({ name, score }) => (score === 0 ? name : `${name} (score ${score})`));
  const order = `${names.join(', ')}${ranking.length > names.length ? ` and ${ranking.length - names.length} more` : ''}`;
  const [first] = assigned.ips;
  const by = `highest score of preferredNodeSelectors first, then by SHA-256 of node#${first === undefined ? '' : formatIp(first)}`;
  const preferring = assigned.audience.forService.find(({ preferredNodes }) => preferredNodes.length > 0);
  const about = stepsAbout(
    preferring === undefined ? null : metallbRef('L2Advertisement', preferring.name, plan.options.namespace),
  );
  const path = preferring === undefined ? [] : ['spec', 'preferredNodeSelectors'];
  return decision.owner?.name === mine.name
    ? about('election', 'yes', `it is the first of ${order} (${by})`, path)
    : about('election', 'no', `another is the first of ${order} (${by})`, path);
}

function interfaceSteps(plan: Plan, owner: Layer2Node | null, mine: Layer2Node): readonly Step[] {
  if (owner?.name !== mine.name) return [];
  const [advertisement] = mine.advertisements;
  const about = stepsAbout(metallbRef('L2Advertisement', advertisement ?? '', plan.options.namespace));
  const message =
    mine.interfaces === null
      ? 'it answers on every interface: an advertisement names none'
      : `it answers on ${mine.interfaces.join(', ')}, if the node has them: they do not count in the election`;
  return [about('interfaces', 'note', message, ['spec', 'interfaces'])];
}
