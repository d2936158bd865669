/** A path that ends at the border of the routers' AS (NO_EXPORT, RFC 1997). */

import { bgp, manifest, peer } from '../example.ts';
import { originOf, pathOfCommunity } from '../reference.ts';
import type { LintRule } from '../rule.ts';

const NO_EXPORT = 0xffff_ff01;

export const noExport: LintRule = {
  name: 'no-export',
  severity: 'info',
  help: "Fine for a Service that is used inside the routers' AS only; remove the community where a neighbouring AS is to learn the route.",
  summary: "a path carries no-export, so it stays inside the routers' AS",
  why: `A router keeps a route with NO_EXPORT (RFC 1997) inside its own AS. That is right for a Service that is used there only; a Service that
another AS, or the Internet, is to reach stays unreachable from there.`,
  fires: [manifest(peer('router-a', 'peerAddress: 10.0.0.1'), bgp('public', 'communities: [no-export]'))],
  silent: [manifest(peer('router-a', 'peerAddress: 10.0.0.1'), bgp('public', "communities: ['64512:100']"))],
  check: (plan, objects) =>
    plan.snapshot.config.bgpAdvertisements
      .filter((advertisement) => advertisement.communities.includes(NO_EXPORT))
      .map((advertisement) => ({
        object: { kind: 'BGPAdvertisement', name: advertisement.name },
        path: pathOfCommunity(advertisement.name, NO_EXPORT, plan, objects),
        message: `the routes carry no-export, 65535:65281${originOf(NO_EXPORT, plan.snapshot.communities)}: they stay inside the routers' AS`,
      })),
};
