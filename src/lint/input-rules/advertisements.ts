/** Rules about a BGPAdvertisement beside pools, peers and other advertisements. */
import { bgp, manifest, peer, pool } from '../example.ts';
import type { InputRuleDocs } from './index.ts';

const POOL = pool('web', 'addresses: [192.0.2.0/24]');
const EXTERNAL = peer('router-a', 'peerAddress: 10.0.0.1');
const INTERNAL = peer('router-a', 'myASN: 64512\npeerAddress: 10.0.0.1');

export const ADVERTISEMENT_RULES: InputRuleDocs = {
  'aggregation-too-short': {
    summary: 'an aggregate reaches beyond its pool',
    why: `A /16 for a pool that has a /24 of it would draw the traffic of addresses that are not the pool's. MetalLB refuses it.`,
    fires: [manifest(POOL, EXTERNAL, bgp('web', 'ipAddressPools: [web]\naggregationLength: 16'))],
    silent: [manifest(POOL, EXTERNAL, bgp('web', 'ipAddressPools: [web]\naggregationLength: 24'))],
  },
  'aggregation-with-service-selectors': {
    summary: 'serviceSelectors and an aggregation length exclude each other',
    why: `An aggregate speaks for every address in it, also for Services that the selectors leave out: the cluster refuses the combination.`,
    fires: [
      manifest(
        POOL,
        EXTERNAL,
        bgp('web', 'ipAddressPools: [web]\naggregationLength: 24\nserviceSelectors: [{ matchLabels: { tier: gold } }]'),
      ),
    ],
    silent: [
      manifest(
        POOL,
        EXTERNAL,
        bgp('web', 'ipAddressPools: [web]\nserviceSelectors: [{ matchLabels: { tier: gold } }]'),
      ),
    ],
  },
  'local-pref-conflict': {
    summary: 'two advertisements give the same prefixes different localPrefs towards an internal peer',
    why: `A prefix has one LOCAL_PREF on a session. MetalLB refuses the whole configuration; here the later of the two is refused and the rest applied. Where no peer is known at all,
it counts as internal.`,
    fires: [manifest(POOL, INTERNAL, bgp('one', 'localPref: 200'), bgp('two', 'localPref: 100'))],
    silent: [
      manifest(POOL, INTERNAL, bgp('one', 'localPref: 200'), bgp('two', 'localPref: 200\ncommunities: [no-peer]')),
    ],
  },
  'local-pref-differs': {
    summary: 'two advertisements give the same prefixes different localPrefs, and no peer gets either',
    why: `MetalLB refuses this. Towards external peers nothing depends on it, because LOCAL_PREF is not sent to them: so it is accepted, and prefers nothing.`,
    fires: [manifest(POOL, EXTERNAL, bgp('one', 'localPref: 200'), bgp('two', 'localPref: 100'))],
    silent: [
      manifest(POOL, EXTERNAL, bgp('one', 'localPref: 200'), bgp('two', 'localPref: 200\ncommunities: [no-peer]')),
    ],
  },
};
