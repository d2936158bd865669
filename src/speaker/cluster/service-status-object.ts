/** One ServiceBGPStatus as an object of the API (metallb-behaviour 1.8): what it is called, what it says, and what it can come to say. Pure. */
import { createHash } from 'node:crypto';
import { parseKey } from '../../kube/object-key.ts';
import { apiVersionOf, SERVICE_BGP_STATUS } from '../../kube/resource-types.ts';
import type { KubeObject, OwnerReference } from '../../kube/types.ts';

type Json = Readonly<Record<string, unknown>>;

const NODE = 'metallb.io/node';
const SERVICE_NAMESPACE = 'metallb.io/service-namespace';
const SERVICE_NAME = 'metallb.io/service-name';

/** An object of this node, as it is. */
export interface SeenServiceStatus {
  readonly uid: string;
  /** `namespace/name`; null where it does not say so. */
  readonly service: string | null;
  readonly status: Json;
}

/** Which objects are a node's. */
export const selectorOf = (node: string): string => `${NODE}=${node}`;

/** Whether an object is one that {@link selectorOf} selects. */
export const isOfNode = ({ metadata }: KubeObject, node: string): boolean => metadata.labels?.[NODE] === node;

/** Reads an object. */
export function readServiceStatus({ metadata, status }: KubeObject): SeenServiceStatus {
  const { uid = '', labels = {} } = metadata;
  const [namespace, name] = [labels[SERVICE_NAMESPACE], labels[SERVICE_NAME]];
  return {
    uid,
    service: namespace === undefined || name === undefined ? null : `${namespace}/${name}`,
    status: typeof status === 'object' && status !== null ? (status as Json) : {},
  };
}

/** What it says of a Service that is announced to these peers. */
export function serviceStatusOf(node: string, service: string, peers: readonly string[]): Json {
  const { namespace, name } = parseKey(service);
  return { node, serviceName: name, serviceNamespace: namespace, peers };
}

/** Whether the CRD lets a status become another one: what it is about cannot be changed once it is said. */
export const canBecome = (status: Json, wanted: Json): boolean =>
  ['node', 'serviceName', 'serviceNamespace'].every(
    (field) => status[field] === undefined || status[field] === wanted[field],
  );

/** The object as it is made, without its status. */
export function serviceStatusObject(
  node: string,
  namespace: string,
  service: string,
  owner: OwnerReference | null,
): KubeObject {
  const { namespace: serviceNamespace, name } = parseKey(service);
  // The same name each time: whoever makes it a second time finds it.
  const hash = createHash('sha256').update(`${node}/${service}`).digest('hex').slice(0, 20);
  return {
    apiVersion: apiVersionOf(SERVICE_BGP_STATUS),
    kind: SERVICE_BGP_STATUS.kind,
    metadata: {
      name: `bgp-${hash}`,
      namespace,
      labels: { [NODE]: node, [SERVICE_NAME]: name, [SERVICE_NAMESPACE]: serviceNamespace },
      ...(owner === null ? {} : { ownerReferences: [owner] }),
    },
  };
}
