/** Packets that were dropped, by reason: as many counters as there are reasons, whatever comes. */
import type { DropReason } from './drop-reason.ts';

export class DropCounts {
  readonly #counts: Partial<Record<DropReason, number>> = {};

  count(reason: DropReason): void {
    this.#counts[reason] = (this.#counts[reason] ?? 0) + 1;
  }

  /** A copy. */
  get counts(): Readonly<Partial<Record<DropReason, number>>> {
    return { ...this.#counts };
  }
}
