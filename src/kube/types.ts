/**
 * What everybody who talks to a Kubernetes API shares: objects as JSON, the names of resources, and the few verbs that we use.
 *
 * `KubeApi` is the whole of it: the REST client implements it over HTTPS, tests by whatever misbehaves as they need.
 */

/** Names one resource of the API; `group` is empty for the core group. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** `metadata` as far as we look at it. */
export interface KubeMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMeta;
  readonly [field: string]: unknown;
}

/** Where an object is; `namespace` is empty for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** Which objects of a resource a list or a watch is about. */
export interface Selection {
  /** Empty: all namespaces, or a cluster-scoped kind. */
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListPage {
  readonly resourceVersion: string;
  /** @throws {KubeError} of reason `BadAnswer` where one that is taken is no object */
  readonly items: Iterable<KubeObject> & { readonly length: number };
  /** Empty on the last page. */
  readonly continueToken: string;
  /** How many objects are behind this page, where the server says so: it does where nothing selects among them. */
  readonly remainingItemCount?: number;
  /** How long the answer was, where that is known. */
  readonly bytes?: number;
}

export interface ListOptions {
  readonly limit?: number;
  readonly continueToken?: string;
  readonly resourceVersion?: string;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  /** Nothing changed up to this resourceVersion. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WatchOptions {
  readonly resourceVersion: string;
  /** The server ends the watch after this. */
  readonly timeoutSeconds: number;
}

export type Patch =
  | { readonly type: 'merge'; readonly body: unknown }
  | { readonly type: 'json'; readonly body: readonly unknown[] }
  /** Server-side apply; what others own and we say otherwise becomes ours. */
  | { readonly type: 'apply'; readonly body: unknown; readonly fieldManager: string };

/**
 * The API. Every call rejects with a {@link KubeError} where the server or the network refuses, and with the signal's reason where it is
 * aborted.
 */
export interface KubeApi {
  list(type: ResourceType, selection: Selection, options: ListOptions, signal: AbortSignal): Promise<ListPage>;
  /** Resolves when the server ends the watch; rejects with a KubeError of status 410 where the resourceVersion is too old. */
  watch(
    type: ResourceType,
    selection: Selection,
    options: WatchOptions,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
  get(type: ResourceType, key: ObjectKey, signal: AbortSignal): Promise<KubeObject>;
  create(type: ResourceType, object: KubeObject, signal: AbortSignal): Promise<KubeObject>;
  /** PUT: the object's `metadata.resourceVersion`, where it has one, must be the newest. */
  replace(type: ResourceType, object: KubeObject, signal: AbortSignal, subresource?: 'status'): Promise<KubeObject>;
  patch(
    type: ResourceType,
    key: ObjectKey,
    patch: Patch,
    signal: AbortSignal,
    subresource?: 'status',
  ): Promise<KubeObject>;
  /** @param precondition - refuse (409) unless the object still has this uid. */
  delete(
    type: ResourceType,
    key: ObjectKey,
    signal: AbortSignal,
    precondition?: { readonly uid: string },
  ): Promise<void>;
}

/** The server's answer where it is not a success, or why there was none. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The reason of the Status object (`NotFound`, `AlreadyExists`, `Conflict`, `Expired` …), or a code of the network. */
  readonly reason: string;
  /** What the server asked for by Retry-After, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(message: string, status: number, reason: string, retryAfterMs: number | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}
