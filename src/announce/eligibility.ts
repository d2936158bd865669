/** Why a node does not announce a Service: one table of reasons and of what they say to a reader. */
import type { ServiceEndpoints } from '../cluster/endpoints.ts';
import type { Node } from '../cluster/node.ts';
import type { Service } from '../cluster/service.ts';
import type { IpFamily } from '../net/ip.ts';
import type { Session } from './sessions.ts';

/**
 * MetalLB's reasons, and two of ours: `addressFamilyNotActive` (docs/decisions.md 26) and `noSession`, where the advertisements select the
 * node and none of the peers that they are for has a session there.
 */
export type NotAnnouncedReason =
  | 'notOwner'
  | 'noMatchingAdvertisement'
  | 'conflictingAdvertisements'
  | 'nodeNetworkUnavailable'
  | 'nodeLabeledExcludeBalancers'
  | 'noLocalEndpoints'
  | 'noEndpoints'
  | 'sharedIPWithServiceSelector'
  | 'noSession'
  | 'addressFamilyNotActive';

export interface Refusal {
  readonly reason: NotAnnouncedReason;
  readonly message: string;
}

/** Its presence alone counts, whatever its value. */
export const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';

export interface EligibilityOptions {
  readonly ignoreExcludeLB: boolean;
}

/** Why the node announces nothing at all, or null where it may. */
export function nodeRefusal(node: Node, options: EligibilityOptions): Refusal | null {
  if (node.networkUnavailable)
    return {
      reason: 'nodeNetworkUnavailable',
      message: `node ${node.name} has the condition NetworkUnavailable`,
    };
  if (!options.ignoreExcludeLB && Object.hasOwn(node.labels, EXCLUDE_LABEL))
    return {
      reason: 'nodeLabeledExcludeBalancers',
      message: `node ${node.name} has the label ${EXCLUDE_LABEL} (--ignore-exclude-lb disregards it)`,
    };
  return null;
}

/**
 * Why a session carries nothing of a family, or null where it does (docs/decisions.md 26).
 *
 * Its own address is the next hop of its own family. Of the other family it takes the node's InternalIP: without one, whatever next hop we could name
 * would be nobody's.
 */
export function familyRefusal(
  { peer, families }: Pick<Session, 'peer' | 'families'>,
  family: IpFamily,
  node: Pick<Node, 'name' | 'internalIPs'>,
): Refusal | null {
  if (!families.includes(family))
    return {
      reason: 'addressFamilyNotActive',
      message: `no session of node ${node.name} that the advertisements reach carries IPv${family} (${peer.name} is one of the other family only): set dualStackAddressFamily, or add an IPv${family} peer`,
    };
  if (peer.peerAddress?.family === family || node.internalIPs.some((ip) => ip.family === family)) return null;
  return {
    reason: 'addressFamilyNotActive',
    message: `node ${node.name} has no IPv${family} InternalIP to be the next hop of IPv${family} over the session with ${peer.name}: give the node one, or add an IPv${family} peer`,
  };
}

/**
 * Why the Service's endpoints keep the node from announcing it, or null where they do not.
 *
 * Where nothing can serve at all, that is the reason, whatever the policy: it names what is to be put right.
 */
export function endpointRefusal(
  service: Pick<Service, 'externalTrafficPolicy'>,
  endpoints: ServiceEndpoints,
  node: Pick<Node, 'name'>,
): Refusal | null {
  if (!endpoints.servable) return NO_ENDPOINTS_REFUSAL;
  if (service.externalTrafficPolicy === 'Local' && !endpoints.servableNodes.has(node.name))
    return {
      reason: 'noLocalEndpoints',
      message: `externalTrafficPolicy is Local, and no endpoint that can serve is on node ${node.name}`,
    };
  return null;
}

const NO_ENDPOINTS_REFUSAL: Refusal = { reason: 'noEndpoints', message: 'no endpoint of the Service can serve' };
