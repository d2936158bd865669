/** How a process's writes to the API went, counted for its metrics: `metallb_controller_writes_total`, `metallb_speaker_writes_total`. */
import { type MetricTable, single } from '../daemon/metric.ts';
import type { ResourceType } from '../kube/types.ts';

/** `dropped`: the object was gone, or another one, by the time of the write. */
export const WRITE_OUTCOMES = ['written', 'failed', 'dropped'] as const;
export type WriteOutcome = (typeof WRITE_OUTCOMES)[number];

/** Writes of one resource that ended in one way. */
export interface WriteView {
  readonly resource: string;
  readonly outcome: WriteOutcome;
  readonly count: number;
}

export class WriteCounts {
  readonly #counts = new Map<string, { readonly resource: string; readonly outcome: WriteOutcome; count: number }>();

  note({ plural: resource }: ResourceType, outcome: WriteOutcome): void {
    const key = `${resource} ${outcome}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { resource, outcome, count: 1 });
    else known.count++;
  }

  get views(): readonly WriteView[] {
    return [...this.#counts.values()].map((write) => ({ ...write }));
  }

  /** How many were not made, of all resources. */
  get failed(): number {
    return this.views.reduce((sum, { outcome, count }) => sum + (outcome === 'failed' ? count : 0), 0);
  }
}

interface View {
  readonly writes: readonly WriteView[];
  /** Writes that have not been made yet. */
  readonly pendingWrites: number;
  readonly eventsDropped: number;
}

/** @param component - `controller` or `speaker`. */
export const writeMetrics = (component: string): MetricTable<View> => ({
  [`metallb_${component}_writes_total`]: {
    type: 'counter',
    help: `Writes to the API by resource and outcome, one of ${WRITE_OUTCOMES.join(', ')}`,
    labels: ['resource', 'outcome'],
    *samples({ writes }) {
      for (const { resource, outcome, count } of writes) yield { labels: { resource, outcome }, value: count };
    },
  },
  [`metallb_${component}_pending_writes`]: single(
    'gauge',
    'Objects that do not have yet what they should',
    ({ pendingWrites }) => pendingWrites,
  ),
  [`metallb_${component}_events_dropped_total`]: single(
    'counter',
    'Kubernetes events that were not told, for want of room, or since the API refused them',
    ({ eventsDropped }) => eventsDropped,
  ),
});

/** MetalLB's counters of what a process made of changes. */
export const UPDATE_METRICS: MetricTable<{
  readonly updates: { readonly processed: number; readonly failed: number };
}> = {
  metallb_k8s_client_updates_total: single(
    'counter',
    'Changes of Kubernetes objects that were processed',
    ({ updates }) => updates.processed,
  ),
  metallb_k8s_client_update_errors_total: single(
    'counter',
    'Changes of Kubernetes objects whose consequences could not be written at once',
    ({ updates }) => updates.failed,
  ),
};
