/** A path that ends at the border of the routers' AS (NO_EXPORT, RFC 1997). */
import { originOf } from '../reference.ts';
import type { LintRule } from '../rule.ts';

const NO_EXPORT = 0xffff_ff01;

export const noExport: LintRule = {
  name: 'no-export',
  severity: 'info',
  help: "Fine for a Service that is used inside the routers' AS only; remove the community where a neighbouring AS is to learn the route.",
  check: ({ snapshot: { config, communities } }) =>
    config.bgpAdvertisements
      .filter((advertisement) => advertisement.communities.includes(NO_EXPORT))
      .map((advertisement) => ({
        object: { kind: 'BGPAdvertisement', name: advertisement.name },
        path: ['spec', 'communities'],
        message: `the routes carry no-export, 65535:65281${originOf(NO_EXPORT, communities)}: they stay inside the routers' AS`,
      })),
};
