/**
 * How a new leader takes the Services in: listed first, then adopted slice by slice, oldest first, as if they had come at once, then as they
 * change (docs/adr/0014-a-leader-reads-services-anew.md). The world is held meanwhile, so that nobody gets an address that another one's
 * status names.
 */
import { type Aged, agedOf, compareAge } from '../allocator/order.ts';
import { slices } from '../follow/slices.ts';
import type { SourceChange } from '../follow/source.ts';
import type { WorldChange } from '../plan/world/change.ts';
import type { World } from '../plan/world.ts';
import type { SeenService } from './objects.ts';

export interface ServiceIntakeOptions {
  readonly world: Pick<World, 'hold' | 'release' | 'allocations'>;
  readonly breathe: () => Promise<void>;
  /** Gives changes to the world. @param adopting - it is what a leader before may have known. */
  readonly take: (changes: readonly SourceChange<SeenService>[], adopting: boolean) => void;
  /** What came of it that who waits was served. */
  readonly served: (change: WorldChange) => void;
}

/** Each is decided upon, logged and written of. */
const ADOPTED_AT_ONCE = 20;

export class ServiceIntake {
  readonly #options: ServiceIntakeOptions;
  readonly #listed = new Map<string, SeenService>();
  /** What happens while the listed ones are taken in. */
  readonly #late: SourceChange<SeenService>[] = [];
  #phase: 'listing' | 'adopting' | 'open' | 'ended' = 'listing';

  constructor(options: ServiceIntakeOptions) {
    this.#options = options;
  }

  changed(changes: readonly SourceChange<SeenService>[]): void {
    switch (this.#phase) {
      case 'open':
        this.#options.take(changes, false);
        return;
      case 'adopting':
        this.#late.push(...changes);
        return;
      case 'listing':
        for (const change of changes) {
          if (change.type === 'upsert') this.#listed.set(change.key, change.value);
          else this.#listed.delete(change.key);
        }
    }
  }

  /** All are listed; resolves when they are decided upon, with their number, or null where {@link end} came first. */
  async adopt(): Promise<number | null> {
    const { world, take, served } = this.#options;
    this.#phase = 'adopting';
    world.hold();
    const { holders, others } = await this.#byAddress(await this.#byAge());
    await this.#takeAll(holders);
    // Who keeps all that it has cannot be in the way of the others: they are served one after the other, by age.
    const allKept = holders.every((key) => world.allocations.has(key));
    if (allKept) served(world.release());
    await this.#takeAll(others);
    if (!allKept) served(world.release());
    if (this.#hasEnded) return null;
    this.#phase = 'open';
    const { size } = this.#listed;
    this.#listed.clear();
    take(this.#late.splice(0), false);
    return size;
  }

  /** Takes nothing in any more. */
  end(): void {
    this.#phase = 'ended';
  }

  get #hasEnded(): boolean {
    return this.#phase === 'ended';
  }

  async #takeAll(keys: readonly string[]): Promise<void> {
    for (const slice of slices(keys, ADOPTED_AT_ONCE)) {
      await this.#options.breathe();
      if (this.#hasEnded) return;
      this.#options.take(
        slice.flatMap((key) => {
          const value = this.#listed.get(key);
          return value === undefined ? [] : [{ type: 'upsert', key, value }];
        }),
        true,
      );
    }
  }

  /** Those of the keys whose Services say that they have an address, and the others, both in their order. */
  async #byAddress(keys: readonly string[]): Promise<Readonly<Record<'holders' | 'others', readonly string[]>>> {
    const [holders, others]: [string[], string[]] = [[], []];
    for (const slice of slices(keys)) {
      for (const key of slice) {
        const hasAddress = (this.#listed.get(key)?.record.ingress?.length ?? 1) > 0;
        (hasAddress ? holders : others).push(key);
      }
      await this.#options.breathe();
    }
    return { holders, others };
  }

  /**
   * The keys of the listed Services, oldest first; those that are not understood at the end. They are sorted second by second of their birth, so
   * that others have their turn between.
   */
  async #byAge(): Promise<readonly string[]> {
    const { breathe } = this.#options;
    const byBirth = new Map<number, Aged[]>();
    const others: string[] = [];
    for (const slice of slices([...this.#listed])) {
      for (const [key, { object }] of slice) {
        if (object.kind !== 'Service' || object.parsed.value === null) {
          others.push(key);
          continue;
        }
        const aged = agedOf(object.parsed.value);
        const same = byBirth.get(aged.born);
        if (same === undefined) byBirth.set(aged.born, [aged]);
        else same.push(aged);
      }
      await breathe();
    }
    const keys: string[] = [];
    for (const [, born] of [...byBirth].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const { service } of born.sort(compareAge)) keys.push(service.key);
      await breathe();
    }
    return [...keys, ...others];
  }
}
