/**
 * The ServiceBGPStatus objects of a node (metallb-behaviour 1.8): for each Service that is announced from here, to which peers.
 *
 * They are MetalLB's, and many: one per Service and node. So they are written behind everything else, one at a time and at a bounded rate, never where
 * one is as it should be, and no more of them are made than the cluster is to bear (docs/decisions.md 23). What is there is read by a
 * watch: an object that somebody removed or changed is put right, at most once a second, and one of MetalLB's that stands for a Service of ours is
 * taken over. While writes fail, whatever the Service, all of them wait, longer and longer.
 */
import { slices } from '../../follow/slices.ts';
import { withDeadline } from '../../kube/deadline.ts';
import { apiVersionOf, SERVICE_BGP_STATUS } from '../../kube/resource-types.ts';
import { retryAfterOf } from '../../kube/retry-after.ts';
import { sameMeaning } from '../../kube/same-meaning.ts';
import { isAsWanted, type Settled, settledBy } from '../../kube/settled.ts';
import { type KubeApi, KubeError, type OwnerReference } from '../../kube/types.ts';
import { type Outcome, WorkQueue } from '../../kube/work-queue.ts';
import type { WriteOutcome } from '../../report/writes.ts';
import { BackgroundPace } from '../../time/background-pace.ts';
import { backoffMs } from '../../time/backoff.ts';
import type { Clock } from '../../time/clock.ts';
import { pause } from '../../time/pause.ts';
import { ServiceStatusBook } from './service-status-book.ts';
import { FULL_MS, ServiceStatusLimit } from './service-status-limit.ts';
import {
  canBecome,
  isOfNode,
  readServiceStatus,
  type SeenServiceStatus,
  serviceStatusObject,
  serviceStatusOf,
} from './service-status-object.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ServiceStatusOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: () => number;
  /** Lets the event loop run. */
  readonly breathe: () => Promise<void>;
  readonly node: string;
  readonly namespace: string;
  readonly fieldManager: string;
  /** Writes a second; 0: none of ours is to be there. */
  readonly perSecond: number;
  /** What matters more has work to do: it is written a tenth as often meanwhile. */
  readonly isBusy: () => boolean;
  /** How many objects the cluster may have. */
  readonly limit: number;
  readonly onWrite: (outcome: WriteOutcome) => void;
  readonly onError: (service: string, error: unknown, retryInMs: number) => void;
  /** Services have no object for want of room, or none any more. */
  readonly onLimit: (reached: boolean) => void;
}

const BACKOFF = { initialMs: 1_000, maxMs: 60_000 };
const REQUEST_TIMEOUT_MS = 10_000;
/** While objects are still to be removed a switched-off speaker goes on at this rate. */
const REMOVALS_PER_SECOND = 10;
/** So long after a write for a Service nothing is put right: the watch tells of what was before it, too. */
const REST_MS = 1_000;
/** So often in a row an object may be gone, or another one, when it is written: then that is a failure. */
const MAX_DROPPED = 5;

export class ServiceStatuses {
  readonly #options: ServiceStatusOptions;
  readonly #limit: ServiceStatusLimit;
  /** By Service: the names of the peers that get a route for it. */
  readonly #wanted = new Map<string, readonly string[]>();
  readonly #book = new ServiceStatusBook();
  /** By Service: when something was last written, and how often in a row the object was gone, or another one. */
  readonly #written = new Map<string, { readonly at: number; readonly dropped: number }>();
  readonly #queue: WorkQueue;
  readonly #pace: BackgroundPace;
  #lastPeers: readonly string[] = [];
  #owner: OwnerReference | null = null;
  #failures = 0;
  #heldUntil = 0;
  #isOpen = false;

