/** Node selectors that select no node, of peers and advertisements. */
import { nodeSelectorsMatch, type Selector, selectorMatches } from '../../config/selector.ts';
import type { Plan } from '../../plan/plan.ts';
import { bgp, manifest, node, peer } from '../example.ts';
import type { LintRule, RuleFinding } from '../rule.ts';
import { selectorText, slipIn } from '../selectors.ts';

export const nodeSelectorMatchesNothing: LintRule = {
  name: 'node-selector-matches-nothing',
  severity: 'warning',
  help: 'Correct the label or its value, or label the nodes (kubectl label node).',
  summary: 'nodeSelectors select no node',
  why: `A peer that selects no node has no session, and an advertisement that selects none announces nothing; neither is refused. Labels are easily misspelt, and the labels of nodes change when nodes are made anew. Where other selectors of the same list
still match, it is an info. Needs Nodes in the input.`,
  fires: [
    manifest(
      peer('router-a', 'peerAddress: 10.0.0.1\nnodeSelectors: [{ matchLabels: { rac: a } }]'),
      node('node1', '10.0.0.11', 'rack: a'),
    ),
    manifest(bgp('web', 'nodeSelectors: [{ matchLabels: { rack: b } }]'), node('node1', '10.0.0.11', 'rack: a')),
  ],
  silent: [
    manifest(
      peer('router-a', 'peerAddress: 10.0.0.1\nnodeSelectors: [{ matchLabels: { rack: a } }]'),
      bgp('web', 'nodeSelectors: [{ matchLabels: { rack: a } }]'),
      node('node1', '10.0.0.11', 'rack: a'),
    ),
  ],
  check: (plan) => {
    const { config, nodes } = plan.snapshot;
    if (nodes.length === 0) return [];
    return [
      ...config.peers.flatMap((one) => {
        const policy = one.nodeSelectorsPolicy ?? plan.options.nodeSelectors;
        const selected = nodes.some(({ labels }) => nodeSelectorsMatch(one.nodeSelectors, policy, labels));
        const matches = one.nodeSelectors.some((selector) =>
          nodes.some(({ labels }) => selectorMatches(selector, labels)),
        );
        // Where each for itself matches and all together do not: node-selectors-all-any, unless the peer says that it means all.
        if (!selected && matches && policy === 'All' && one.nodeSelectorsPolicy === null) return [];
        return findingsOf(
          { kind: 'BGPPeer', name: one.name },
          one.nodeSelectors,
          !selected,
          'the peer has no session',
          plan,
        );
      }),
      ...config.bgpAdvertisements.flatMap(({ name, nodeSelectors }) =>
        advertisement('BGPAdvertisement', name, nodeSelectors, plan),
      ),
      ...config.l2Advertisements.flatMap(({ name, nodeSelectors }) =>
        advertisement('L2Advertisement', name, nodeSelectors, plan),
      ),
    ];
  },
};

function advertisement(kind: string, name: string, selectors: readonly Selector[], plan: Plan): readonly RuleFinding[] {
  const selected =
    selectors.length === 0 ||
    plan.snapshot.nodes.some(({ labels }) => selectors.some((selector) => selectorMatches(selector, labels)));
  return findingsOf({ kind, name }, selectors, !selected, 'the advertisement announces nothing', plan);
}

/** @param none - whether the list as a whole selects nothing. */
function findingsOf(
  object: { readonly kind: string; readonly name: string },
  selectors: readonly Selector[],
  none: boolean,
  consequence: string,
  { snapshot: { nodes } }: Plan,
): readonly RuleFinding[] {
  const all = nodes.map(({ labels }) => labels);
  const vain = [...selectors.keys()].filter((i) => {
    const selector = selectors[i];
    return selector !== undefined && !all.some((labels) => selectorMatches(selector, labels));
  });
  if (none && vain.length === 0)
    return [
      {
        object,
        path: ['spec', 'nodeSelectors'],
        message: `no Node matches all ${selectors.length} selectors: ${consequence}`,
      },
    ];
  return vain.map((i) => {
    const selector = selectors[i] ?? { requirements: [] };
    return {
      object,
      path: ['spec', 'nodeSelectors', i],
      ...(none ? {} : { severity: 'info' as const }),
      message: `no Node matches ${selectorText(selector)}${slipIn(selector, all, 'Node')}${none ? `: ${consequence}` : ''}`,
    };
  });
}
