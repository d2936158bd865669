/**
 * How many ServiceBGPStatus objects the cluster may have (docs/decisions.md 23), and which Services have none for that reason.
 *
 * Every speaker counts for itself, by asking for one object and how many are behind it. So between two countings all of them together may make
 * more than there is room for: while objects are made they count often.
 */
import { withDeadline } from '../../kube/deadline.ts';
import { SERVICE_BGP_STATUS } from '../../kube/resource-types.ts';
import type { KubeApi } from '../../kube/types.ts';
import type { Clock } from '../../time/clock.ts';

export interface ServiceStatusLimitOptions {
  readonly api: Pick<KubeApi, 'list'>;
  readonly clock: Clock;
  readonly namespace: string;
  readonly limit: number;
  /** Services have no object for want of room, or none any more. */
  readonly onLimit: (reached: boolean) => void;
}

/** A cluster that is full may have room after this. */
export const FULL_MS = 60_000;
const ROOM_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;

export class ServiceStatusLimit {
  readonly #options: ServiceStatusLimitOptions;
  readonly #waiting = new Set<string>();
  #counted: { readonly at: number; total: number } | null = null;

  constructor(options: ServiceStatusLimitOptions) {
    this.#options = options;
  }

  /** Whether one may be made for the Service; one that may not waits from now on. */
  async hasRoom(service: string, signal: AbortSignal): Promise<boolean> {
    const { clock, limit } = this.#options;
    const now = clock.now();
    const isFull = (): boolean => this.#counted !== null && this.#counted.total >= limit;
    if (this.#counted === null || now - this.#counted.at >= (isFull() ? FULL_MS : ROOM_MS))
      this.#counted = { at: now, total: await this.#count(signal) };
    if (isFull()) this.#note(() => this.#waiting.add(service));
    else this.waitsNoMore(service);
    return !isFull();
  }

  /** One was made. */
  made(): void {
    if (this.#counted !== null) this.#counted.total++;
  }

  /** The Service has an object, or needs none. */
  waitsNoMore(service: string): void {
    this.#note(() => this.#waiting.delete(service));
  }

  #note(change: () => void): void {
    const before = this.#waiting.size > 0;
    change();
    const reached = this.#waiting.size > 0;
    if (reached !== before) this.#options.onLimit(reached);
  }

  async #count(signal: AbortSignal): Promise<number> {
    const { api, clock, namespace } = this.#options;
    const { items, remainingItemCount = 0 } = await withDeadline(clock, REQUEST_TIMEOUT_MS, signal, (ended) =>
      api.list(SERVICE_BGP_STATUS, { namespace }, { limit: 1 }, ended),
    );
    return items.length + remainingItemCount;
  }
}
