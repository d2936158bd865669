/**
 * How a speaker takes Services in: those that were listed in slices, between which others have their turn, then as they change. Only once all are
 * in is anything announced, so that no router is told of an end of the routes before it has them all.
 */
import type { SourceChange } from '../../follow/source.ts';
import type { CoreObject } from '../../plan/world/world-object.ts';

/** A slice of work is done before others have their turn. */
const SLICE = 50;

export type ServiceChanges = readonly SourceChange<CoreObject>[];

export interface ServiceIntakeOptions {
  readonly take: (changes: ServiceChanges) => void;
  readonly breathe: () => Promise<void>;
}

export class ServiceIntake {
  readonly #options: ServiceIntakeOptions;
  readonly #listed = new Map<string, ServiceChanges[number]>();
  #isOpen = false;

  constructor(options: ServiceIntakeOptions) {
    this.#options = options;
  }

  changed(changes: ServiceChanges): void {
    if (this.#isOpen) this.#options.take(changes);
    // What comes while the listed are taken in waits behind them, and counts as it last was.
    else
      for (const change of changes) {
        this.#listed.delete(change.key);
        this.#listed.set(change.key, change);
      }
  }

  /** All are listed: takes them in. Resolves with their number. */
  async open(): Promise<number> {
    const { take, breathe } = this.#options;
    let taken = 0;
    while (this.#listed.size > 0) {
      const slice = [...this.#listed.values().take(SLICE)];
      for (const { key } of slice) this.#listed.delete(key);
      take(slice);
      taken += slice.length;
      await breathe();
    }
    this.#isOpen = true;
    return taken;
  }
}
