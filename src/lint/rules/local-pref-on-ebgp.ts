/** LOCAL_PREF is a matter of one AS: what the guide sets towards external peers is never sent (docs/decisions.md 6). */

import { formatCommunity, formatLargeCommunity } from '../../bgp/route.ts';
import { sessionTypeOf } from '../../config/peer.ts';
import { bgp, manifest, peer, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';

export const localPrefOnEbgp: LintRule = {
  name: 'local-pref-on-ebgp',
  severity: 'warning',
  help: 'Let the router set it: send a community and have its inbound policy set the local preference by it (FRR: match community, set local-preference). Without policy on the router, asPathPrepend on the less preferred paths makes them longer, and med decides between links to one neighbouring AS.',
  summary: 'localPref is set towards an external peer, which never gets it',
  why: `LOCAL_PREF is how the routers of one AS agree on a path among themselves; it may not be sent to another AS (RFC 4271 section 5.1.5), and a
router that gets it from there ignores it. With peerASN and myASN different, localPref therefore prefers nothing, and primary and backup look alike to the
router: traffic is spread over both.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
      bgp('primary', 'ipAddressPools: [web]\nlocalPref: 200'),
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'myASN: 64512\npeerAddress: 10.0.0.1'),
      bgp('primary', 'ipAddressPools: [web]\nlocalPref: 200'),
    ),
  ],
  check: ({ snapshot: { config } }) =>
    config.bgpAdvertisements.flatMap((advertisement) => {
      if (advertisement.localPref === null) return [];
      const reached = config.peers.filter(
        (peer) => advertisement.peers.length === 0 || advertisement.peers.includes(peer.name),
      );
      const external = reached.filter((peer) => sessionTypeOf(peer) === 'external').map((peer) => peer.name);
      if (external.length === 0) return [];
      const mixed = external.length < reached.length;
      const communities = [
        ...advertisement.communities.map(formatCommunity),
        ...advertisement.largeCommunities.map(formatLargeCommunity),
      ];
      const names = external.slice(0, 4).join(', ') + (external.length > 4 ? ' and others' : '');
      return [
        {
          object: { kind: 'BGPAdvertisement', name: advertisement.name },
          path: ['spec', 'localPref'],
          // Where internal peers get it, that was most likely meant, and the others are a side effect.
          ...(mixed ? { severity: 'info' as const } : {}),
          message:
            `localPref ${advertisement.localPref} is not sent to ${names}: ${external.length === 1 ? 'that peer is' : 'those peers are'} external (eBGP), ` +
            'and LOCAL_PREF is for internal peers only (RFC 4271 section 5.1.5)' +
            (communities.length > 0
              ? `; the routes carry ${communities.slice(0, 3).join(' ')}${communities.length > 3 ? ' …' : ''}, by which the router can set it`
              : ''),
        },
      ];
    }),
};
