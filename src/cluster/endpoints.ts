/** Where a Service can be served: EndpointSlices (or mirrored Endpoints) reduced to what a decision needs. */

export interface ServiceEndpoints {
  /** Some endpoint with an address can serve. */
  readonly servable: boolean;
  /** Names of the nodes that have such an endpoint. */
  readonly servableNodes: ReadonlySet<string>;
}

export const NO_ENDPOINTS: ServiceEndpoints = { servable: false, servableNodes: new Set() };
