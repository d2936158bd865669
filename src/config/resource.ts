/** A Kubernetes object as it comes in, before anybody has understood it. */

export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Any object: the envelope is checked, the rest is still JSON. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  /** The whole object as JSON, `metadata` included: what the kind's parser reads. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ObjectMeta {
  readonly name: string;
  /** Filled in by the reader where the object leaves it out; empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339, or null where the object was never in a cluster. */
  readonly creationTimestamp: string | null;
}

export const refOf = (resource: Resource): ObjectRef => ({
  kind: resource.kind,
  namespace: resource.metadata.namespace,
  name: resource.metadata.name,
});
