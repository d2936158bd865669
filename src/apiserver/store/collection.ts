/**
 * The objects of one resource, and what happened to them last.
 *
 * The history serves two ends: a watch that resumes at a resourceVersion gets what happened since, and a list that goes on by a continue token
 * sees the objects as they were at its first page, which is their state now with the history since then undone. So a token holds no memory;
 * where the history has been shortened beyond it, the token and the resourceVersion have expired.
 */
import { compareText } from '../../compare-text.ts';
import type { ApiObject } from '../types.ts';

/** One change of one object. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resourceVersion: number;
  /** `namespace/name`, or the name of a cluster-scoped object. */
  readonly key: string;
  /** As it is; of a deleted object: as it was, with the deletion's resourceVersion. */
  readonly object: ApiObject;
  readonly previous: ApiObject | null;
}

interface Entry {
  readonly object: ApiObject;
  readonly bytes: number;
}

export class Collection {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #limit: number;
  #history: Change[] = [];
  /** Everything up to here has left the history. */
  #forgotten: number;
  #sorted: readonly string[] | null = null;
  bytes = 0;

  constructor(historyLimit: number, resourceVersion: number) {
    this.#limit = historyLimit;
    this.#forgotten = resourceVersion;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): ApiObject | undefined {
    return this.#entries.get(key)?.object;
  }

  bytesOf(key: string): number {
    return this.#entries.get(key)?.bytes ?? 0;
  }

  /** In the order of their making or of their keys, as it comes. */
  *objects(): Generator<ApiObject> {
    for (const entry of this.#entries.values()) yield entry.object;
  }

  /** The keys in order; those that begin with a prefix are one stretch of them. */
  keys(): readonly string[] {
    this.#sorted ??= [...this.#entries.keys()].sort(compareText);
    return this.#sorted;
  }

  /** Stores what a change came to, and tells everybody. */
  commit(change: Change, bytes: number): void {
    this.bytes -= this.bytesOf(change.key);
    if (change.type === 'DELETED') this.#entries.delete(change.key);
    else {
      this.#entries.set(change.key, { object: change.object, bytes });
      this.bytes += bytes;
    }
    if (change.type !== 'MODIFIED') this.#sorted = null;
    this.#history.push(change);
    // Shortened by halves, so that it costs nothing each time.
    if (this.#history.length > 2 * this.#limit) this.forget(this.#history.length - this.#limit);
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** Drops the oldest changes: what an API server's compaction does. */
  forget(count: number = this.#history.length): void {
    const last = this.#history[Math.min(count, this.#history.length) - 1];
    if (last === undefined) return;
    this.#forgotten = last.resourceVersion;
    this.#history = this.#history.slice(count);
  }

  /** Whether all that happened after this resourceVersion is still known. */
  remembers(resourceVersion: number): boolean {
    return resourceVersion >= this.#forgotten;
  }

  /** The oldest resourceVersion that is remembered. */
  get oldest(): number {
    return this.#forgotten;
  }

  /** What happened after this resourceVersion, oldest first. */
  since(resourceVersion: number): readonly Change[] {
    let low = 0;
    let high = this.#history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#history[middle] as Change).resourceVersion <= resourceVersion) low = middle + 1;
      else high = middle;
    }
    return this.#history.slice(low);
  }

  /** The objects that were touched since then, as they were: null where there was none. */
  asOf(resourceVersion: number): ReadonlyMap<string, ApiObject | null> {
    const then = new Map<string, ApiObject | null>();
    for (const change of this.since(resourceVersion)) if (!then.has(change.key)) then.set(change.key, change.previous);
    return then;
  }

  /** @returns ends it */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Another state instead of this one, as after a restore: nobody is told, and no history leads here. */
  replace(objects: Iterable<readonly [string, ApiObject, number]>, resourceVersion: number): void {
    this.#entries.clear();
    this.bytes = 0;
    for (const [key, object, bytes] of objects) {
      this.#entries.set(key, { object, bytes });
      this.bytes += bytes;
    }
    this.#sorted = null;
    this.#history = [];
    this.#forgotten = resourceVersion;
  }
}
