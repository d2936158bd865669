/**
 * Keeps somebody up to date about the objects of one resource: list, then watch, for as long as it takes.
 *
 *   list in pages -> upserts of all, deletions by difference -> synced -> watch from there -> upserts and deletions
 *                 ^                                                          |
 *                 +-- 410, what cannot be understood, an API that went back --+-- resume otherwise, from the newest resourceVersion seen
 *
 * It keeps no objects, only their keys: a list that lacks one is how a deletion that nobody heard of is noticed. What an object means is
 * worked out by `transform` where it comes in, so its JSON is never kept. A list is taken as the truth and handed over whole, whatever the
 * versions in it: an API that was restored from a backup has gone back, and the same resourceVersion may be another writing there.
 *
 * A watch says something every minute, if only a bookmark. One that is silent for longer may be dead, or may wait for a resourceVersion that
 * an API which went back reaches in days. So after a silence, as after a failure and after an end before its time, one object is listed, for the
 * sake of the list's resourceVersion: where it is older than ours, everything is listed anew; otherwise the watch is resumed. Who is silent time after
 * time is asked less and less often: kube-apiserver has kinds of which it sends no bookmarks for a while.
 *
 * While the API is away nothing is said: whoever listens goes on with what it knows. To the standard of client-go's reflector, which retries
 * 0.8 s to 30 s apart.
 */
import { errorMessage } from '../error-message.ts';
import { backoffMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { pause } from '../time/pause.ts';
import { keyText, parseKey } from './object-key.ts';
import { Pager } from './pager.ts';
import { isOlderVersion } from './resource-version.ts';
import { retryAfterOf } from './retry-after.ts';
import {
  type KubeApi,
  KubeError,
  type KubeObject,
  type ObjectKey,
  type ResourceType,
  type Selection,
  type WatchEvent,
} from './types.ts';
import { SILENCE_MS, watchOnce } from './watch-once.ts';

/** How many objects are handed over before the event loop gets its turn. */
const SLICE = 50;
const BACKOFF = { initialMs: 800, maxMs: 30_000 };
/** Health that lasted this long makes the next failure the first. */
const HEALTHY_MS = 120_000;
/** How long a silence that follows silences may be, each twice as long as the one before. */
const MAX_SILENCE_MS = 600_000;
/**
 * After so many failures in a row it begins anew: an API that was away for that long may have been restored from a backup, and have passed the
 * resourceVersion that we ask for on another way.
 */
const RELIST_AFTER_FAILURES = 4;
/** Watches that end at once without a word are as good as failures; with a word they are begun no faster than that. */
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
  /** Watches that did not tell what had happened, as the ones after them showed. */
  readonly silences: number;
}

/** Whether what was read so far is still good after a failure. */
const canResumeAfter = (error: unknown): boolean =>
  error instanceof KubeError &&
  error.status !== 410 &&
  // Of a page whose last objects are none the first were handed over.
  !['Expired', 'BadAnswer', 'BadWatch', 'WentBack'].includes(error.reason) &&
  !/too large resource version/i.test(error.message);

