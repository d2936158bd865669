/**
 * Writes statuses by server-side apply: what somebody wants an object's status to be, at most once a second and object, and never where it is so
 * already.
 *
 * Wishes come in by {@link StatusWriter.set}, what the object has by {@link StatusWriter.seen}; the two are compared by meaning. So a
 * status that somebody else has changed is put right, at the same bounded rate, and one that a predecessor wrote is not written again.
 */
import { isJsonObject } from '../is-json-object.ts';
import type { Clock } from '../time/clock.ts';
import { apiVersionOf } from './resource-types.ts';
import { isAsWanted, type Settled, settledBy } from './settled.ts';
import { type KubeApi, KubeError, type KubeObject, type ObjectKey, type ResourceType } from './types.ts';
import { type Outcome, WorkQueue } from './work-queue.ts';

type Json = Readonly<Record<string, unknown>>;

/** An object whose status is to be written. */
export interface StatusObject {
  readonly type: ResourceType;
  readonly key: ObjectKey;
}

export interface WantedStatus {
  readonly status: Json;
  /** Makes the object where it is not there; undefined: an object that is not there needs no status. */
  readonly create?: KubeObject;
}

export interface StatusWriterOptions {
  readonly api: KubeApi;
  readonly fieldManager: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Between two writes of one object, in milliseconds. */
  readonly minIntervalMs: number;
  readonly workers: number;
  readonly onWritten?: (object: StatusObject) => void;
  readonly onError?: (object: StatusObject, error: unknown, retryInMs: number) => void;
}

const MAX_BACKOFF_MS = 60_000;

interface Entry {
  readonly object: StatusObject;
  wanted: WantedStatus | null;
  /** As it was last seen or written; undefined: not known. Null: there is no such object. */
  actual: Json | null | undefined;
  lastWriteAt: number | null;
  settled: Settled | null;
}

const idOf = ({ type, key }: StatusObject): string => `${type.group}/${type.plural}/${key.namespace}/${key.name}`;

export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #queue: WorkQueue;
  #paused = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    const { clock, random, workers, minIntervalMs, onError } = options;
    this.#queue = new WorkQueue({
      clock,
      random,
      workers,
      backoff: { initialMs: minIntervalMs, maxMs: MAX_BACKOFF_MS },
      reconcile: (id, signal) => this.#write(id, signal),
      onError: (id, error, retryInMs) => {
        const entry = this.#entries.get(id);
        if (entry !== undefined) onError?.(entry.object, error, retryInMs);
      },
    });
  }

  /** How many statuses are not as they should be. */
  get pending(): number {
    return this.#queue.size;
  }

  /** What an object's status should be. */
  set(object: StatusObject, wanted: WantedStatus): void {
    const entry = this.#entryOf(object);
    entry.wanted = wanted;
    this.#check(entry);
  }

  /** Nobody wants anything of this object any more. */
  forget(object: StatusObject): void {
    const id = idOf(object);
    this.#entries.delete(id);
    this.#queue.forget(id);
  }

  /** What an object's status is, as a watch tells; null where the object is gone. */
  seen(object: StatusObject, status: Json | null): void {
    const entry = this.#entryOf(object);
    entry.actual = status;
    this.#check(entry);
  }

  /** While paused nothing is written, and wishes are kept. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) for (const entry of this.#entries.values()) this.#check(entry);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  #entryOf(object: StatusObject): Entry {
    const id = idOf(object);
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = { object, wanted: null, actual: undefined, lastWriteAt: null, settled: null };
    this.#entries.set(id, entry);
    return entry;
  }

  #isAsWanted({ wanted, actual, settled }: Entry): boolean {
    if (wanted === null) return true;
    if (actual === null) return wanted.create === undefined;
    return actual !== undefined && isAsWanted(actual, wanted.status, settled);
  }

  #check(entry: Entry): void {
    if (this.#paused || this.#isAsWanted(entry)) return;
    const wait = this.#waitFor(entry);
    if (wait <= 0) this.#queue.add(idOf(entry.object));
    else this.#queue.addAfter(idOf(entry.object), wait);
  }

  #waitFor({ lastWriteAt }: Entry): number {
    if (lastWriteAt === null) return 0;
    return lastWriteAt + this.#options.minIntervalMs - this.#options.clock.now();
  }

  async #write(id: string, signal: AbortSignal): Promise<Outcome> {
    const entry = this.#entries.get(id);
    if (entry === undefined || this.#paused || this.#isAsWanted(entry) || entry.wanted === null) return {};
    const wait = this.#waitFor(entry);
    if (wait > 0) return { requeueAfterMs: wait };
    const { wanted, object } = entry;
    const made = await this.#apply(object, wanted, signal);
    if (made === null) {
      entry.actual = null;
      return {};
    }
    entry.lastWriteAt = this.#options.clock.now();
    entry.actual = made;
    entry.settled = settledBy(wanted.status, made);
    this.#options.onWritten?.(object);
    // A wish that came meanwhile has its turn.
    return this.#isAsWanted(entry) ? {} : { requeueAfterMs: Math.max(0, this.#waitFor(entry)) };
  }

  /** The status as the API made it; null where the object is not there and is not to be made. */
  async #apply(
    { type, key }: StatusObject,
    { status, create }: WantedStatus,
    signal: AbortSignal,
  ): Promise<Json | null> {
    const { api, fieldManager } = this.#options;
    const apiVersion = apiVersionOf(type);
    const metadata = { name: key.name, ...(key.namespace === '' ? {} : { namespace: key.namespace }) };
    const body = { apiVersion, kind: type.kind, metadata, status };
    const apply = async (): Promise<Json> => {
      const made = await api.patch(type, key, { type: 'apply', body, fieldManager }, signal, 'status');
      return isJsonObject(made.status) ? made.status : {};
    };
    try {
      return await apply();
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
    }
    if (create === undefined) return null;
    try {
      await api.create(type, create, signal);
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
    }
    return apply();
  }
}
