/** The configuration of MetalLB before 0.13, in a ConfigMap. */

import { textAt } from '../objects.ts';
import type { LintRule } from '../rule.ts';

export const legacyConfigMap: LintRule = {
  name: 'legacy-config-map',
  severity: 'warning',
  help: "Write IPAddressPools, BGPPeers and advertisements in its place; MetalLB's configmaptocrs makes them of it.",
  summary: 'the ConfigMap config of MetalLB before 0.13 is not read',
  why: `Since MetalLB 0.13 the configuration is in objects of metallb.io. The ConfigMap stays in the cluster, looks like the configuration, and nothing reads it.`,
  fires: [
    `apiVersion: v1
kind: ConfigMap
metadata: { name: config, namespace: metallb-system }
data:
  config: |
    address-pools:
      - { name: web, protocol: bgp, addresses: [192.0.2.0/24] }
`,
  ],
  silent: [
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config, namespace: metallb-system }\ndata: { colour: blue }\n',
  ],
  check: ({ options: { namespace } }, objects) => {
    const map = objects.get('ConfigMap', namespace, 'config');
    const text = map === undefined ? undefined : textAt(map.body, 'data', 'config');
    if (text === undefined || !/^\s*(?:address-pools|peers|bgp-communities)\s*:/m.test(text)) return [];
    return [
      {
        object: { kind: 'ConfigMap', namespace, name: 'config' },
        path: ['data', 'config'],
        message: 'this is the configuration of MetalLB before 0.13: nothing reads it',
      },
    ];
  },
};
