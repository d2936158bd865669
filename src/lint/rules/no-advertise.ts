/** A path whose router may tell nobody of it, as the guide's backup path (NO_ADVERTISE, RFC 1997). */

import { bgp, manifest, peer } from '../example.ts';
import { originOf, pathOfCommunity } from '../reference.ts';
import type { LintRule } from '../rule.ts';

const NO_ADVERTISE = 0xffff_ff02;

export const noAdvertise: LintRule = {
  name: 'no-advertise',
  severity: 'warning',
  help: 'Remove the community unless each of these routers is the only one that is to use the route: for a backup path send an ordinary community and let the router lower its preference.',
  summary: 'a path carries no-advertise, so its router tells nobody of it',
  why: `A router that gets a route with NO_ADVERTISE (RFC 1997) uses it and tells no other router, not even one of its own AS. On a backup path that
is the opposite of what is wanted: when the primary path fails, the other routers have never heard of the backup.`,
  fires: [manifest(peer('router-b', 'peerAddress: 10.0.0.2'), bgp('backup', 'communities: [no-advertise]'))],
  silent: [manifest(peer('router-b', 'peerAddress: 10.0.0.2'), bgp('backup', "communities: ['64512:50']"))],
  check: (plan, objects) =>
    plan.snapshot.config.bgpAdvertisements
      .filter((advertisement) => advertisement.communities.includes(NO_ADVERTISE))
      .map((advertisement) => ({
        object: { kind: 'BGPAdvertisement', name: advertisement.name },
        path: pathOfCommunity(advertisement.name, NO_ADVERTISE, plan, objects),
        message:
          `the routes carry no-advertise, 65535:65282${originOf(NO_ADVERTISE, plan.snapshot.communities)}: a router that gets them tells no other router, not even one of its own AS, ` +
          'so nobody else can fall back on this path',
      })),
};