  constructor(options: ServiceStatusOptions) {
    this.#options = options;
    const { clock, random, perSecond, isBusy } = options;
    this.#limit = new ServiceStatusLimit(options);
    this.#pace = new BackgroundPace({ clock, perSecond: perSecond || REMOVALS_PER_SECOND, burst: 1, isBusy });
    this.#queue = new WorkQueue({
      clock,
      random,
      workers: 1,
      backoff: BACKOFF,
      reconcile: (service, signal) => this.#reconcile(service, signal),
      onError: (service, error) => this.#failed(service, error),
    });
  }

  /** How many Services do not have what they should. */
  get pending(): number {
    return this.#queue.size;
  }

  /** Whether an object stands for the Service already. */
  has(service: string): boolean {
    return this.#book.has(service);
  }

  /** To whom a Service is announced; empty: to nobody. */
  set(service: string, peers: readonly string[]): void {
    // Most Services are announced to the same peers: one list is kept for all of them.
    if (!sameMeaning(peers, this.#lastPeers)) this.#lastPeers = peers;
    if (peers.length === 0) this.#wanted.delete(service);
    else this.#wanted.set(service, this.#lastPeers);
    this.#check(service);
  }

  /** An object of this node as it is; undefined: it is gone. */
  seen(name: string, object: SeenServiceStatus | undefined): void {
    for (const service of this.#note(name, object)) this.#check(service);
  }

  /** All are known, and everything is announced: from now on they are written. Resolves when each Service has been looked at. */
  async open(owner: OwnerReference | null): Promise<void> {
    this.#owner = owner;
    this.#isOpen = true;
    for (const slice of slices([...new Set([...this.#wanted.keys(), ...this.#book.services()])])) {
      for (const service of slice) this.#check(service);
      await this.#options.breathe();
    }
  }

  /** Writes nothing more; resolves when no call is under way. */
  close(): Promise<void> {
    this.#isOpen = false;
    return this.#queue.close();
  }

  #note(
    name: string,
    object: (SeenServiceStatus & { readonly settled?: Settled | null }) | undefined,
  ): ReadonlySet<string> {
    return this.#book.file(name, object === undefined ? undefined : { ...object, status: this.#shared(object) });
  }

  /** A status that is as it should be is kept as what it should be: so its peers are the list that all Services share. */
  #shared({ service, status }: SeenServiceStatus): Json {
    const wanted = service === null ? null : this.#wish(service);
    return wanted !== null && sameMeaning(status, wanted) ? wanted : status;
  }

  #check(service: string): void {
    const next = this.#next(service);
    if (next?.type !== 'create') this.#limit.waitsNoMore(service);
    if (!this.#wanted.has(service) && !this.#book.has(service)) this.#written.delete(service);
    if (!this.#isOpen || next === null) return;
    const wait = this.#restOf(service);
    if (wait > 0) this.#queue.addAfter(service, wait);
    else this.#queue.add(service);
  }

  #restOf(service: string): number {
    const last = this.#written.get(service);
    return last === undefined ? 0 : last.at + REST_MS - this.#options.clock.now();
  }

  #wish(service: string): Json | null {
    const { perSecond, node } = this.#options;
    const peers = perSecond === 0 ? undefined : this.#wanted.get(service);
    return peers === undefined ? null : serviceStatusOf(node, service, peers);
  }

  /** The one thing to do next for a Service; null where all is as it should be. */
  #next(service: string): Step | null {
    const wish = this.#wish(service);
    const names = this.#book.namesOf(service);
    const kept = wish === null ? undefined : names.find((name) => canBecome(this.#book.get(name)?.status ?? {}, wish));
    const excess = names.find((name) => name !== kept);
    if (excess !== undefined) return { type: 'remove', name: excess };
    if (wish === null) return null;
    const object = kept === undefined ? undefined : this.#book.get(kept);
    if (kept === undefined || object === undefined) return { type: 'create' };
    return isAsWanted(object.status, wish, object.settled) ? null : { type: 'apply', name: kept, status: wish };
  }

  async #reconcile(service: string, signal: AbortSignal): Promise<Outcome> {
    const { clock, onWrite } = this.#options;
    if (this.#heldUntil > clock.now()) await pause(clock, this.#heldUntil - clock.now(), signal);
    const done = new Set<Step['type']>();
    while (!signal.aborted) {
      const next = this.#next(service);
      if (next === null) break;
      // Made, and gone before it was filled in: somebody else is at it.
      if (next.type !== 'remove' && done.has(next.type)) return { requeueAfterMs: REST_MS };
      if (next.type === 'create' && !(await this.#limit.hasRoom(service, signal))) return { requeueAfterMs: FULL_MS };
      await pause(clock, this.#pace.take(), signal);
      const step = this.#next(service);
      // What is to be done may be something else by now.
      if (signal.aborted || step?.type !== next.type) continue;
      const outcome = await withDeadline(clock, REQUEST_TIMEOUT_MS, signal, (ended) => this.#do(service, step, ended));
      onWrite(outcome);
      done.add(step.type);
      this.#failures = 0;
      const dropped = outcome === 'dropped' ? (this.#written.get(service)?.dropped ?? 0) + 1 : 0;
      this.#written.set(service, { at: clock.now(), dropped });
      if (dropped === MAX_DROPPED) throw new Error('its object is there and gone in turn, or has no status');
      if (dropped > 0 && this.#next(service) !== null) return { requeueAfterMs: REST_MS };
    }
    return {};
  }

  /** What fails for one Service is likely to fail for all: they wait together, and the log has a line for each attempt. */
  #failed(service: string, error: unknown): void {
    const { clock, random, onError, onWrite } = this.#options;
    this.#failures++;
    const wait = Math.max(backoffMs(BACKOFF, this.#failures, random()), retryAfterOf(error));
    this.#heldUntil = clock.now() + wait;
    onWrite('failed');
    onError(service, error, wait);
  }

  /** Does one step, and notes what it leads to: the watch tells of it later. */
  async #do(service: string, step: Step, signal: AbortSignal): Promise<WriteOutcome> {
    switch (step.type) {
      case 'create':
        return this.#create(service, signal);
      case 'apply':
        return this.#apply(step, signal);
      case 'remove': {
        const isRemoved = await this.#remove(step.name, this.#book.get(step.name)?.uid ?? '', signal);
        this.#note(step.name, undefined);
        return isRemoved ? 'written' : 'dropped';
      }
    }
  }

  async #create(service: string, signal: AbortSignal): Promise<WriteOutcome> {
    const { api, node, namespace } = this.#options;
    const object = serviceStatusObject(node, namespace, service, this.#owner);
    const { name } = object.metadata;
    try {
      this.#note(name, readServiceStatus(await api.create(SERVICE_BGP_STATUS, object, signal)));
      this.#limit.made();
      return 'written';
    } catch (error) {
      if (!hasStatus(error, 409)) throw error;
    }
    // It is there, and the watch has not told of it yet; or somebody took its labels, and it never will.
    const found = await api.get(SERVICE_BGP_STATUS, { namespace, name }, signal).catch(unlessGone);
    if (found === null) return 'dropped';
    const seen = readServiceStatus(found);
    if (isOfNode(found, node) && seen.service === service) this.#note(name, seen);
    else if (await this.#remove(name, seen.uid, signal)) return 'written';
    return 'dropped';
  }

  async #apply({ name, status }: Extract<Step, { type: 'apply' }>, signal: AbortSignal): Promise<WriteOutcome> {
    const { api, fieldManager, namespace } = this.#options;
    const metadata = { name, namespace };
    const body = { apiVersion: apiVersionOf(SERVICE_BGP_STATUS), kind: SERVICE_BGP_STATUS.kind, metadata, status };
    const made = await api
      .patch(SERVICE_BGP_STATUS, metadata, { type: 'apply', body, fieldManager }, signal, 'status')
      .catch(unlessGone);
    const known = this.#book.get(name);
    if (made === null || known === undefined) {
      this.#note(name, undefined);
      return made === null ? 'dropped' : 'written';
    }
    const { status: after } = readServiceStatus(made);
    this.#note(name, { ...known, status: after, settled: settledBy(status, after) });
    return 'written';
  }

  /** False where it was gone, or is another one by now. */
  async #remove(name: string, uid: string, signal: AbortSignal): Promise<boolean> {
    const { api, namespace } = this.#options;
    try {
      await api.delete(SERVICE_BGP_STATUS, { namespace, name }, signal, uid === '' ? undefined : { uid });
      return true;
    } catch (error) {
      if (hasStatus(error, 404) || hasStatus(error, 409)) return false;
      throw error;
    }
  }
}

type Step =
  | { readonly type: 'create' }
  | { readonly type: 'apply'; readonly name: string; readonly status: Json }
  | { readonly type: 'remove'; readonly name: string };

const hasStatus = (error: unknown, status: number): boolean => error instanceof KubeError && error.status === status;

function unlessGone(error: unknown): null {
  if (hasStatus(error, 404)) return null;
  throw error;
}
