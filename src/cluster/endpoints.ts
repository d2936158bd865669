/**
 * Where a Service can be served: EndpointSlices (or mirrored Endpoints) reduced to what a decision needs.
 *
 * An endpoint counts if it has an address and its conditions allow it: ready (unset counts as true), or still serving. `terminating` is
 * not consulted. The Service's annotation `metallb.io/endpoint-policy` narrows this (docs/decisions.md 25). `v1` Endpoints count where
 * the Service has no selector and no slice, as the cluster would mirror them.
 */
import { compactList } from '../compact-list.ts';
import { hasError, type Parsed, type Problem, problem } from '../config/problem.ts';
import type { Resource } from '../config/resource.ts';
import { Interner } from '../interner.ts';
import { Fields } from './fields.ts';
import type { Service } from './service.ts';

export interface ServiceEndpoints {
  /** Some endpoint with an address can serve. */
  readonly servable: boolean;
  /** Names of the nodes that have such an endpoint. */
  readonly servableNodes: ReadonlySet<string>;
}

export const NO_ENDPOINTS: ServiceEndpoints = { servable: false, servableNodes: new Set() };

/** Which endpoints of a Service count. */
export type EndpointPolicy = 'ready' | 'serving' | 'ready-or-serving';

const POLICIES: readonly EndpointPolicy[] = ['ready', 'serving', 'ready-or-serving'];
const POLICY_ANNOTATION = 'metallb.io/endpoint-policy';
const SERVICE_LABEL = 'kubernetes.io/service-name';

/** The endpoints of one slice, or of one Endpoints object. */
export interface EndpointSlice {
  /** `namespace/name` of the Service. */
  readonly service: string;
  readonly endpoints: readonly Endpoint[];
}

/** An endpoint that has an address. */
export interface Endpoint {
  readonly node: string | null;
  readonly ready: boolean;
  readonly serving: boolean;
}

/** The policy of a Service; an unknown word is a warning and counts as unset. */
export function endpointPolicyOf(service: Service): Parsed<EndpointPolicy> {
  const word = service.annotations[POLICY_ANNOTATION];
  const policy = POLICIES.find((p) => p === word);
  if (word === undefined || word === '' || policy !== undefined)
    return { value: policy ?? 'ready-or-serving', problems: [] };
  const path = ['metadata', 'annotations', POLICY_ANNOTATION];
  const message = `"${word}" is no endpoint policy (${POLICIES.join(', ')}): ready-or-serving is used`;
  return { value: 'ready-or-serving', problems: [problem('unknown-value', path, message, { severity: 'warning' })] };
}

/** Without their addresses the endpoints of a node are few. */
const ENDPOINTS = new Interner<Endpoint>(10_000);

const endpointOf = (node: string | null, ready: boolean, serving: boolean): Endpoint =>
  ENDPOINTS.of(`${Number(ready)}${Number(serving)}${node ?? ''}`, () => ({ node, ready, serving }));

/** Reads an EndpointSlice; one that belongs to no Service has no value and no problem. */
export function parseEndpointSlice(resource: Resource): Parsed<EndpointSlice> {
  const { namespace, labels } = resource.metadata;
  const owner = labels[SERVICE_LABEL];
  if (owner === undefined || owner === '') return { value: null, problems: [] };
  const problems: Problem[] = [];
  const endpoints = new Fields(resource.body, [], problems).objects('endpoints').flatMap((endpoint) => {
    const addressed = endpoint.texts('addresses').length > 0;
    const conditions = endpoint.object('conditions');
    const ready = conditions.boolean('ready') ?? true;
    const serving = conditions.boolean('serving') ?? ready;
    const node = endpoint.text('nodeName') || null;
    return addressed ? [endpointOf(node, ready, serving)] : [];
  });
  return {
    value: hasError(problems) ? null : { service: `${namespace}/${owner}`, endpoints: compactList(endpoints) },
    problems,
  };
}

/** Reads `v1` Endpoints, which have the name of their Service. */
export function parseEndpoints(resource: Resource): Parsed<EndpointSlice> {
  const problems: Problem[] = [];
  const subsets = new Fields(resource.body, [], problems).objects('subsets');
  const endpoints = subsets.flatMap((subset) =>
    subset.objects('addresses').flatMap((address) => {
      const node = address.text('nodeName') || null;
      return address.text('ip') === undefined ? [] : [endpointOf(node, true, true)];
    }),
  );
  const service = `${resource.metadata.namespace}/${resource.metadata.name}`;
  return { value: hasError(problems) ? null : { service, endpoints: compactList(endpoints) }, problems };
}

/** Whether an endpoint counts under a policy. */
export function canServe(endpoint: Endpoint, policy: EndpointPolicy): boolean {
  switch (policy) {
    case 'ready':
      return endpoint.ready;
    case 'serving':
      return endpoint.serving;
    case 'ready-or-serving':
      return endpoint.ready || endpoint.serving;
  }
}

/** Reduces the slices of one Service. */
export function reduceEndpoints(slices: readonly EndpointSlice[], policy: EndpointPolicy): ServiceEndpoints {
  const servable = slices.flatMap((slice) => slice.endpoints).filter((endpoint) => canServe(endpoint, policy));
  if (servable.length === 0) return NO_ENDPOINTS;
  return { servable: true, servableNodes: new Set(servable.flatMap(({ node }) => (node === null ? [] : [node]))) };
}
