/** Services by the pool of their addresses, and the BGPAdvertisements that are for them. */
import { AdvertisementIndex } from '../../announce/advertisements.ts';
import type { AssignedService } from '../../announce/bgp.ts';
import type { Service } from '../../cluster/service.ts';
import type { BgpAdvertisement } from '../../config/advertisement.ts';
import type { Pool } from '../../config/pool.ts';

export const NO_AUDIENCE: AssignedService['audience'] = { ofPool: [], forService: [] };

export class PoolServices {
  readonly #services = new Map<string, Set<string>>();
  /** By pool: the advertisements of it, and the sets that its Services get. */
  readonly #advertisements = new Map<string, AdvertisementIndex<BgpAdvertisement>>();

  /** Pools that are gone, whose Services have not been moved yet. */
  readonly #gone = new Set<string>();

  /** Keys of the Services that have addresses of the pool. */
  of(pool: string): Iterable<string> {
    return this.#services.get(pool) ?? [];
  }

  /** Files a Service under the pool of its addresses. */
  file(service: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (before !== null) {
      const services = this.#services.get(before);
      services?.delete(service);
      if (services?.size === 0) {
        this.#services.delete(before);
        if (this.#gone.delete(before)) this.#advertisements.delete(before);
      }
    }
    if (after === null) return;
    const services = this.#services.get(after);
    if (services === undefined) this.#services.set(after, new Set([service]));
    else services.add(service);
  }

  /** Gathers the advertisements of a pool anew. Where the pool is gone they stay, as they last were, for Services that still have its addresses. */
  advertise(name: string, pool: Pool | undefined, advertisements: readonly BgpAdvertisement[]): void {
    if (pool !== undefined) {
      this.#gone.delete(name);
      this.#advertisements.set(name, new AdvertisementIndex(advertisements, [pool]));
    } else if (this.#services.has(name)) this.#gone.add(name);
    else this.#advertisements.delete(name);
  }

  /** The advertisements for a Service with an address of this pool. */
  audienceOf(pool: string, service: Service): AssignedService['audience'] {
    return this.#advertisements.get(pool)?.audienceOf(pool, service) ?? NO_AUDIENCE;
  }
}
