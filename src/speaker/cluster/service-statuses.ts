/**
 * The ServiceBGPStatus objects of a node (metallb-behaviour 1.8): for each Service that is announced from here, to which peers.
 *
 * They are MetalLB's, and many: one per Service and node. So they are written behind everything else, one at a time and at a bounded rate, never where
 * one is as it should be, and no more of them are made than the cluster is to bear (docs/decisions.md 23). What is there is read by a
 * watch: an object that somebody removed or changed is put right, and one of MetalLB's that stands for a Service of ours is taken over.
 */
import { createHash } from 'node:crypto';
import { withDeadline } from '../../kube/deadline.ts';
import { parseKey } from '../../kube/object-key.ts';
import { apiVersionOf, SERVICE_BGP_STATUS } from '../../kube/resource-types.ts';
import { sameMeaning } from '../../kube/same-meaning.ts';
import { type KubeApi, KubeError, type KubeObject, type OwnerReference } from '../../kube/types.ts';
import { type Outcome, WorkQueue } from '../../kube/work-queue.ts';
import type { WriteOutcome } from '../../report/writes.ts';
import type { Clock } from '../../time/clock.ts';
import { pause } from '../../time/pause.ts';
import { TokenBucket } from '../../time/token-bucket.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ServiceStatusOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: () => number;
  readonly node: string;
  readonly namespace: string;
  readonly fieldManager: string;
  /** Writes a second; 0: none of ours is to be there. */
  readonly perSecond: number;
  /** How many objects the cluster may have. */
  readonly limit: number;
  readonly onWrite: (outcome: WriteOutcome) => void;
  readonly onError: (service: string, error: unknown) => void;
  /** The limit is reached, or is no longer. */
  readonly onLimit: (reached: boolean) => void;
}

/** An object of this node, as it is. */
export interface SeenServiceStatus {
  readonly uid: string;
  /** `namespace/name`; null where it does not say so. */
  readonly service: string | null;
  readonly status: Json;
}

const BACKOFF = { initialMs: 1_000, maxMs: 60_000 };
const REQUEST_TIMEOUT_MS = 10_000;
/** Objects are counted again after this; a cluster that is at its limit may have room later. */
const COUNT_AGAIN_MS = 60_000;
/** While objects are still to be removed a switched-off speaker goes on at this rate. */
const REMOVALS_PER_SECOND = 10;

/** Reads an object. */
export function readServiceStatus({ metadata, status }: KubeObject): SeenServiceStatus {
  const { uid = '', labels = {} } = metadata;
  const [namespace, name] = [labels['metallb.io/service-namespace'], labels['metallb.io/service-name']];
  return {
    uid,
    service: namespace === undefined || name === undefined ? null : `${namespace}/${name}`,
    status: typeof status === 'object' && status !== null ? (status as Json) : {},
  };
}

export class ServiceStatuses {
  readonly #options: ServiceStatusOptions;
  /** By Service: the names of the peers that get a route for it. */
  readonly #wanted = new Map<string, readonly string[]>();
  /** By name of the object. */
  readonly #seen = new Map<string, SeenServiceStatus>();
  readonly #namesOf = new Map<string, Set<string>>();
  readonly #queue: WorkQueue;
  readonly #bucket: TokenBucket;
  #owner: OwnerReference | null = null;
  #counted: { readonly at: number; readonly total: number } | null = null;
  #isLimited = false;
  #isOpen = false;

