/** The rules about a node and about endpoints, which both protocols have. */
import { EXCLUDE_LABEL } from '../announce/eligibility.ts';
import { NO_ENDPOINTS, type ServiceEndpoints } from '../cluster/endpoints.ts';
import type { Node } from '../cluster/node.ts';
import type { Service } from '../cluster/service.ts';
import type { Plan } from '../plan/plan.ts';
import { nodeRef, type Step, stepsAbout } from './step.ts';

/** What the node itself says against announcing anything. */
export function nodeSteps(node: Node, ignoreExcludeLB: boolean): readonly Step[] {
  const make = stepsAbout(nodeRef(node.name));
  const network = node.networkUnavailable
    ? make('network-unavailable', 'no', 'the node has the condition NetworkUnavailable', ['status', 'conditions'])
    : make('network-unavailable', 'yes', 'the node has no condition NetworkUnavailable', ['status', 'conditions']);
  const path = ['metadata', 'labels', EXCLUDE_LABEL];
  if (!Object.hasOwn(node.labels, EXCLUDE_LABEL))
    return [network, make('exclude-label', 'yes', `the node has no label ${EXCLUDE_LABEL}`, ['metadata', 'labels'])];
  return [
    network,
    ignoreExcludeLB
      ? make(
          'exclude-label',
          'yes',
          `the node has the label ${EXCLUDE_LABEL}, which --ignore-exclude-lb disregards`,
          path,
        )
      : make('exclude-label', 'no', `the node has the label ${EXCLUDE_LABEL}`, path),
  ];
}

export const endpointsOf = (plan: Plan, service: Service): ServiceEndpoints =>
  plan.snapshot.endpoints.get(service.key) ?? NO_ENDPOINTS;

/** What the Service's endpoints say against announcing it from the node. */
export function endpointStep(service: Service, endpoints: ServiceEndpoints, node: Pick<Node, 'name'>): Step {
  const make = stepsAbout({ kind: 'Service', namespace: service.namespace, name: service.name });
  if (!endpoints.servable)
    return make('endpoints', 'no', 'no endpoint of the Service can serve (ready, or still serving)', []);
  const path = ['spec', 'externalTrafficPolicy'];
  if (service.externalTrafficPolicy === 'Cluster')
    return make(
      'endpoints',
      'yes',
      'an endpoint can serve, and with externalTrafficPolicy Cluster it may be anywhere',
      path,
    );
  return endpoints.servableNodes.has(node.name)
    ? make('endpoints', 'yes', 'externalTrafficPolicy is Local, and an endpoint that can serve is on the node', path)
    : make('endpoints', 'no', 'externalTrafficPolicy is Local, and no endpoint that can serve is on the node', path);
}
