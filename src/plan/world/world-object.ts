/**
 * Objects as a world takes them in: core objects parsed where they come in, so that nobody needs to keep their JSON (an EndpointSlice of
 * a thousand addresses becomes a list of nodes), metallb.io objects as they are, because what they mean depends on each other.
 */
import { type EndpointSlice, parseEndpointSlice, parseEndpoints } from '../../cluster/endpoints.ts';
import { type Node, parseNode } from '../../cluster/node.ts';
import { type KeySecret, parseSecret } from '../../cluster/secret.ts';
import { parseService, type Service } from '../../cluster/service.ts';
import type { Parsed } from '../../config/problem.ts';
import { type ObjectRef, type Resource, refOf } from '../../config/resource.ts';
import type { Labels } from '../../config/selector.ts';
import type { ObjectVersion } from './object-store.ts';

interface Understood<K extends string, T> {
  readonly kind: K;
  readonly ref: ObjectRef;
  readonly version: ObjectVersion;
  readonly parsed: Parsed<T>;
}

/** A core object that was parsed already. */
export type CoreObject =
  | Understood<'Service', Service>
  | Understood<'EndpointSlice', EndpointSlice>
  | Understood<'Endpoints', EndpointSlice>
  | Understood<'Node', Node>
  | Understood<'Namespace', Labels>
  | Understood<'Secret', KeySecret>;

type CoreKind = CoreObject['kind'];

/** Each kind with its apiVersion, and how it is read. */
const CORE: {
  readonly [K in CoreKind]: readonly [string, (r: Resource) => Extract<CoreObject, { kind: K }>['parsed']];
} = {
  Service: ['v1', parseService],
  EndpointSlice: ['discovery.k8s.io/v1', parseEndpointSlice],
  Endpoints: ['v1', parseEndpoints],
  Node: ['v1', parseNode],
  Namespace: ['v1', ({ metadata }) => ({ value: metadata.labels, problems: [] })],
  Secret: ['v1', parseSecret],
};

/** The kind of a core object that concerns us. */
export const coreKindOf = ({ apiVersion, kind }: Pick<Resource, 'apiVersion' | 'kind'>): CoreKind | undefined =>
  Object.hasOwn(CORE, kind) && CORE[kind as CoreKind][0] === apiVersion ? (kind as CoreKind) : undefined;

export const isConfigObject = ({ apiVersion }: Pick<Resource, 'apiVersion'>): boolean =>
  apiVersion.startsWith('metallb.io/');

/** Reads a core object; undefined where its kind is none of ours. */
export function understand(resource: Resource): CoreObject | undefined {
  const kind = coreKindOf(resource);
  if (kind === undefined) return undefined;
  const parsed = CORE[kind][1](resource);
  return { kind, ref: refOf(resource), version: versionOf(resource), parsed } as CoreObject;
}

/** `metadata.uid` and `metadata.resourceVersion`. */
export function versionOf({ body }: Resource): ObjectVersion {
  const { metadata } = body;
  const text = (field: 'uid' | 'resourceVersion'): string | null => {
    const value = (metadata as Readonly<Record<string, unknown>> | null | undefined)?.[field];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return { uid: text('uid'), resourceVersion: text('resourceVersion') };
}

/** `namespace/name`, and `/name` for what belongs to no namespace. */
export const keyOf = ({ kind, namespace, name }: ObjectRef): string =>
  kind === 'Node' || kind === 'Namespace' ? `/${name}` : `${namespace}/${name}`;
