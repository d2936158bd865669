/**
 * Events (core/v1) about objects: what `kubectl describe` and `kubectl get events` show.
 *
 * Recording never waits and never fails: events are told from a bounded queue, one at a time. While the API is away, or asks for patience, they
 * wait; what is old by then, or refused, is dropped and counted. The same event again is a count on the first one. A token bucket per object
 * keeps a flapping session from filling the API, as client-go does.
 */
import { BackgroundPace } from '../time/background-pace.ts';
import { backoffMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { pause } from '../time/pause.ts';
import { cutText } from './cut-text.ts';
import { withDeadline } from './deadline.ts';
import { EVENT } from './resource-types.ts';
import { retryAfterOf } from './retry-after.ts';
import { type KubeApi, KubeError, type KubeObject } from './types.ts';

/** What an event is about. */
export interface EventTarget {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped kinds; their events are in the namespace `default`. */
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
}

export interface EventRecorderOptions {
  readonly api: KubeApi;
  /** `metallb-controller`, `metallb-speaker`. */
  readonly component: string;
  /** The node's name; empty where it does not matter. */
  readonly host: string;
  readonly clock: Clock;
  readonly wallClock: () => Date;
  /** Makes names unique. */
  readonly random: () => number;
  /** How many are told a second, after a first few; without it as many as the API takes. */
  readonly pace?: { readonly perSecond: number; readonly isBusy: () => boolean };
  readonly onError?: (error: unknown) => void;
}

const BURST = 25;
const REFILL_MS = 300_000;
const MAX_QUEUED = 2_000;
/** Of events and of objects that are remembered, for counting and for the buckets. */
const MAX_REMEMBERED = 4_096;
/** An event that comes again after this is a new one, as in client-go. */
const SAME_WITHIN_MS = 600_000;
/** The API server refuses longer ones. */
const MAX_MESSAGE = 1_024;
/** The API server refuses longer ones. */
const MAX_NAME = 253;
const REQUEST_TIMEOUT_MS = 10_000;
const BACKOFF = { initialMs: 1_000, maxMs: 30_000 };
/** An event that could not be told for this long is no news any more. */
const MAX_AGE_MS = 600_000;

interface Told {
  readonly name: string;
  readonly namespace: string;
  count: number;
  at: number;
}

interface Queued {
  readonly target: EventTarget;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly time: string;
  readonly recordedAt: number;
  /** Of the event's name: the same at a second attempt, since the first may have come through. */
  readonly suffix: string;
}

/** Whether the same request may succeed later. */
const mayPass = (error: unknown): boolean =>
  error instanceof KubeError && (error.status === 0 || error.status === 429 || error.status >= 500);

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #queue: Queued[] = [];
  readonly #told = new Map<string, Told>();
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #stop = new AbortController();
  #draining: Promise<void> | null = null;
  readonly #pace: BackgroundPace | null;
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    const { clock, pace } = options;
    this.#pace = pace === undefined ? null : new BackgroundPace({ clock, ...pace, burst: BURST });
  }

  /** How many were not told, for want of room or of tokens, or since the API refused them. */
  get dropped(): number {
    return this.#dropped;
  }

  record(target: EventTarget, type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#stop.signal.aborted) return;
    if (this.#queue.length >= MAX_QUEUED || !this.#takeToken(target)) {
      this.#dropped++;
      return;
    }
    const text = cutText(message, MAX_MESSAGE);
    const time = `${this.#options.wallClock().toISOString().slice(0, 19)}Z`;
    const recordedAt = this.#options.clock.now();
    this.#queue.push({ target, type, reason, message: text, time, recordedAt, suffix: this.#suffix() });
    this.#start();
  }

  /** Tells nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    this.#dropped += this.#queue.length;
    this.#queue.length = 0;
    await this.#draining;
  }

  #takeToken({ namespace, kind, name }: EventTarget): boolean {
    const now = this.#options.clock.now();
    const key = `${kind}/${namespace}/${name}`;
    const bucket = this.#buckets.get(key) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL_MS);
    remember(this.#buckets, key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    return tokens >= 1;
  }

  #start(): void {
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null;
      // What came in the very moment in which the queue was found empty.
      if (this.#queue.length > 0 && !this.#stop.signal.aborted) this.#start();
    });
  }

  async #drain(): Promise<void> {
    let failures = 0;
    const { clock, random, onError } = this.#options;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const event = next;
      const wait = this.#pace?.take() ?? 0;
      if (wait > 0) await pause(clock, wait, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      try {
        await withDeadline(clock, REQUEST_TIMEOUT_MS, this.#stop.signal, (signal) => this.#tell(event, signal));
        failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        onError?.(error);
        if (mayPass(error) && clock.now() - event.recordedAt < MAX_AGE_MS) {
          failures++;
          const waitMs = Math.max(backoffMs(BACKOFF, failures, random()), retryAfterOf(error));
          await pause(clock, waitMs, this.#stop.signal);
          if (this.#stop.signal.aborted) return;
          continue;
        }
        this.#dropped++;
      }
      this.#queue.shift();
    }
  }

  async #tell(event: Queued, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#options;
    const { target, type, reason, message, time } = event;
    const key = JSON.stringify([target.kind, target.namespace, target.name, target.uid, type, reason, message]);
    const told = this.#told.get(key);
    if (told !== undefined && clock.now() - told.at < SAME_WITHIN_MS) {
      try {
        const body = { count: told.count + 1, lastTimestamp: time };
        await api.patch(EVENT, told, { type: 'merge', body }, signal);
        remember(this.#told, key, { ...told, count: told.count + 1, at: clock.now() });
        return;
      } catch (error) {
        // Events live for an hour, or until somebody deletes them.
        if (!(error instanceof KubeError && error.status === 404)) throw error;
      }
    }
    const object = this.#objectOf(event);
    try {
      await api.create(EVENT, object, signal);
    } catch (error) {
      if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error;
    }
    const { name, namespace = '' } = object.metadata;
    remember(this.#told, key, { name, namespace, count: 1, at: clock.now() });
  }

  #suffix(): string {
    const part = (): string =>
      Math.floor(this.#options.random() * 65_536)
        .toString(16)
        .padStart(4, '0');
    return [part(), part(), part(), part()].join('');
  }

  #objectOf({ target, type, reason, message, time, suffix }: Queued): KubeObject {
    const { component, host } = this.#options;
    const namespace = target.namespace === '' ? 'default' : target.namespace;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${beginningOf(target.name, MAX_NAME - suffix.length - 1)}.${suffix}`, namespace },
      involvedObject: { ...target, namespace: target.namespace === '' ? undefined : target.namespace },
      type,
      reason,
      message,
      source: { component, ...(host === '' ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
  }
}

/** So much of a name that it is one still: it ends in a letter or a digit. */
const beginningOf = (name: string, length: number): string => name.slice(0, length).replace(/[^a-z0-9]+$/, '');

/** Sets an entry as the newest, and forgets the oldest where there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_REMEMBERED) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
