/** The schemas of BGPAdvertisement and L2Advertisement. */
import * as z from 'zod/mini';
import { ourConditions } from './condition.ts';
import {
  counter,
  field,
  INT32,
  INT64,
  LabelSelector,
  labelSelectors,
  NO_SERVER_DEFAULT,
  names,
  ourField,
  rules,
  uint32,
} from './schema.ts';

const scope = () => ({
  ipAddressPools: names(
    'The pools whose addresses are advertised, by name. Default: where `ipAddressPoolSelectors` is not set either, all pools.',
  ),
  ipAddressPoolSelectors: labelSelectors(
    'The pools whose addresses are advertised, by their labels, beside those in `ipAddressPools`; any of the selectors is enough.',
  ),
  nodeSelectors: labelSelectors(
    'The nodes that advertise, by their labels; any of the selectors is enough. Default: all nodes.',
  ),
  serviceSelectors: labelSelectors(
    'The Services that are advertised, by their labels; any of the selectors is enough. Default: all Services.',
  ),
});

export const BGPAdvertisementSpec = field(
  z.object({
    ...scope(),
    aggregationLength: field(
      z._default(z.int().check(z.gte(1), z.lte(32)), 32),
      'The length of the IPv4 prefixes that are advertised: below 32 one prefix stands for many addresses, and may not reach beyond the range of the pool. Default: 32.',
      INT32,
    ),
    aggregationLengthV6: field(
      z._default(z.int().check(z.gte(1), z.lte(128)), 128),
      'The length of the IPv6 prefixes that are advertised, likewise. Default: 128.',
      // MetalLB has no lower bound, and refuses a length below 1 only where a pool has IPv6 addresses.
      { ...INT32, minimum: null },
    ),
    localPref: field(
      z.optional(uint32()),
      'LOCAL_PREF of the routes, for internal peers (peerASN = myASN); external peers are not sent it. The highest wins. Default: 0, which means unset, and is sent as 100.',
      INT64,
    ),
    communities: names(
      'Communities of the routes: aliases of Community objects, values (64512:100, large:64512:1:2), or (metallb-ts) well-known words and names of Community objects.',
    ),
    peers: names('The BGPPeers that are told, by name. Default: all.'),
    med: ourField(
      z.optional(uint32()),
      'MULTI_EXIT_DISC of the routes: of several routes from one AS the lowest wins. Default: none is sent.',
      INT64,
    ),
    asPathPrepend: ourField(
      z._default(z.int().check(z.gte(0), z.lte(10)), 0),
      'How many more times our AS number stands in the AS_PATH, for external peers: a longer path loses. Default: 0.',
      { ...INT32, ...NO_SERVER_DEFAULT },
    ),
    extendedCommunities: ourField(
      z.optional(z.array(z.string())),
      'Extended communities of the routes: rt:64512:100, soo:192.0.2.1:100, or 0x and 16 hexadecimal digits. Default: none.',
    ),
    linkBandwidth: ourField(
      z.optional(z.union([z.literal('Auto'), z.int().check(z.gte(0))])),
      'The link bandwidth by which routers weigh several paths: Auto (by how many endpoints the node has), or bytes per second. Default: none is sent.',
      {
        anyOf: [{ type: 'integer' }, { type: 'string' }],
        'x-kubernetes-int-or-string': true,
        ...rules({
          rule: "type(self) == int ? self >= 0 : self == 'Auto'",
          message: 'is neither Auto nor a number from 0 upwards: write Auto, or bytes per second without quotes',
        }),
      },
    ),
  }),
  'Which addresses are advertised over BGP, to whom, from where and with which attributes.',
  rules({
    rule: '!has(self.serviceSelectors) || size(self.serviceSelectors) == 0 || ((!has(self.aggregationLength) || self.aggregationLength == 32) && (!has(self.aggregationLengthV6) || self.aggregationLengthV6 == 128))',
    message:
      'serviceSelectors and an aggregation length exclude each other: remove one of them, or write two BGPAdvertisements',
  }),
);

export const L2AdvertisementSpec = field(
  z.object({
    ...scope(),
    interfaces: names('The interfaces on which ARP and NDP are answered, by their exact names. Default: all.'),
    preferredNodeSelectors: field(
      z.optional(
        z.array(
          field(
            z.object({
              weight: field(z.int().check(z.gte(1), z.lte(100)), 'What a node gains that the selector matches.', INT32),
              preference: LabelSelector,
            }),
            'A preference for some nodes.',
          ),
        ),
      ),
      'Which of the nodes are preferred: the node with the highest sum of weights answers. Default: no preference.',
    ),
  }),
  'Which addresses are announced by ARP and NDP, from where.',
);

export const AdvertisementStatus = field(
  z.object({
    state: ourField(
      z.optional(z.enum(['Accepted', 'Warnings', 'Invalid', 'LastGoodVersion'])),
      'The conditions in a word: Accepted, Warnings (accepted, and there is something to see to), Invalid (not in force), LastGoodVersion (an earlier version stays in force).',
    ),
    services: ourField(counter(), 'How many Services are advertised by it.', INT64),
    conditions: ourConditions(),
  }),
  'What the controller knows of the advertisement.',
);
