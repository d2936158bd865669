/**
 * What a change can touch: one table, from everything that can happen to the keys that have to be worked out again.
 *
 * It may name a key too many, which costs a little, and never one too few, which would be wrong: that `World` equals `plan` after any
 * sequence of changes (world.test.ts) is the proof of this table. The costs that it stands for: an EndpointSlice one Service; a Service
 * one; an advertisement or a pool its pool's Services; the own node all of them; another node those whose layer 2 or whose findings it
 * has a part in.
 */
import { type BgpAdvertisement, type L2Advertisement, type PoolScope, scopeCovers } from '../config/advertisement.ts';
import type { Config } from '../config/config.ts';
import type { Pool } from '../config/pool.ts';

/** Something that is no longer as it was. Keys of Services are `namespace/name`. */
export type Happening =
  | { readonly type: 'service'; readonly key: string; readonly gone: boolean }
  /** An EndpointSlice or Endpoints of this Service. */
  | { readonly type: 'endpoints'; readonly key: string }
  /** Where the Service can be served. */
  | { readonly type: 'servable'; readonly key: string }
  | { readonly type: 'allocation'; readonly key: string }
  | { readonly type: 'node'; readonly name: string; readonly labels: boolean }
  | { readonly type: 'namespace'; readonly name: string }
  | { readonly type: 'secret' }
  /** A metallb.io object as it is written. */
  | { readonly type: 'configObject' }
  | { readonly type: 'pool'; readonly before: Pool | undefined; readonly after: Pool | undefined }
  | {
      readonly type: 'advertisement';
      readonly before: BgpAdvertisement | undefined;
      readonly after: BgpAdvertisement | undefined;
    }
  | {
      readonly type: 'layer2Advertisement';
      readonly before: L2Advertisement | undefined;
      readonly after: L2Advertisement | undefined;
    }
  | { readonly type: 'peers' }
  /** Who answers for the Service may be another, because of a node. */
  | { readonly type: 'standing'; readonly key: string };

/** What the table looks things up in. */
export interface Indexes {
  /** The node whose part is kept; null where there is none. */
  readonly node: string | null;
  readonly config: Config;
  /** Whether the labels of any node can change what the configuration comes to. */
  readonly configJudgesNodes: boolean;
  servicesOfPool(pool: string): Iterable<string>;
  servicesOfNamespace(namespace: string): Iterable<string>;
}

/** What has to be worked out again, in this order. */
export class Touched {
  /** The configuration, as a whole. */
  config = false;
  /** Services whose endpoints have to be summed up. */
  readonly endpoints = new Set<string>();
  /** The pools that addresses are given from. */
  pools = false;
  /** Services that went, be it that others came under their names: what they had is free. */
  readonly gone = new Set<string>();
  /** Services whose addresses have to be judged. */
  readonly allocations = new Set<string>();
  /** Pools whose BGPAdvertisements have to be gathered. */
  readonly advertised = new Set<string>();
  /** Pools whose L2Advertisements have to be gathered. */
  readonly layer2Advertised = new Set<string>();
  /** Nodes that are others. */
  readonly nodes = new Set<string>();
  /** The sessions of all nodes. */
  peers = false;
  /** The node's sessions. */
  sessions = false;
  /** Services whose routes have to be made, and whose findings. */
  readonly routes = new Set<string>();
  /** Services of which has to be found out who answers for them, and whose findings have to be made. */
  readonly layer2 = new Set<string>();

  /** A Service, as both protocols announce it. */
  announcements(key: string): void {
    this.routes.add(key);
    this.layer2.add(key);
  }
}

type Table = {
  readonly [T in Happening['type']]: (
    happening: Extract<Happening, { readonly type: T }>,
    touched: Touched,
    indexes: Indexes,
  ) => void;
};

const AFFECTED: Table = {
  service: ({ key, gone }, touched) => {
    if (gone) touched.gone.add(key);
    touched.endpoints.add(key); // its selector and its policy say which endpoints count
    touched.allocations.add(key);
    touched.announcements(key);
  },
  endpoints: ({ key }, touched) => {
    touched.endpoints.add(key);
  },
  servable: ({ key }, touched) => {
    touched.announcements(key);
  },
  allocation: ({ key }, touched) => {
    touched.announcements(key);
  },
  node: ({ name, labels }, touched, indexes) => {
    touched.nodes.add(name);
    if (name === indexes.node) touched.sessions = true;
    if (labels && indexes.configJudgesNodes) touched.config = true;
  },
  namespace: ({ name }, touched, { config, servicesOfNamespace }) => {
    if (!config.pools.some((pool) => (pool.serviceAllocation?.namespaceSelectors.length ?? 0) > 0)) return;
    for (const key of servicesOfNamespace(name)) touched.allocations.add(key);
  },
  secret: (_, touched) => {
    touched.config = true;
  },
  configObject: (_, touched) => {
    touched.config = true;
  },
  pool: ({ before, after }, touched, { servicesOfPool }) => {
    touched.pools = true;
    const name = (after ?? before)?.name ?? '';
    touched.advertised.add(name);
    touched.layer2Advertised.add(name);
    for (const key of servicesOfPool(name)) touched.announcements(key);
  },
  advertisement: ({ before, after }, touched, indexes) => {
    for (const pool of poolsOf([before, after], indexes)) {
      touched.advertised.add(pool);
      for (const key of indexes.servicesOfPool(pool)) touched.routes.add(key);
    }
  },
  layer2Advertisement: ({ before, after }, touched, indexes) => {
    for (const pool of poolsOf([before, after], indexes)) {
      touched.layer2Advertised.add(pool);
      for (const key of indexes.servicesOfPool(pool)) touched.layer2.add(key);
    }
  },
  peers: (_, touched) => {
    touched.sessions = true;
    touched.peers = true;
  },
  standing: ({ key }, touched) => {
    touched.layer2.add(key);
  },
};

/** The pools that one of the versions of an advertisement is for. */
const poolsOf = (versions: readonly (PoolScope | undefined)[], { config }: Indexes): readonly string[] =>
  config.pools.flatMap((pool) =>
    versions.some((version) => version !== undefined && scopeCovers(version, pool)) ? [pool.name] : [],
  );

/** Adds what a happening touches. */
export function affected<T extends Happening['type']>(
  happening: Extract<Happening, { readonly type: T }>,
  touched: Touched,
  indexes: Indexes,
): void {
  // The entry of its own type takes it: the compiler cannot follow the correlation through the index.
  const entry = AFFECTED[happening.type as T] as Table[T];
  entry(happening as never, touched, indexes);
}