export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #known = new Set<string>();
  readonly #stop = new AbortController();
  readonly #pager: Pager;
  /** The keys of the list that is under way; null between lists. */
  #listed: Set<string> | null = null;
  /** Of a list that is not the first: the objects that were not known. */
  #appeared: ReflectorEvent<T>[] = [];
  /** From where to watch; null where only a list helps. */
  #resourceVersion: string | null = null;
  /** Why it may be that nothing comes any more from there. */
  #doubt: 'none' | 'interruption' | 'silence' = 'none';
  #silenceMs = SILENCE_MS;
  /** How far the API was when a watch was opened anew after a silence: what comes of until then was kept from us. Null once anything came. */
  #silentUntil: string | null = null;
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
    silences: 0,
  };
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#selection = options.selection;
    this.#pager = new Pager(options.api, options.type);
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
        else if (this.#doubt !== 'none') await this.#verify(this.#resourceVersion);
        else await this.#watch(this.#resourceVersion);
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
    if (error instanceof KubeError && error.status === 400 && this.#canSelectItself()) {
      const { fieldSelector: _, ...rest } = this.#selection;
      this.#selection = rest;
      this.#beginAnew();
      return;
    }
    const now = clock.now();
    if (this.#healthySince !== null && now - this.#healthySince >= HEALTHY_MS) this.#failures = 0;
    this.#healthySince = null;
    this.#failures++;
    if (this.#failures >= RELIST_AFTER_FAILURES || !canResumeAfter(error)) this.#beginAnew();
    this.#doubt = 'interruption';
    this.#note({
      error: errorMessage(error),
      failingSince: this.#health.failingSince ?? now,
      errors: this.#health.errors + 1,
    });
    const pauseMs = Math.max(backoffMs(BACKOFF, this.#failures, random()), retryAfterOf(error));
    await pause(clock, pauseMs, this.#stop.signal);
  }

  #beginAnew(): void {
    this.#resourceVersion = null;
    this.#listed = null;
    // Not handed over, and so not known.
    for (const { key } of this.#appeared.splice(0)) this.#known.delete(key);
    this.#pager.restart();
  }

  #canSelectItself(): boolean {
    return this.#selection.fieldSelector !== undefined && this.#options.keep !== undefined;
  }

  /**
   * Lists everything, hands it over, and then what is gone. A list that failed goes on where it was.
   *
   * What a later list finds new comes last, in one step with what is gone: a Service may have the address of another one that is not there any more,
   * which is free in that step and not before.
   */
  async #list(): Promise<void> {
    if (this.#listed === null) {
      this.#listed = new Set();
      this.#note({ lists: this.#health.lists + 1 });
    }
    const listed = this.#listed;
    let resourceVersion = '';
    for (let isLast = false; !isLast; ) {
      const page = await this.#pager.next(this.#selection, this.#stop.signal);
      // A page was taken apart.
      await this.#options.breathe();
      let [known, taken]: [ReflectorEvent<T>[], number] = [[], 0];
      for (const object of page.items) {
        taken++;
        if (this.#isOurs(object)) {
          const key = keyText(object.metadata);
          listed.add(key);
          const appears = this.#health.synced && !this.#known.has(key);
          (appears ? this.#appeared : known).push(...this.#upsert(object));
        }
        if (taken % SLICE !== 0 && taken < page.items.length) continue;
        this.#hand(known);
        known = [];
        await this.#options.breathe();
        if (this.#stop.signal.aborted) return;
      }
      isLast = page.continueToken === '';
      resourceVersion = page.resourceVersion;
    }
    this.#resourceVersion = resourceVersion;
    this.#listed = null;
    this.#doubt = 'none';
    const gone = [...this.#known].filter((key) => !listed.has(key)).map((key) => this.#forget(key));
    this.#hand([...gone, ...this.#appeared.splice(0)]);
    this.#wentWell();
    if (!this.#health.synced) {
      this.#note({ synced: true });
      this.#options.handler.synced();
    }
  }

  /** Sees whether the API is still on the way on which this resourceVersion was. */
  async #verify(ours: string): Promise<void> {
    const { api, type } = this.#options;
    // Any object will do, and one that a selector has to look for may be far.
    const anywhere = { namespace: this.#selection.namespace };
    const { resourceVersion: theirs } = await api.list(type, anywhere, { limit: 1 }, this.#stop.signal);
    if (isOlderVersion(theirs, ours))
      throw new KubeError(
        `the API is at resourceVersion ${theirs} and was at ${ours}: it was restored from a backup, and everything is read anew`,
        0,
        'WentBack',
      );
    if (this.#doubt === 'silence') {
      this.#silentUntil = theirs;
      this.#wentWell();
    }
    this.#doubt = 'none';
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { api, type, clock, random } = this.#options;
    this.#note({ watches: this.#health.watches + 1 });
    const end = await watchOnce({
      api,
      type,
      selection: this.#selection,
      resourceVersion,
      clock,
      firstSilenceMs: this.#silenceMs,
      random: random(),
      onEvent: (event) => this.#take(event),
      signal: this.#stop.signal,
    });
    if (end.type === 'silent') {
      this.#doubt = 'silence';
      this.#silenceMs = Math.min(MAX_SILENCE_MS, this.#silenceMs * 2);
      return;
    }
    if (end.heard === 0 && end.lastedMs < SHORT_WATCH_MS)
      throw new KubeError('the watch ended as soon as it had begun', 0, 'ShortWatch');
    if (end.type === 'early') this.#doubt = 'interruption';
    this.#wentWell();
    if (end.lastedMs < SHORT_WATCH_MS) await pause(clock, SHORT_WATCH_MS - end.lastedMs, this.#stop.signal);
  }

  #take(event: WatchEvent): void {
    // From the first word on the API is well again, however long this watch lasts.
    this.#wentWell();
    this.#silenceMs = SILENCE_MS;
    const silentUntil = this.#silentUntil;
    this.#silentUntil = null;
    if (event.type === 'BOOKMARK') {
      if (event.resourceVersion !== '') this.#resourceVersion = event.resourceVersion;
      return;
    }
    this.#note({ events: this.#health.events + 1 }, false);
    const { object } = event;
    if (silentUntil !== null && !isOlderVersion(silentUntil, object.metadata.resourceVersion ?? ''))
      this.#note({ silences: this.#health.silences + 1 });
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    const key = keyText(object.metadata);
    if (event.type !== 'DELETED' && this.#isOurs(object)) this.#hand(this.#upsert(object));
    else if (this.#known.has(key)) this.#hand([this.#forget(key)]);
  }

  #upsert(object: KubeObject): readonly ReflectorEvent<T>[] {
    const key = keyText(object.metadata);
    let value: T | undefined;
    try {
      value = this.#options.transform(object);
    } catch (error) {
      // One object that nobody can read must not keep all others from being read: it counts as it last was.
      const message = `${this.#options.type.kind} ${key} cannot be read: ${errorMessage(error)}`;
      const failingSince = this.#health.failingSince ?? this.#options.clock.now();
      this.#note({ error: message, failingSince, errors: this.#health.errors + 1 });
      return [];
    }
    if (value === undefined) return this.#known.has(key) ? [this.#forget(key)] : [];
    this.#known.add(key);
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
