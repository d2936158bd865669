/** Which advertisements are for which pool, and for which Service. */
import type { Service } from '../cluster/service.ts';
import { type PoolScope, scopeCovers } from '../config/advertisement.ts';
import type { Pool } from '../config/pool.ts';
import { anySelectorMatches } from '../config/selector.ts';

/** Whether an advertisement of the Service's pool is for the Service. */
export const isForService = (
  advertisement: { readonly serviceSelectors: Parameters<typeof anySelectorMatches>[0] },
  service: Pick<Service, 'labels'>,
): boolean => anySelectorMatches(advertisement.serviceSelectors, service.labels);

/**
 * The advertisements of each pool, and below them the sets that Services of the pool really get. Services that get the same
 * advertisements share one {@link Audience}, so that what does not depend on the Service is worked out once for all of them.
 */
export class AdvertisementIndex<
  A extends PoolScope & { readonly serviceSelectors: Parameters<typeof anySelectorMatches>[0] },
> {
  readonly #pools = new Map<string, PoolAdvertisements<A>>();

  constructor(advertisements: readonly A[], pools: readonly Pool[]) {
    for (const pool of pools) {
      const all = advertisements.filter((advertisement) => scopeCovers(advertisement, pool));
      const selective = all.some((advertisement) => advertisement.serviceSelectors.length > 0);
      this.#pools.set(pool.name, { all, selective, audiences: new Map() });
    }
  }

  /** The advertisements for a Service with an address of this pool. */
  audienceOf(pool: string, service: Pick<Service, 'labels'>): Audience<A> {
    const index = this.#pools.get(pool);
    if (index === undefined) return { ofPool: [], forService: [] };
    const key = index.selective
      ? index.all.map((advertisement) => (isForService(advertisement, service) ? '1' : '0')).join('')
      : '';
    let audience = index.audiences.get(key);
    if (audience === undefined) {
      const forService = index.selective ? index.all.filter((_, i) => key[i] === '1') : index.all;
      audience = { ofPool: index.all, forService };
      index.audiences.set(key, audience);
    }
    return audience;
  }
}

/** Advertisements by what they are for. */
export interface Audience<A> {
  readonly ofPool: readonly A[];
  readonly forService: readonly A[];
}

interface PoolAdvertisements<A> {
  readonly all: readonly A[];
  readonly selective: boolean;
  readonly audiences: Map<string, Audience<A>>;
}
