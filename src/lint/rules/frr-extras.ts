/** The ConfigMap with which MetalLB's FRR mode takes raw lines for frr.conf. */

import { textAt } from '../objects.ts';
import type { LintRule } from '../rule.ts';

export const frrExtras: LintRule = {
  name: 'frr-extras',
  severity: 'warning',
  help: 'Say it with fields of BGPPeer and BGPAdvertisement where they have it (timers, asPathPrepend, med, communities); what is left needs a routing daemon of its own on the nodes.',
  summary: 'the ConfigMap bgpextras has raw FRR configuration, which cannot carry over',
  why: `In MetalLB's FRR mode the text under "extras" goes into frr.conf as it stands. There is no FRR here: route maps, prefixes to accept, neighbours' options that it sets are gone without it.`,
  fires: [
    `apiVersion: v1
kind: ConfigMap
metadata: { name: bgpextras, namespace: metallb-system }
data:
  extras: |
    router bgp 64513
      neighbor 10.0.0.1 allowas-in
`,
  ],
  silent: [
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bgpextras, namespace: metallb-system }\ndata: { extras: "" }\n',
  ],
  check: ({ options: { namespace } }, objects) => {
    const map = objects.get('ConfigMap', namespace, 'bgpextras');
    if (map === undefined || (textAt(map.body, 'data', 'extras') ?? '').trim() === '') return [];
    return [
      {
        object: { kind: 'ConfigMap', namespace, name: 'bgpextras' },
        path: ['data', 'extras'],
        message: 'raw FRR configuration has no effect: there is no FRR here that could read it',
      },
    ];
  },
};
