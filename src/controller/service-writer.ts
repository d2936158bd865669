/**
 * Writes to Services what was decided: their addresses and the annotation that names the pool, in one merge patch of the status.
 *
 * Level-triggered: what is wanted is read when it is written, so a key that changes ten times while the API is away costs one write. Nothing is
 * written where the Service has it so in meaning, nor to a Service that is somebody else's. Up to 8 Services at once, each by itself: a
 * call that hangs holds up one. The precondition is the Service's uid, not its resourceVersion: one that is made anew under its name gets
 * nothing of the old one's, and one that somebody else edits in a loop costs no conflict.
 *
 * Somebody who keeps setting the status back is answered at once, then after 1 s, 2 s ... 30 s, until there is peace for two minutes.
 *
 * A Service that leaves the watch is looked at once more: it may have another type now. The API server (1.29 and newer) empties the
 * `status.loadBalancer` of what is no LoadBalancer by itself; the annotation is removed here (metallb-behaviour 2.6 step 3).
 */
import { withDeadline } from '../kube/deadline.ts';
import { parseKey } from '../kube/object-key.ts';
import { SERVICE } from '../kube/resource-types.ts';
import { isOlderVersion } from '../kube/resource-version.ts';
import { type KubeApi, KubeError, type KubeObject } from '../kube/types.ts';
import { type Outcome, WorkQueue } from '../kube/work-queue.ts';
import type { Clock } from '../time/clock.ts';
import { POOL_ANNOTATION, readRecord, type ServiceRecord } from './objects.ts';

/** What a Service should have. */
export interface DesiredService {
  readonly ips: readonly string[];
  readonly pool: string | null;
  /** The Service asks for the addresses in this order; otherwise the order means nothing. */
  readonly ordered: boolean;
}

export interface ServiceWriterOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: () => number;
  /** What a Service should have now; null: it is not ours to write to. */
  readonly desired: (key: string) => DesiredService | null;
  readonly onWritten: (key: string, desired: DesiredService) => void;
  /** The Service was gone, or another one, by the time of the write. */
  readonly onDropped: (key: string) => void;
  readonly onError: (key: string, error: unknown, retryInMs: number) => void;
  /** Somebody else keeps setting the status back: how often in a row, and when it is put right again. */
  readonly onContested: (key: string, times: number, inMs: number) => void;
}

/** Counts since the start. */
export interface ServiceWriterCounts {
  readonly written: number;
  readonly failed: number;
  /** The Service was gone, or another one, by the time of the write. */
  readonly dropped: number;
  /** Times that somebody else's change of a status was put right. */
  readonly contested: number;
}

/** Answers come together: each is a millisecond in which nobody else has a turn. */
const IN_FLIGHT = 8;
const BACKOFF = { initialMs: 250, maxMs: 30_000 };
const CONTEST_INITIAL_MS = 1_000;
const CONTEST_MAX_MS = 30_000;
/** Peace for this long, and the next change by somebody else is the first. */
const PEACE_MS = 120_000;
/** A watch that is behind tells of our own write within this time. */
const DOUBT_MS = 5_000;
/** The watch tells of the Service's successor within this time. */
const AFTER_REFUSAL_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;

interface Entry {
  record: ServiceRecord;
  /** What was written last to this very Service, as text. */
  written: string | null;
  /** Versions older than this one are from before our last write. */
  writtenVersion: string;
  contests: number;
  contestedAt: number;
  /** What somebody else changed is not put right before this time. */
  notBefore: number;
  /** The API told of a version from before our last write: either the watch is behind, or the API went back. */
  isDoubted: boolean;
}

export class ServiceWriter {
  readonly #options: ServiceWriterOptions;
  readonly #queue: WorkQueue;
  readonly #entries = new Map<string, Entry>();
  /** Services that left the watch with something of ours, as they were then. */
  readonly #left = new Map<string, ServiceRecord>();
  readonly #counts = { written: 0, failed: 0, dropped: 0, contested: 0 };
  #open = false;

