/**
 * Keeps somebody up to date about the objects of one resource: list, then watch, for as long as it takes.
 *
 *   list in pages -> upserts and deletions by difference -> synced -> watch from there -> upserts and deletions
 *                 ^                                                          |
 *                 +---- 410, or a watch that says what cannot be --- resume otherwise, from the newest resourceVersion seen
 *
 * It keeps no objects, only which there are (uid and resourceVersion by key): a list that lacks one is how a deletion that nobody heard of is
 * noticed. What an object means is worked out by `transform` where it comes in, so its JSON is never kept. A list is taken as the truth,
 * also one that is older than what was known: an API that was restored from a backup has gone back, and so do we.
 *
 * While the API is away nothing is said: whoever listens goes on with what it knows. To the standard of client-go's reflector, which retries
 * 0.8 s to 30 s apart.
 */
import { errorMessage } from '../error-message.ts';
import { backoffMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { pause } from '../time/pause.ts';
import { keyText, parseKey } from './object-key.ts';
import {
  type KubeApi,
  KubeError,
  type KubeObject,
  type ObjectKey,
  type ResourceType,
  type Selection,
  type WatchEvent,
} from './types.ts';

const PAGE = 500;
/** How many objects are handed over before the event loop gets its turn. */
const SLICE = 100;
const BACKOFF = { initialMs: 800, maxMs: 30_000 };
/** Health that lasted this long makes the next failure the first. */
const HEALTHY_MS = 120_000;
/** The server ends a watch by itself; one that outlives its time by this much is dead. */
const WATCH_GRACE_MS = 30_000;
/** After so many failures in a row it begins anew: an API that was restored from a backup never reaches the resourceVersion that we ask for. */
const RELIST_AFTER_FAILURES = 4;
/** Watches that end at once without a word are as good as failures. */
const SHORT_WATCH_MS = 1_000;

export type ReflectorEvent<T> =
  | { readonly type: 'upsert'; readonly key: string; readonly value: T }
  | {
      readonly type: 'delete';
      readonly key: string;
      readonly object: ObjectKey;
    };

export interface ReflectorHandler<T> {
  /** Changes in their order; a list comes in slices. */
  changed(events: readonly ReflectorEvent<T>[]): void;
  /** Once: everything that there is has been handed over. */
  synced(): void;
}

export interface ReflectorOptions<T> {
  readonly api: KubeApi;
  readonly type: ResourceType;
  readonly selection: Selection;
  /** Where the server refuses the field selector (an old one), this takes its place. */
  readonly keep?: (object: KubeObject) => boolean;
  /** What an object means; undefined passes it over. */
  readonly transform: (object: KubeObject) => T | undefined;
  readonly handler: ReflectorHandler<T>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Lets the event loop run between slices of a list. */
  readonly breathe: () => Promise<void>;
  readonly onHealth?: (health: ReflectorHealth) => void;
}

export interface ReflectorHealth {
  readonly synced: boolean;
  /** Why it cannot keep up, in words; null where it can. */
  readonly error: string | null;
  /** The clock's time since when that is so; null where all is well. */
  readonly failingSince: number | null;
  readonly lists: number;
  readonly watches: number;
  readonly events: number;
  readonly errors: number;
}

interface Known {
  readonly uid: string;
  readonly resourceVersion: string;
}

const versionOf = ({ metadata }: KubeObject): Known => ({
  uid: metadata.uid ?? '',
  resourceVersion: metadata.resourceVersion ?? '',
});

export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #known = new Map<string, Known>();
  readonly #stop = new AbortController();
  /** From where to watch; null where only a list helps. */
  #resourceVersion: string | null = null;
  #selection: Selection;
  #failures = 0;
  #healthySince: number | null = null;
  #health: ReflectorHealth = {
    synced: false,
    error: null,
    failingSince: null,
    lists: 0,
    watches: 0,
    events: 0,
    errors: 0,
  };
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#selection = options.selection;
  }

  get health(): ReflectorHealth {
    return this.#health;
  }

  /** How many objects there are. */
  get size(): number {
    return this.#known.size;
  }

  start(): void {
    this.#ended = this.#run();
  }

  /** Nothing more is handed over once this has resolved. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        if (this.#resourceVersion === null) await this.#list();
        else await this.#watch(this.#resourceVersion);
        this.#wentWell();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        await this.#failed(error);
      }
    }
  }

  #wentWell(): void {
    const now = this.#options.clock.now();
    this.#healthySince ??= now;
    if (now - this.#healthySince >= HEALTHY_MS) this.#failures = 0;
    if (this.#health.error !== null) this.#note({ error: null, failingSince: null });
  }

  /** Puts right what can be, and waits. */
  async #failed(error: unknown): Promise<void> {
    const { clock, random } = this.#options;
    const isApi = error instanceof KubeError;
    if (isApi && (error.status === 410 || error.reason === 'Expired')) {
      // Not a fault of anybody's: the history is not that long. The list waits only where this happens again and again.
      this.#resourceVersion = null;
    } else if (isApi && error.status === 400 && this.#canSelectItself()) {
      const { fieldSelector: _, ...rest } = this.#selection;
      this.#selection = rest;
      this.#resourceVersion = null;
      return;
    } else if (!isApi || error.reason === 'BadWatch') this.#resourceVersion = null;
    const now = clock.now();
    if (this.#healthySince !== null && now - this.#healthySince >= HEALTHY_MS) this.#failures = 0;
    this.#healthySince = null;
    this.#failures++;
    const message = errorMessage(error);
    if (this.#failures >= RELIST_AFTER_FAILURES || /too large resource version/i.test(message))
      this.#resourceVersion = null;
    this.#note({
      error: message,
      failingSince: this.#health.failingSince ?? now,
      errors: this.#health.errors + 1,
    });
    const pauseMs = Math.max(backoffMs(BACKOFF, this.#failures, random()), isApi ? (error.retryAfterMs ?? 0) : 0);
    await pause(this.#options.clock, pauseMs, this.#stop.signal);
  }

  #canSelectItself(): boolean {
    return this.#selection.fieldSelector !== undefined && this.#options.keep !== undefined;
  }

  /** Lists everything, hands over what is new or different, and then what is gone. */
  async #list(): Promise<void> {
    const { api, type } = this.#options;
    this.#note({ lists: this.#health.lists + 1 });
    const seen = new Set<string>();
    let continueToken = '';
    let resourceVersion = '';
    do {
      const options = { limit: PAGE, ...(continueToken === '' ? {} : { continueToken }) };
      const page = await api.list(type, this.#selection, options, this.#stop.signal);
      resourceVersion = page.resourceVersion;
      continueToken = page.continueToken;
      for (let from = 0; from < page.items.length; from += SLICE) {
        const slice = page.items.slice(from, from + SLICE);
        this.#hand(slice.flatMap((object) => this.#listed(object, seen)));
        await this.#options.breathe();
        if (this.#stop.signal.aborted) return;
      }
    } while (continueToken !== '');
    this.#hand([...this.#known.keys()].filter((key) => !seen.has(key)).map((key) => this.#forget(key)));
    this.#resourceVersion = resourceVersion;
    if (!this.#health.synced) {
      this.#note({ synced: true });
      this.#options.handler.synced();
    }
  }

  #listed(object: KubeObject, seen: Set<string>): readonly ReflectorEvent<T>[] {
    if (!this.#isOurs(object)) return [];
    const key = keyText(object.metadata);
    seen.add(key);
    const before = this.#known.get(key);
    const now = versionOf(object);
    if (before?.uid === now.uid && before.resourceVersion === now.resourceVersion && now.resourceVersion !== '')
      return [];
    return this.#upsert(key, object);
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { api, type, clock, random } = this.#options;
    const timeoutSeconds = 300 + Math.floor(random() * 300);
    const began = clock.now();
    this.#note({ watches: this.#health.watches + 1 });
    const silent = new AbortController();
    const cancel = clock.after(timeoutSeconds * 1_000 + WATCH_GRACE_MS, () =>
      silent.abort(new KubeError('the watch outlived its time without an end', 0, 'SilentWatch')),
    );
    let heard = 0;
    try {
      await api.watch(
        type,
        this.#selection,
        { resourceVersion, timeoutSeconds },
        (event) => {
          heard++;
          this.#take(event);
        },
        AbortSignal.any([this.#stop.signal, silent.signal]),
      );
    } finally {
      cancel();
    }
    if (heard === 0 && clock.now() - began < SHORT_WATCH_MS)
      throw new KubeError('the watch ended as soon as it had begun', 0, 'ShortWatch');
  }

  #take(event: WatchEvent): void {
    // From the first word on the API is well again, however long this watch lasts.
    this.#wentWell();
    if (event.type === 'BOOKMARK') {
      if (event.resourceVersion !== '') this.#resourceVersion = event.resourceVersion;
      return;
    }
    this.#note({ events: this.#health.events + 1 }, false);
    const { object } = event;
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    const key = keyText(object.metadata);
    if (event.type !== 'DELETED' && this.#isOurs(object)) this.#hand(this.#upsert(key, object));
    else if (this.#known.has(key)) this.#hand([this.#forget(key)]);
  }

  #upsert(key: string, object: KubeObject): readonly ReflectorEvent<T>[] {
    const value = this.#options.transform(object);
    if (value === undefined) return this.#known.has(key) ? [this.#forget(key)] : [];
    this.#known.set(key, versionOf(object));
    return [{ type: 'upsert', key, value }];
  }

  #forget(key: string): ReflectorEvent<T> {
    this.#known.delete(key);
    return { type: 'delete', key, object: parseKey(key) };
  }

  /** Only where the server did not select for us. */
  #isOurs(object: KubeObject): boolean {
    return this.#selection === this.#options.selection || (this.#options.keep?.(object) ?? true);
  }

  #hand(events: readonly ReflectorEvent<T>[]): void {
    if (events.length > 0) this.#options.handler.changed(events);
  }

  #note(part: Partial<ReflectorHealth>, tell = true): void {
    this.#health = { ...this.#health, ...part };
    if (tell) this.#options.onHealth?.(this.#health);
  }
}
