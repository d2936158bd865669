/** A pool that is announced in both ways. */
import { scopeCovers } from '../../config/advertisement.ts';
import { bgp, layer2, manifest, peer, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const layer2AndBgp: LintRule = {
  name: 'layer2-and-bgp',
  severity: 'info',
  help: 'If both are meant, nothing is to be done; else name the pools in spec.ipAddressPools of each advertisement.',
  summary: 'a pool is announced by BGP and by layer 2',
  why: `It works: routers learn the addresses by BGP, and hosts on the link by ARP or NDP from one node. Often it is not meant, because one of the two advertisements names no pools and so is for all of them.
Then the traffic from the link goes through a single node, past the load sharing of BGP.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
      bgp('web', 'ipAddressPools: [web]'),
      layer2('all', '{}'),
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      pool('lan', 'addresses: [10.0.0.100-10.0.0.199]'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
      bgp('web', 'ipAddressPools: [web]'),
      layer2('lan', 'ipAddressPools: [lan]'),
    ),
  ],
  check: ({ snapshot: { config } }) =>
    config.pools.flatMap((one) => {
      const overBgp = config.bgpAdvertisements.find((advertisement) => scopeCovers(advertisement, one));
      const overLayer2 = config.l2Advertisements.find((advertisement) => scopeCovers(advertisement, one));
      if (overBgp === undefined || overLayer2 === undefined) return [];
      return [
        {
          object: { kind: 'IPAddressPool', name: one.name },
          path: [],
          message: `pool "${one.name}" is announced by BGP (BGPAdvertisement ${overBgp.name}) and by layer 2 (L2Advertisement ${overLayer2.name})`,
        },
      ];
    }),
};