  constructor(options: ServiceWriterOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#queue = new WorkQueue({
      clock,
      random,
      workers: IN_FLIGHT,
      backoff: BACKOFF,
      reconcile: (key, signal) => this.#reconcile(key, signal),
      onError: (key, error, retryInMs) => {
        this.#counts.failed++;
        options.onError(key, error, retryInMs);
      },
    });
  }

  get counts(): ServiceWriterCounts {
    return this.#counts;
  }

  /** Services that do not have what they should. */
  get pending(): number {
    return this.#queue.size;
  }

  /** The uid of a Service that is there. */
  uidOf(key: string): string | undefined {
    return this.#entries.get(key)?.record.uid;
  }

  /** Everything has been decided: from now on it is written what is {@link check}ed. */
  open(): void {
    this.#open = true;
    for (const key of this.#left.keys()) this.#queue.add(key);
  }

  /** The Service as the API has it. */
  seen(key: string, record: ServiceRecord): void {
    this.#left.delete(key);
    const known = this.#entries.get(key);
    if (known !== undefined && known.record.uid === record.uid) {
      known.isDoubted = isOlderVersion(record.resourceVersion, known.writtenVersion);
      if (known.isDoubted) {
        this.#queue.addAfter(key, DOUBT_MS);
        return;
      }
      known.record = record;
    } else {
      this.#entries.set(key, {
        record,
        written: null,
        writtenVersion: '',
        contests: 0,
        contestedAt: Number.NEGATIVE_INFINITY,
        notBefore: 0,
        isDoubted: false,
      });
    }
    this.check(key);
  }

  /** The Service is none of the selected ones any more. */
  gone(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    this.#queue.forget(key);
    if (entry === undefined || entry.record.pool === null) return;
    this.#left.set(key, entry.record);
    if (this.#open) this.#queue.add(key);
  }

  /** Sees whether the Service has what it should. */
  check(key: string): void {
    const entry = this.#entries.get(key);
    if (!this.#open || entry === undefined) return;
    const desired = this.#options.desired(key);
    if (desired === null || isSo(desired, entry.record)) return;
    const wait = textOf(desired) === entry.written ? entry.notBefore - this.#options.clock.now() : 0;
    if (wait <= 0) this.#queue.add(key);
    else this.#queue.addAfter(key, wait);
  }

  /** Writes nothing more; resolves when no call is under way. */
  close(): Promise<void> {
    this.#open = false;
    return this.#queue.close();
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      await this.#takeLeave(key, signal);
      return {};
    }
    if (entry.isDoubted) await this.#look(key, entry, signal);
    const desired = this.#options.desired(key);
    if (desired === null || isSo(desired, entry.record)) return {};
    const text = textOf(desired);
    if (text === entry.written) {
      const wait = this.#contest(key, entry);
      if (wait > 0) return { requeueAfterMs: wait };
    }
    const { uid, pool } = entry.record;
    const object = await this.#patch(key, signal, {
      metadata: { uid, ...(pool === desired.pool ? {} : { annotations: { [POOL_ANNOTATION]: desired.pool } }) },
      status: { loadBalancer: { ingress: desired.ips.length === 0 ? null : desired.ips.map((ip) => ({ ip })) } },
    });
    // Somebody else of the same name, or nobody: whoever is there now comes by the watch.
    if (object === null) return this.#entries.get(key) === entry ? { requeueAfterMs: AFTER_REFUSAL_MS } : {};
    this.#counts.written++;
    entry.written = text;
    const record = readRecord(object);
    entry.writtenVersion = record.resourceVersion;
    entry.isDoubted = false;
    if (!isOlderVersion(record.resourceVersion, entry.record.resourceVersion)) entry.record = record;
    this.#options.onWritten(key, desired);
    if (this.#entries.get(key) === entry) this.check(key);
    return {};
  }

  /** Reads the Service as it is: what the watch told of it is from before our last write, and nothing newer came. */
  async #look(key: string, entry: Entry, signal: AbortSignal): Promise<void> {
    let object: KubeObject;
    try {
      object = await this.#bounded(signal, (bounded) => this.#options.api.get(SERVICE, parseKey(key), bounded));
    } catch (error) {
      // The watch will say so.
      if (error instanceof KubeError && error.status === 404) return;
      throw error;
    }
    const record = readRecord(object);
    entry.isDoubted = false;
    if (record.uid !== entry.record.uid) return;
    entry.record = record;
    // An API that was restored from a backup counts on from there.
    if (isOlderVersion(record.resourceVersion, entry.writtenVersion)) entry.writtenVersion = record.resourceVersion;
  }

  /** How long to wait before what somebody else has changed is put right; each time it comes to writing counts. */
  #contest(key: string, entry: Entry): number {
    const now = this.#options.clock.now();
    if (now < entry.notBefore) return entry.notBefore - now;
    if (now - entry.contestedAt > PEACE_MS) entry.contests = 0;
    entry.contests++;
    entry.contestedAt = now;
    this.#counts.contested++;
    const pause = Math.min(CONTEST_MAX_MS, CONTEST_INITIAL_MS * 2 ** (entry.contests - 1));
    entry.notBefore = now + pause;
    if (entry.contests > 1) this.#options.onContested(key, entry.contests, pause);
    return 0;
  }

  /** Removes what is left of us from a Service that is no LoadBalancer any more. */
  async #takeLeave(key: string, signal: AbortSignal): Promise<void> {
    const record = this.#left.get(key);
    if (record === undefined) return;
    let object: KubeObject;
    try {
      object = await this.#bounded(signal, (bounded) => this.#options.api.get(SERVICE, parseKey(key), bounded));
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
      this.#left.delete(key);
      return;
    }
    const { type } = (object.spec ?? {}) as { readonly type?: unknown };
    const now = readRecord(object);
    // A LoadBalancer comes by the watch, if it is ours.
    if (now.uid === record.uid && type !== 'LoadBalancer' && now.pool !== null) {
      const written = await this.#patch(key, signal, {
        metadata: { uid: now.uid, annotations: { [POOL_ANNOTATION]: null } },
        ...(now.ingress?.length === 0 ? {} : { status: { loadBalancer: { ingress: null } } }),
      });
      if (written !== null) this.#counts.written++;
    }
    if (this.#left.get(key) === record) this.#left.delete(key);
  }

  /** Null where the Service is gone, or is another one. */
  async #patch(key: string, signal: AbortSignal, body: unknown): Promise<KubeObject | null> {
    try {
      return await this.#bounded(signal, (bounded) =>
        this.#options.api.patch(SERVICE, parseKey(key), { type: 'merge', body }, bounded, 'status'),
      );
    } catch (error) {
      if (!(error instanceof KubeError && (error.status === 404 || error.status === 409))) throw error;
      this.#counts.dropped++;
      this.#options.onDropped(key);
      return null;
    }
  }

  /** A call that hangs fails in the end. */
  #bounded<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(this.#options.clock, REQUEST_TIMEOUT_MS, signal, call);
  }
}

const textOf = ({ ips, pool }: DesiredService): string => `${pool ?? ''} ${ips.join(' ')}`;

function isSo({ ips, pool, ordered }: DesiredService, { ingress, pool: hasPool }: ServiceRecord): boolean {
  if (ingress === null || pool !== hasPool || ips.length !== ingress.length) return false;
  return ordered ? ips.every((ip, i) => ip === ingress[i]) : ips.every((ip) => ingress.includes(ip));
}
