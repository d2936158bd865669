/**
 * Removes status objects that nobody vouches for any more: ServiceBGPStatus, ServiceL2Status, SpeakerStatus and the ConfigurationState of a
 * speaker, where the node is gone, or the Service, or where no ready speaker Pod is on the node (docs/adr/0012).
 *
 * The speaker removes its own; this is for what is left. So an object goes only when it has been orphaned for a while without a break, and
 * with its uid as the precondition: one that was made anew stays. Whether a speaker's Pod is there is looked at only where speaker Pods are
 * seen at all: elsewhere speakers are no Pods, or have other labels.
 */
import { parseKey } from '../kube/object-key.ts';
import { CONFIGURATION_STATE, SERVICE_BGP_STATUS, SERVICE_L2_STATUS, SPEAKER_STATUS } from '../kube/resource-types.ts';
import { type KubeApi, KubeError, type KubeObject, type ResourceType } from '../kube/types.ts';
import { type Outcome, WorkQueue } from '../kube/work-queue.ts';
import type { Clock } from '../time/clock.ts';

/** The kinds that are looked after. */
export const STATUS_KINDS: readonly ResourceType[] = [
  SERVICE_BGP_STATUS,
  SERVICE_L2_STATUS,
  SPEAKER_STATUS,
  CONFIGURATION_STATE,
];

/** What a status object is about; null for one that is none of ours to remove. */
export interface StatusOrigin {
  readonly uid: string;
  readonly node: string;
  /** `NAMESPACE/NAME`; null where it is about no Service. */
  readonly service: string | null;
}

/** Reads what a status object is about. */
export function originOf({ kind, metadata, status }: KubeObject): StatusOrigin | null {
  const { uid = '', name, labels = {} } = metadata;
  const said = (status ?? {}) as Readonly<Record<string, unknown>>;
  const field = (label: string, key: string): string | null => {
    const value = labels[label] ?? said[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  if (kind === 'SpeakerStatus') return { uid, node: name, service: null };
  if (kind === 'ConfigurationState') {
    if (labels['metallb.io/component-type'] !== 'speaker') return null;
    const node = labels['metallb.io/node-name'];
    return node === undefined ? null : { uid, node, service: null };
  }
  const node = field('metallb.io/node', 'node');
  const [namespace, service] = [
    field('metallb.io/service-namespace', 'serviceNamespace'),
    field('metallb.io/service-name', 'serviceName'),
  ];
  // Made, and not filled in yet.
  if (node === null || namespace === null || service === null) return null;
  return { uid, node, service: `${namespace}/${service}` };
}

/** What there is in the cluster. */
export interface Surroundings {
  hasNode(name: string): boolean;
  hasService(key: string): boolean;
  /** Null where nothing is known of speaker Pods. */
  hasReadySpeaker(node: string): boolean | null;
}

export interface StatusCleanerOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: () => number;
  readonly surroundings: Surroundings;
  readonly onRemoved: (type: ResourceType, key: string) => void;
  readonly onError: (type: ResourceType, key: string, error: unknown) => void;
}

/** How long an object has to be an orphan before it goes. */
const GRACE_MS = 15_000;
const SWEEP_MS = 5_000;
const WORKERS = 2;
const BACKOFF = { initialMs: 1_000, maxMs: 60_000 };

interface Entry {
  readonly type: ResourceType;
  readonly key: string;
  origin: StatusOrigin;
  /** Since when nobody vouches for it; null while somebody does. */
  orphanedAt: number | null;
}

export class StatusCleaner {
  readonly #options: StatusCleanerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #queue: WorkQueue;
  #cancel: (() => void) | null = null;
  #removed = 0;

  constructor(options: StatusCleanerOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#queue = new WorkQueue({
      clock,
      random,
      workers: WORKERS,
      backoff: BACKOFF,
      reconcile: (id, signal) => this.#remove(id, signal),
      onError: (id, error) => {
        const entry = this.#entries.get(id);
        if (entry !== undefined) options.onError(entry.type, entry.key, error);
      },
    });
  }

  /** How many were removed. */
  get removed(): number {
    return this.#removed;
  }

  /** Everything is known: from now on orphans are removed. */
  open(): void {
    this.#cancel ??= this.#options.clock.after(SWEEP_MS, () => {
      this.#cancel = null;
      this.#sweep();
      this.open();
    });
  }

  /** A status object as it is. */
  seen(type: ResourceType, key: string, origin: StatusOrigin | null): void {
    const id = idOf(type, key);
    if (origin === null) {
      this.#entries.delete(id);
      return;
    }
    const known = this.#entries.get(id);
    if (known?.origin.uid === origin.uid) known.origin = origin;
    else this.#entries.set(id, { type, key, origin, orphanedAt: null });
  }

  gone(type: ResourceType, key: string): void {
    const id = idOf(type, key);
    this.#entries.delete(id);
    this.#queue.forget(id);
  }

  /** Removes nothing more; resolves when no call is under way. */
  close(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    return this.#queue.close();
  }

  #sweep(): void {
    const now = this.#options.clock.now();
    for (const [id, entry] of this.#entries) {
      if (!this.#isOrphan(entry.origin)) entry.orphanedAt = null;
      else if (entry.orphanedAt === null) entry.orphanedAt = now;
      else if (now - entry.orphanedAt >= GRACE_MS) this.#queue.add(id);
    }
  }

  #isOrphan({ node, service }: StatusOrigin): boolean {
    const { surroundings } = this.#options;
    if (!surroundings.hasNode(node) || surroundings.hasReadySpeaker(node) === false) return true;
    return service !== null && !surroundings.hasService(service);
  }

  async #remove(id: string, signal: AbortSignal): Promise<Outcome> {
    const entry = this.#entries.get(id);
    if (entry === undefined || !this.#isOrphan(entry.origin)) return {};
    const { type, key, origin } = entry;
    try {
      await this.#options.api.delete(type, parseKey(key), signal, { uid: origin.uid });
      this.#removed++;
      this.#options.onRemoved(type, key);
    } catch (error) {
      // Gone already, or another one by now.
      if (!(error instanceof KubeError && (error.status === 404 || error.status === 409))) throw error;
    }
    if (this.#entries.get(id) === entry) this.#entries.delete(id);
    return {};
  }
}

const idOf = (type: ResourceType, key: string): string => `${type.plural} ${key}`;