  constructor(options: ServiceStatusOptions) {
    this.#options = options;
    const { clock, random, perSecond, onError, onWrite } = options;
    this.#bucket = new TokenBucket(clock, perSecond || REMOVALS_PER_SECOND, perSecond || REMOVALS_PER_SECOND);
    this.#queue = new WorkQueue({
      clock,
      random,
      workers: 1,
      backoff: BACKOFF,
      reconcile: (service, signal) => this.#reconcile(service, signal),
      onError: (service, error) => {
        onWrite('failed');
        onError(service, error);
      },
    });
  }

  /** How many Services do not have what they should. */
  get pending(): number {
    return this.#queue.size;
  }

  /** Whether an object stands for the Service already. */
  has(service: string): boolean {
    return this.#namesOf.has(service);
  }

  /** To whom a Service is announced; empty: to nobody. */
  set(service: string, peers: readonly string[]): void {
    if (peers.length === 0) this.#wanted.delete(service);
    else this.#wanted.set(service, peers);
    this.#check(service);
  }

  /** An object of this node as it is; undefined: it is gone. */
  seen(name: string, object: SeenServiceStatus | undefined): void {
    const before = this.#seen.get(name)?.service ?? null;
    if (before !== null) this.#unfile(before, name);
    if (object === undefined) this.#seen.delete(name);
    else this.#seen.set(name, object);
    const after = object?.service ?? null;
    if (after !== null) {
      const names = this.#namesOf.get(after);
      if (names === undefined) this.#namesOf.set(after, new Set([name]));
      else names.add(name);
    }
    for (const service of new Set([before, after])) if (service !== null) this.#check(service);
  }

  /** All are known, and everything is announced: from now on they are written. */
  open(owner: OwnerReference | null): void {
    this.#owner = owner;
    this.#isOpen = true;
    for (const service of new Set([...this.#wanted.keys(), ...this.#namesOf.keys()])) this.#check(service);
  }

  /** Writes nothing more; resolves when no call is under way. */
  close(): Promise<void> {
    this.#isOpen = false;
    return this.#queue.close();
  }

  #unfile(service: string, name: string): void {
    const names = this.#namesOf.get(service);
    names?.delete(name);
    if (names?.size === 0) this.#namesOf.delete(service);
  }

  #check(service: string): void {
    if (this.#isOpen && this.#next(service) !== null) this.#queue.add(service);
  }

  /** The one thing to do next for a Service; null where all is as it should be. */
  #next(service: string): Step | null {
    const { perSecond } = this.#options;
    const names = [...(this.#namesOf.get(service) ?? [])].sort();
    const peers = perSecond === 0 ? undefined : this.#wanted.get(service);
    const [kept, ...others] = names;
    if (kept === undefined) return peers === undefined ? null : { type: 'create' };
    const excess = peers === undefined ? kept : others[0];
    if (excess !== undefined) return { type: 'remove', name: excess };
    const status = this.#statusOf(service, peers ?? []);
    return sameMeaning(this.#seen.get(kept)?.status, status) ? null : { type: 'apply', name: kept, status };
  }

  #statusOf(service: string, peers: readonly string[]): Json {
    const { namespace, name } = parseKey(service);
    return { node: this.#options.node, serviceName: name, serviceNamespace: namespace, peers };
  }

  async #reconcile(service: string, signal: AbortSignal): Promise<Outcome> {
    if (this.#next(service)?.type === 'create' && (await this.#isFull(signal)))
      return { requeueAfterMs: COUNT_AGAIN_MS };
    const { clock, onWrite } = this.#options;
    for (let step = this.#next(service); step !== null; step = this.#next(service)) {
      await pause(clock, this.#bucket.take(), signal);
      if (signal.aborted) return {};
      // It may be as it should be by now.
      const now = this.#next(service);
      if (now === null) return {};
      const done = now;
      await withDeadline(clock, REQUEST_TIMEOUT_MS, signal, (ended) => this.#do(service, done, ended));
      onWrite('written');
    }
    return {};
  }

  /** Does one step, and notes what it leads to: the watch tells of it later. */
  async #do(service: string, step: Step, signal: AbortSignal): Promise<void> {
    const { api, fieldManager, namespace } = this.#options;
    switch (step.type) {
      case 'create': {
        const object = this.#objectOf(service);
        const { uid = '' } = await createOrGet(api, object, namespace, signal);
        this.#record(object.metadata.name, { uid, service, status: {} });
        return;
      }
      case 'apply': {
        const metadata = { name: step.name, namespace };
        const body = {
          apiVersion: apiVersionOf(SERVICE_BGP_STATUS),
          kind: SERVICE_BGP_STATUS.kind,
          metadata,
          status: step.status,
        };
        try {
          await api.patch(SERVICE_BGP_STATUS, metadata, { type: 'apply', body, fieldManager }, signal, 'status');
        } catch (error) {
          if (!isGone(error)) throw error;
          this.#record(step.name, undefined);
          return;
        }
        const known = this.#seen.get(step.name);
        if (known !== undefined) this.#record(step.name, { ...known, status: step.status });
        return;
      }
      case 'remove': {
        const uid = this.#seen.get(step.name)?.uid ?? '';
        try {
          await api.delete(
            SERVICE_BGP_STATUS,
            { namespace, name: step.name },
            signal,
            uid === '' ? undefined : { uid },
          );
        } catch (error) {
          if (!isGone(error)) throw error;
        }
        this.#record(step.name, undefined);
      }
    }
  }

  /** As {@link seen}, without looking again: the caller does. */
  #record(name: string, object: SeenServiceStatus | undefined): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.seen(name, object);
    this.#isOpen = wasOpen;
  }

  #objectOf(service: string): KubeObject {
    const { node, namespace } = this.#options;
    const { namespace: serviceNamespace, name } = parseKey(service);
    // The same name each time: whoever makes it a second time finds it.
    const hash = createHash('sha256').update(`${node}/${service}`).digest('hex').slice(0, 20);
    return {
      apiVersion: apiVersionOf(SERVICE_BGP_STATUS),
      kind: SERVICE_BGP_STATUS.kind,
      metadata: {
        name: `bgp-${hash}`,
        namespace,
        labels: {
          'metallb.io/node': node,
          'metallb.io/service-name': name,
          'metallb.io/service-namespace': serviceNamespace,
        },
        ...(this.#owner === null ? {} : { ownerReferences: [this.#owner] }),
      },
    };
  }

  /** Whether the cluster has as many as it is to have, as far as was counted lately. */
  async #isFull(signal: AbortSignal): Promise<boolean> {
    const { api, clock, namespace, limit, onLimit } = this.#options;
    const now = clock.now();
    if (this.#counted === null || now - this.#counted.at >= COUNT_AGAIN_MS) {
      const { items, remainingItemCount } = await withDeadline(clock, REQUEST_TIMEOUT_MS, signal, (ended) =>
        api.list(SERVICE_BGP_STATUS, { namespace }, { limit: 1 }, ended),
      );
      this.#counted = { at: now, total: items.length + (remainingItemCount ?? 0) };
    } else this.#counted = { ...this.#counted, total: this.#counted.total + 1 };
    const isFull = this.#counted.total >= limit;
    if (isFull !== this.#isLimited) {
      this.#isLimited = isFull;
      onLimit(isFull);
    }
    return isFull;
  }
}

type Step =
  | { readonly type: 'create' }
  | { readonly type: 'apply'; readonly name: string; readonly status: Json }
  | { readonly type: 'remove'; readonly name: string };

/** Gone already, or another one by now. */
const isGone = (error: unknown): boolean =>
  error instanceof KubeError && (error.status === 404 || error.status === 409);

/** The uid of the object, which somebody may have made before. */
async function createOrGet(api: KubeApi, object: KubeObject, namespace: string, signal: AbortSignal) {
  try {
    return (await api.create(SERVICE_BGP_STATUS, object, signal)).metadata;
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 409)) throw error;
    return (await api.get(SERVICE_BGP_STATUS, { namespace, name: object.metadata.name }, signal)).metadata;
  }
}
