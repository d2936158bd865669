/**
 * Events (core/v1) about objects: what `kubectl describe` and `kubectl get events` show.
 *
 * Recording never waits and never fails: events are told from a bounded queue, one at a time, and what cannot be told is dropped and counted. The
 * same event again is a count on the first one. A token bucket per object keeps a flapping session from filling the API, as client-go does.
 */
import type { Clock } from '../time/clock.ts';
import { withDeadline } from './deadline.ts';
import { EVENT } from './resource-types.ts';
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
  readonly onError?: (error: unknown) => void;
}

const BURST = 25;
const REFILL_MS = 300_000;
const MAX_QUEUED = 1_000;
/** Of events and of objects that are remembered, for counting and for the buckets. */
const MAX_REMEMBERED = 4_096;
/** An event that comes again after this is a new one, as in client-go. */
const SAME_WITHIN_MS = 600_000;
/** The API server refuses longer ones. */
const MAX_MESSAGE = 1_024;
const REQUEST_TIMEOUT_MS = 10_000;

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
}

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #queue: Queued[] = [];
  readonly #told = new Map<string, Told>();
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #stop = new AbortController();
  #draining: Promise<void> | null = null;
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
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
    const text = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message;
    const time = `${this.#options.wallClock().toISOString().slice(0, 19)}Z`;
    this.#queue.push({ target, type, reason, message: text, time });
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null;
    });
  }

  /** Tells nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
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

  async #drain(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      try {
        await withDeadline(this.#options.clock, REQUEST_TIMEOUT_MS, this.#stop.signal, (signal) =>
          this.#tell(next, signal),
        );
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#dropped++;
        this.#options.onError?.(error);
      }
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
    await api.create(EVENT, object, signal);
    const { name, namespace = '' } = object.metadata;
    remember(this.#told, key, { name, namespace, count: 1, at: clock.now() });
  }

  #objectOf({ target, type, reason, message, time }: Queued): KubeObject {
    const { component, host, random } = this.#options;
    const namespace = target.namespace === '' ? 'default' : target.namespace;
    const suffix = Array.from({ length: 4 }, () =>
      Math.floor(random() * 65_536)
        .toString(16)
        .padStart(4, '0'),
    ).join('');
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${target.name}.${suffix}`, namespace },
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

/** Sets an entry as the newest, and forgets the oldest where there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_REMEMBERED) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
