/**
 * What the parts of the embedded API server share: objects, definitions of resources, requests, and the small interfaces behind which schemas,
 * server-side apply, table printing and discovery are plugged in.
 *
 * An object that is stored is never changed in place: a write makes a new one. So a watch, a list and the history may hold the same object.
 */
import type { FieldError } from './status.ts';

/** A JSON object whose fields nobody has looked at yet. */
export type Json = { readonly [field: string]: unknown };

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** One entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: Json;
  readonly subresource?: string;
}

/** `metadata` (metav1.ObjectMeta). */
export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** A Kubernetes object: as it is stored, and as it goes over the wire. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** A column of `kubectl get` (CustomResourceColumnDefinition; built-in kinds have code instead). */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

/** Where the scale subresource finds its fields, as JSON paths of a CustomResourceDefinition (`.spec.replicas`). */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** One version of a resource. All versions are stored once and differ in `apiVersion` only (conversion strategy None). */
export interface VersionDefinition {
  readonly name: string;
  readonly served: boolean;
  /** `openAPIV3Schema`, of resources that came by a CustomResourceDefinition; null for built-in kinds. */
  readonly schema: Json | null;
  readonly subresources: { readonly status: boolean; readonly scale: ScalePaths | null };
  /** Empty: the default columns (name, age), or those of the built-in kind. */
  readonly printerColumns: readonly PrinterColumn[];
  /** JSON paths of fields that a field selector may use beside name and namespace (`.spec.type`). */
  readonly selectableFields: readonly string[];
  /** What a client that uses this version is warned of; null where it is not deprecated. */
  readonly deprecationWarning: string | null;
}

/** A resource that is served. */
export interface ResourceDefinition {
  /** Empty for the core group. */
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** By preference, the preferred one first. */
  readonly versions: readonly VersionDefinition[];
  readonly storageVersion: string;
  readonly verbs: readonly string[];
  /** Built in, or added by a CustomResourceDefinition. */
  readonly source: 'built-in' | 'custom';
  /** Create-only kinds that are answered and not stored (TokenReview and its like). */
  readonly virtual: boolean;
  /** Subresources beside status and scale (`log`, `exec` of Pods), for discovery. */
  readonly otherSubresources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly verbs: readonly string[];
  }[];
}

/** The resources that are served now. */
export interface ResourceSource {
  /** Grows with each change, so that what is derived can be kept. */
  readonly revision: number;
  list(): readonly ResourceDefinition[];
  find(group: string, version: string, plural: string): ResourceDefinition | undefined;
}

/** A request beneath HTTP: what tests hand in, and what the HTTP side makes of a socket's bytes. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer in one piece. */
export interface ApiResponse {
  readonly status: number;
  /** Names in lower case; `content-type` is among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What a write is about, for the parts that judge it. */
export interface RequestContext {
  readonly definition: ResourceDefinition;
  /** The version of the request's path; the object is in its form. */
  readonly version: VersionDefinition;
  /** Empty for the object itself. */
  readonly subresource: '' | 'status' | 'scale';
  /** Query `fieldManager`, else the first word of the User-Agent. */
  readonly fieldManager: string;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  readonly dryRun: boolean;
  /** The wall clock's time of the request, RFC 3339 with whole seconds. */
  readonly time: string;
}

/** CRD schemas: pruning, defaulting, validation. Called for resources whose version has a schema. */
export interface Validator {
  /** Refuses a schema that is not structural, at the CustomResourceDefinition's creation. */
  checkSchema(schema: Json, path: string): readonly FieldError[];
  /** Drops what the schema does not know and sets its defaults; says which fields it dropped (`spec.adresses`). */
  prepare(schema: Json, object: ApiObject): { readonly object: ApiObject; readonly unknown: readonly string[] };
  /** @param old - the object as it was, for transition rules and ratcheting; null at creation. */
  validate(schema: Json, object: ApiObject, old: ApiObject | null): readonly FieldError[];
}

/** Server-side apply, and the record of who set which field. */
export interface Applier {
  /**
   * Merges what a manager applies into the object as it is (null: there is none yet).
   * @returns the object to be stored, with `metadata.managedFields`
   * @throws ApiError: 409 with a cause per field where another manager owns it with another value, 400/422 for bad input
   */
  apply(context: RequestContext, live: ApiObject | null, applied: ApiObject, force: boolean): ApiObject;
  /** After a create, update or patch: the object with `metadata.managedFields` as they are then. */
  track(context: RequestContext, old: ApiObject | null, next: ApiObject): ApiObject;
}

export interface TableOptions {
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** `metadata` of the list, or of the object. */
  readonly listMeta: Json;
  /** The wall clock's time, for ages. */
  readonly nowMs: number;
  /** In a watch only the first table has column definitions. */
  readonly columns: boolean;
  /** `meta.k8s.io` version that was asked for. */
  readonly apiVersion: 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1';
}

/** `kubectl get`'s tables. */
export interface TablePrinter {
  /** @returns an object of kind Table */
  table(
    definition: ResourceDefinition,
    version: VersionDefinition,
    objects: readonly ApiObject[],
    options: TableOptions,
  ): Json;
}

/** `/api`, `/apis`, `/apis/GROUP`, `/apis/GROUP/VERSION`, `/openapi/v2`, `/openapi/v3…`: what is there, in both forms of discovery. */
export interface Discovery {
  /** @returns null where the path is none of these */
  answer(request: ApiRequest): ApiResponse | null;
}

export type { FieldError };
