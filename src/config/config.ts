/** The configuration: every metallb.io object understood, sorted by name, with nothing left that still needs parsing. */
import type { BgpAdvertisement, L2Advertisement } from './advertisement.ts';
import type { BfdProfile } from './bfd-profile.ts';
import type { Peer } from './peer.ts';
import type { Pool } from './pool.ts';

export interface Config {
  readonly pools: readonly Pool[];
  readonly peers: readonly Peer[];
  readonly bgpAdvertisements: readonly BgpAdvertisement[];
  readonly l2Advertisements: readonly L2Advertisement[];
  readonly bfdProfiles: readonly BfdProfile[];
}
