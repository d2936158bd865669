/** Pool selectors that select no pool. */
import { selectorMatches } from '../../config/selector.ts';
import { bgp, manifest, pool } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';
import { selectorText, slipIn } from '../selectors.ts';

const LABELLED = pool('web', 'addresses: [192.0.2.0/24]').replace(
  'namespace: metallb-system }',
  'namespace: metallb-system, labels: { tier: web } }',
);

export const poolSelectorMatchesNothing: LintRule = {
  name: 'pool-selector-matches-nothing',
  severity: 'warning',
  help: 'Correct the label or its value, or label the pool.',
  summary: 'ipAddressPoolSelectors select no pool',
  why: `An advertisement with selectors that match nothing is for no pool: it does not fall back on all pools. The labels are those of the IPAddressPool object, not of Services.`,
  fires: [manifest(LABELLED, bgp('web', 'ipAddressPoolSelectors: [{ matchLabels: { teir: web } }]'))],
  silent: [manifest(LABELLED, bgp('web', 'ipAddressPoolSelectors: [{ matchLabels: { tier: web } }]'))],
  check: (plan) => {
    const { pools, bgpAdvertisements, l2Advertisements } = plan.snapshot.config;
    if (leftOut(plan, 'IPAddressPool').size > 0) return [];
    const all = pools.map(({ labels }) => labels);
    return [
      ...bgpAdvertisements.map((one) => ({ kind: 'BGPAdvertisement', one })),
      ...l2Advertisements.map((one) => ({ kind: 'L2Advertisement', one })),
    ].flatMap(({ kind, one }) =>
      one.ipAddressPoolSelectors.flatMap((selector, i) =>
        all.some((labels) => selectorMatches(selector, labels))
          ? []
          : [
              {
                object: { kind, name: one.name },
                path: ['spec', 'ipAddressPoolSelectors', i],
                message: `no IPAddressPool matches ${selectorText(selector)}${slipIn(selector, all, 'IPAddressPool')}`,
              },
            ],
      ),
    );
  },
};
