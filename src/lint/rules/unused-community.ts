/** A Community of which no advertisement sends a value. */

import { formatCommunity, formatLargeCommunity } from '../../bgp/route.ts';
import type { CommunityValue } from '../../config/community.ts';
import { bgp, manifest, metallb } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';

export const unusedCommunity: LintRule = {
  name: 'unused-community',
  severity: 'info',
  help: 'Name it, or one of its aliases, in spec.communities of a BGPAdvertisement, or remove it.',
  summary: 'no advertisement sends a value of a Community',
  why: `A Community only gives names to values: a BGPAdvertisement has to name it, or one of its aliases. Where none does, the routers' policies wait for a community that
never comes.`,
  fires: [
    manifest(
      metallb('Community', 'environments', 'communities: [{ name: prod, value: "64512:1000" }]'),
      bgp('web', "communities: ['64512:1']"),
    ),
  ],
  silent: [
    manifest(
      metallb('Community', 'environments', 'communities: [{ name: prod, value: "64512:1000" }]'),
      bgp('web', 'communities: [prod]'),
    ),
  ],
  check: (plan) => {
    const { config, communities = [] } = plan.snapshot;
    // An advertisement that was left out for its errors may be the one that uses it.
    if (leftOut(plan, 'BGPAdvertisement').size > 0) return [];
    // By value: names are resolved by now. A value that comes from elsewhere as well counts as used.
    const sent = new Set(
      config.bgpAdvertisements.flatMap((one) => [...one.communities, ...one.largeCommunities].map(textOf)),
    );
    return communities
      .filter(({ aliases }) => !aliases.some(({ value }) => sent.has(textOf(value))))
      .map(({ name }) => ({
        object: { kind: 'Community', name },
        path: [],
        message: `no BGPAdvertisement sends a community of "${name}"`,
      }));
  },
};

const textOf = (value: CommunityValue): string =>
  typeof value === 'number' ? formatCommunity(value) : formatLargeCommunity(value);
