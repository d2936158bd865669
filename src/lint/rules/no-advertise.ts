/** A path whose router may tell nobody of it, as the guide's backup path (NO_ADVERTISE, RFC 1997). */
import { originOf } from '../reference.ts';
import type { LintRule } from '../rule.ts';

const NO_ADVERTISE = 0xffff_ff02;

export const noAdvertise: LintRule = {
  name: 'no-advertise',
  severity: 'warning',
  help: 'Remove the community unless each of these routers is the only one that is to use the route: for a backup path send an ordinary community and let the router lower its preference.',
  check: ({ snapshot: { config, communities } }) =>
    config.bgpAdvertisements
      .filter((advertisement) => advertisement.communities.includes(NO_ADVERTISE))
      .map((advertisement) => ({
        object: { kind: 'BGPAdvertisement', name: advertisement.name },
        path: ['spec', 'communities'],
        message:
          `the routes carry no-advertise, 65535:65282${originOf(NO_ADVERTISE, communities)}: a router that gets them tells no other router, not even one of its own AS, ` +
          'so nobody else can fall back on this path',
      })),
};
