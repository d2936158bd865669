/** An advertisement that says nothing which another does not say already. */
import { formatExtendedCommunity } from '../../bgp/extended-community.ts';
import type { BgpAdvertisement } from '../../config/advertisement.ts';
import { scopeCovers } from '../../config/advertisement.ts';
import { formatCommunity } from '../../config/community.ts';
import type { Pool } from '../../config/pool.ts';
import { type Selector, selectorKey } from '../../config/selector.ts';
import { bgp, manifest, peer, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const advertisementShadowed: LintRule = {
  name: 'advertisement-shadowed',
  severity: 'warning',
  help: 'Remove it, or give it what makes it different: pools, peers, nodes, an aggregation length, a community.',
  summary: 'an advertisement has no effect beside another that says all of it',
  why: `Advertisements for the same pools, peers and nodes are merged: communities are united, and each prefix is sent once. One whose pools, peers, nodes, lengths and attributes are all covered by another changes nothing. Usually it was copied
to be changed, or the other was meant to be narrower.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
      bgp('all', '{}'),
      bgp('web', 'ipAddressPools: [web]'),
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
      bgp('all', '{}'),
      bgp('web', "ipAddressPools: [web]\ncommunities: ['64512:100']"),
    ),
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
      bgp('all', '{}'),
      bgp('web', "ipAddressPools: [web]\nextendedCommunities: ['rt:64512:100']"),
    ),
  ],
  check: ({ snapshot: { config } }) => {
    const entries = config.bgpAdvertisements.map((advertisement) => entryOf(advertisement, config.pools));
    const known = new Set(config.peers.map(({ name }) => name));
    return entries.flatMap((entry, i) => {
      // unknown-pool, unknown-peer, or a selector that matches nothing, says so.
      const { peers } = entry.advertisement;
      if (entry.pools.size === 0 || (peers.length > 0 && !peers.some((name) => known.has(name)))) return [];
      const other = entries.find(
        (candidate, j) => j !== i && covers(candidate, entry) && (j < i || !covers(entry, candidate)),
      );
      if (other === undefined) return [];
      return [
        {
          object: { kind: 'BGPAdvertisement', name: entry.advertisement.name },
          path: [],
          message: `it has no effect: BGPAdvertisement "${other.advertisement.name}" is for the same pools, peers and nodes, and says at least as much`,
        },
      ];
    });
  },
};

interface Entry {
  readonly advertisement: BgpAdvertisement;
  readonly pools: ReadonlySet<string>;
  /** Everything that must be equal. */
  readonly key: string;
  readonly communities: ReadonlySet<string>;
}

const entryOf = (advertisement: BgpAdvertisement, pools: readonly Pool[]): Entry => ({
  advertisement,
  pools: new Set(pools.filter((one) => scopeCovers(advertisement, one)).map(({ name }) => name)),
  key: JSON.stringify([
    advertisement.aggregationLength,
    advertisement.aggregationLengthV6,
    advertisement.localPref,
    advertisement.med,
    advertisement.asPathPrepend,
  ]),
  communities: new Set([
    ...[...advertisement.communities, ...advertisement.largeCommunities].map(formatCommunity),
    ...advertisement.extendedCommunities.map(formatExtendedCommunity),
  ]),
});

/** Whether everything that `b` sends is sent by `a` as well; selectors are compared as they are written. */
const covers = (a: Entry, b: Entry): boolean =>
  a.key === b.key &&
  coversPools(a, b) &&
  [...b.communities].every((text) => a.communities.has(text)) &&
  coversList(a.advertisement.peers, b.advertisement.peers) &&
  coversList(keysOf(a.advertisement.nodeSelectors), keysOf(b.advertisement.nodeSelectors)) &&
  coversList(keysOf(a.advertisement.serviceSelectors), keysOf(b.advertisement.serviceSelectors));

/** A pool that is made later counts too: one that is for all pools is covered by another such one only, and so are selectors. */
const coversPools = (a: Entry, b: Entry): boolean =>
  isForAll(a.advertisement) ||
  (!isForAll(b.advertisement) &&
    [...b.pools].every((name) => a.pools.has(name)) &&
    keysOf(b.advertisement.ipAddressPoolSelectors).every((key) =>
      keysOf(a.advertisement.ipAddressPoolSelectors).includes(key),
    ));

const isForAll = ({ ipAddressPools, ipAddressPoolSelectors }: BgpAdvertisement): boolean =>
  ipAddressPools.length === 0 && ipAddressPoolSelectors.length === 0;

const keysOf = (selectors: readonly Selector[]): readonly string[] => selectors.map(selectorKey);

/** An empty list means everything. */
const coversList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === 0 || (b.length > 0 && b.every((entry) => a.includes(entry)));
