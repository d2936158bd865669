/**
 * All objects of the API server, in memory: one counter of resource versions, one collection per resource, and bounds on all of it.
 *
 * The store knows nothing of kinds. It stamps the resourceVersion, keeps the history, and tells listeners; everything else is decided above.
 */
import { ApiError } from '../status.ts';
import type { ApiObject } from '../types.ts';
import { type Change, Collection } from './collection.ts';

/** Which resource a collection is of. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

export interface StoreLimits {
  /** Changes per resource that a watch may resume from. */
  readonly history: number;
  readonly objects: number;
  readonly bytes: number;
  /** Of one object, as JSON. */
  readonly objectBytes: number;
}

export const DEFAULT_LIMITS: StoreLimits = {
  history: 8192,
  objects: 100_000,
  bytes: 512 * 1024 * 1024,
  // etcd's default limit of a request, which is what bounds an object in a real cluster.
  objectBytes: 1.5 * 1024 * 1024,
};

/** All objects at one moment. Objects are never changed in place, so this is cheap. */
export interface Snapshot {
  readonly resourceVersion: number;
  readonly collections: ReadonlyMap<string, readonly (readonly [string, ApiObject, number])[]>;
}

const nameOf = ({ group, plural }: ResourceName): string => `${group}/${plural}`;

/** `namespace/name`; the name alone where there is no namespace. */
export const keyOf = (namespace: string, name: string): string => (namespace === '' ? name : `${namespace}/${name}`);

/** The key of an object. */
export const keyOfObject = (object: ApiObject): string => keyOf(object.metadata.namespace ?? '', object.metadata.name);

export class Store {
  readonly #limits: StoreLimits;
  readonly #collections = new Map<string, Collection>();
  readonly #listeners = new Set<(resource: ResourceName, change: Change) => void>();
  readonly #names = new Map<string, ResourceName>();
  #resourceVersion = 1;

  constructor(limits: Partial<StoreLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  get size(): number {
    let size = 0;
    for (const collection of this.#collections.values()) size += collection.size;
    return size;
  }

  get bytes(): number {
    let bytes = 0;
    for (const collection of this.#collections.values()) bytes += collection.bytes;
    return bytes;
  }

  collection(resource: ResourceName): Collection {
    const name = nameOf(resource);
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      collection = new Collection(this.#limits.history, 0);
      this.#collections.set(name, collection);
      this.#names.set(name, { group: resource.group, plural: resource.plural });
    }
    return collection;
  }

  /** Every resource that was ever stored, with its objects. */
  *collections(): Generator<readonly [ResourceName, Collection]> {
    for (const [name, collection] of this.#collections) yield [this.#names.get(name) as ResourceName, collection];
  }

  /**
   * Stores an object, new or changed.
   *
   * @returns it with its resourceVersion
   * @throws ApiError where it is too large, or the store is full
   */
  put(resource: ResourceName, object: ApiObject): ApiObject {
    const collection = this.collection(resource);
    const key = keyOfObject(object);
    const previous = collection.get(key) ?? null;
    const bytes = this.checkSize(resource, object);
    const stamped = this.#stamp(object);
    this.#commit(
      resource,
      collection,
      {
        type: previous === null ? 'ADDED' : 'MODIFIED',
        resourceVersion: this.#resourceVersion,
        key,
        object: stamped,
        previous,
      },
      bytes,
    );
    return stamped;
  }

  /** @throws ApiError where the object may not be stored for its size. @returns its size as JSON */
  checkSize(resource: ResourceName, object: ApiObject): number {
    const bytes = JSON.stringify(object).length;
    if (bytes > this.#limits.objectBytes)
      throw new ApiError(413, 'RequestEntityTooLarge', `an object is limited to ${this.#limits.objectBytes} bytes`);
    const collection = this.collection(resource);
    const key = keyOfObject(object);
    const grows = bytes - collection.bytesOf(key);
    if (
      (collection.get(key) === undefined && this.size >= this.#limits.objects) ||
      (grows > 0 && this.bytes + grows > this.#limits.bytes)
    )
      throw new ApiError(
        507,
        'InsufficientStorage',
        'the embedded API server is full: delete objects that are not needed',
      );
    return bytes;
  }

  /**
   * @param last - how it was in the end, where the change that lets it go is no change of its own
   * @returns the object as it was, with the deletion's resourceVersion; undefined where there is none
   */
  remove(resource: ResourceName, key: string, last?: ApiObject): ApiObject | undefined {
    const collection = this.collection(resource);
    const previous = collection.get(key);
    if (previous === undefined) return undefined;
    const object = this.#stamp(last ?? previous);
    this.#commit(
      resource,
      collection,
      {
        type: 'DELETED',
        resourceVersion: this.#resourceVersion,
        key,
        object,
        previous,
      },
      0,
    );
    return object;
  }

  /** Is told of every change of every resource, after it. @returns ends it */
  listen(listener: (resource: ResourceName, change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets all history: what follows of resourceVersions and continue tokens from before is 410. */
  compact(): void {
    for (const collection of this.#collections.values()) collection.forget();
  }

  snapshot(): Snapshot {
    return {
      resourceVersion: this.#resourceVersion,
      collections: new Map(
        [...this.#collections].map(([name, collection]) => [
          name,
          collection.keys().map((key) => [key, collection.get(key) as ApiObject, collection.bytesOf(key)] as const),
        ]),
      ),
    };
  }

  /** Back to an earlier state, the counter of resource versions too: what restoring a backup of etcd does. */
  restore(snapshot: Snapshot): void {
    this.#resourceVersion = snapshot.resourceVersion;
    for (const [name, collection] of this.#collections)
      collection.replace(snapshot.collections.get(name) ?? [], snapshot.resourceVersion);
  }

  #stamp(object: ApiObject): ApiObject {
    this.#resourceVersion++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#resourceVersion) } };
  }

  #commit(resource: ResourceName, collection: Collection, change: Change, bytes: number): void {
    collection.commit(change, bytes);
    for (const listener of [...this.#listeners]) listener(resource, change);
  }
}
