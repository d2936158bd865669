/** Service selectors, of advertisements and pools, that no Service matches. */
import { type Selector, selectorMatches } from '../../config/selector.ts';
import { bgp, manifest, service } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule, RuleFinding } from '../rule.ts';
import { handledServices } from '../scope.ts';
import { selectorText, slipIn } from '../selectors.ts';

const LABELLED = service('shop').replace('namespace: default', 'namespace: default\n  labels: { tier: gold }');

export const serviceSelectorMatchesNothing: LintRule = {
  name: 'service-selector-matches-nothing',
  severity: 'info',
  help: 'Correct the label or its value, or label the Services; if they come later, nothing is to be done.',
  summary: 'serviceSelectors match none of the Services that are given',
  why: `They look at the labels of the Service object, not at those of its Pods, which are often others. Services come and go, so it is an info. Needs Services of type LoadBalancer in the input.`,
  fires: [manifest(LABELLED, bgp('gold', 'serviceSelectors: [{ matchLabels: { teir: gold } }]'))],
  silent: [manifest(LABELLED, bgp('gold', 'serviceSelectors: [{ matchLabels: { tier: gold } }]'))],
  check: (plan) => {
    const { pools, bgpAdvertisements, l2Advertisements } = plan.snapshot.config;
    const all = handledServices(plan).map(({ labels }) => labels);
    if (all.length === 0 || leftOut(plan, 'Service').size > 0) return [];
    const of = (
      kind: string,
      name: string,
      selectors: readonly Selector[],
      path: readonly string[],
    ): readonly RuleFinding[] =>
      selectors.flatMap((selector, i) =>
        all.some((labels) => selectorMatches(selector, labels))
          ? []
          : [
              {
                object: { kind, name },
                path: [...path, 'serviceSelectors', i],
                message: `no Service of type LoadBalancer matches ${selectorText(selector)}${slipIn(selector, all, 'of them')}`,
              },
            ],
      );
    return [
      ...pools.flatMap(({ name, serviceAllocation }) =>
        of('IPAddressPool', name, serviceAllocation?.serviceSelectors ?? [], ['spec', 'serviceAllocation']),
      ),
      ...bgpAdvertisements.flatMap(({ name, serviceSelectors }) =>
        of('BGPAdvertisement', name, serviceSelectors, ['spec']),
      ),
      ...l2Advertisements.flatMap(({ name, serviceSelectors }) =>
        of('L2Advertisement', name, serviceSelectors, ['spec']),
      ),
    ];
  },
};
