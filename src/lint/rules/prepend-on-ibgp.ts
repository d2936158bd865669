/** asPathPrepend towards internal peers, who never get it: the counterpart of localPref towards external ones. */
import { sessionTypeOf } from '../../config/peer.ts';
import { bgp, manifest, peer, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { peersReached } from '../scope.ts';
import { few } from '../words.ts';

export const prependOnIbgp: LintRule = {
  name: 'prepend-on-ibgp',
  severity: 'warning',
  help: 'Use localPref towards internal peers: the higher one is preferred.',
  summary: 'asPathPrepend is set towards an internal peer, which never gets it',
  why: `Inside an AS the AS path is passed on as it is (RFC 4271 section 5.1.2): our AS number is put in front towards external peers only, and so are its repetitions. Towards an internal peer the path stays as short as every other.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'myASN: 64512\npeerAddress: 10.0.0.1'),
      bgp('backup', 'asPathPrepend: 3'),
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      peer('router-a', 'peerAddress: 10.0.0.1'),
      bgp('backup', 'asPathPrepend: 3'),
    ),
  ],
  check: ({ snapshot: { config } }) =>
    config.bgpAdvertisements.flatMap((advertisement) => {
      if (advertisement.asPathPrepend === 0) return [];
      const reached = peersReached(advertisement.peers, config.peers);
      const internal = reached.filter((one) => sessionTypeOf(one) === 'internal').map(({ name }) => name);
      if (internal.length === 0) return [];
      return [
        {
          object: { kind: 'BGPAdvertisement', name: advertisement.name },
          path: ['spec', 'asPathPrepend'],
          // Where external peers get it, that was most likely meant.
          ...(internal.length < reached.length ? { severity: 'info' as const } : {}),
          message: `the path is not made longer for ${few(internal)}: ${internal.length === 1 ? 'that peer is' : 'those peers are'} internal (iBGP)`,
        },
      ];
    }),
};
