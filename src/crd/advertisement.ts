/** The schemas of BGPAdvertisement and L2Advertisement. */
import * as z from 'zod/mini';
import { LabelSelector, LabelSelectors, Names, uint32 } from './schema.ts';

const scope = {
  ipAddressPools: Names,
  ipAddressPoolSelectors: LabelSelectors,
  nodeSelectors: LabelSelectors,
  serviceSelectors: LabelSelectors,
};

export const BGPAdvertisementSpec = z.object({
  ...scope,
  aggregationLength: z._default(z.int().check(z.gte(1), z.lte(32)), 32),
  aggregationLengthV6: z._default(z.int().check(z.gte(1), z.lte(128)), 128),
  localPref: z.optional(uint32()),
  communities: Names,
  peers: Names,
  med: z.optional(uint32()),
  asPathPrepend: z._default(z.int().check(z.gte(0), z.lte(10)), 0),
  extendedCommunities: Names,
  linkBandwidth: z.optional(z.union([z.literal('Auto'), z.number().check(z.gte(0))])),
});

export const L2AdvertisementSpec = z.object({
  ...scope,
  interfaces: Names,
  preferredNodeSelectors: z.optional(
    z.array(z.object({ weight: z.int().check(z.gte(1), z.lte(100)), preference: LabelSelector })),
  ),
});
