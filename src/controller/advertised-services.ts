/** How many Services each advertisement is for, kept up to date Service by Service. */
import { AdvertisementIndex } from '../announce/advertisements.ts';
import type { Service } from '../cluster/service.ts';
import type { BgpAdvertisement, L2Advertisement } from '../config/advertisement.ts';
import type { Config } from '../config/config.ts';

type Advertisement = BgpAdvertisement | L2Advertisement;

class Protocol {
  #index = new AdvertisementIndex<Advertisement>([], []);
  /** By Service key; Services that get the same share one list. */
  readonly #of = new Map<string, readonly Advertisement[]>();
  readonly #counts = new Map<string, number>();

  configure(advertisements: readonly Advertisement[], pools: Config['pools']): void {
    this.#index = new AdvertisementIndex(advertisements, pools);
    this.#of.clear();
    this.#counts.clear();
  }

  set(key: string, service: Service | undefined, pool: string | null): void {
    this.#count(this.#of.get(key), -1);
    const after = service === undefined || pool === null ? [] : this.#index.audienceOf(pool, service).forService;
    if (after.length === 0) this.#of.delete(key);
    else this.#of.set(key, after);
    this.#count(after, 1);
  }

  countOf(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  #count(advertisements: readonly Advertisement[] = [], by: 1 | -1): void {
    for (const { name } of advertisements) this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }
}

export class AdvertisedServices {
  readonly #protocols = { BGPAdvertisement: new Protocol(), L2Advertisement: new Protocol() } as const;

  /** The advertisements or pools are others: every Service has to be set again. */
  configure({ bgpAdvertisements, l2Advertisements, pools }: Config): void {
    this.#protocols.BGPAdvertisement.configure(bgpAdvertisements, pools);
    this.#protocols.L2Advertisement.configure(l2Advertisements, pools);
  }

  /** @param pool - that its addresses are from; null where it has none. */
  set(key: string, service: Service | undefined, pool: string | null): void {
    for (const protocol of Object.values(this.#protocols)) protocol.set(key, service, pool);
  }

  countOf(kind: 'BGPAdvertisement' | 'L2Advertisement', name: string): number {
    return this.#protocols[kind].countOf(name);
  }
}
