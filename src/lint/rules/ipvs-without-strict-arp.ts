/** kube-proxy in IPVS mode, which answers ARP for every Service on every node. */
import { layer2, manifest, pool } from '../example.ts';
import { textAt } from '../objects.ts';
import type { LintRule } from '../rule.ts';

const proxy = (strictArp: boolean): string => `apiVersion: v1
kind: ConfigMap
metadata: { name: kube-proxy, namespace: kube-system }
data:
  config.conf: |
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    kind: KubeProxyConfiguration
    mode: ipvs
    ipvs:
      strictARP: ${strictArp}
`;
const LAN = manifest(pool('lan', 'addresses: [10.0.0.100-10.0.0.199]'), layer2('lan', 'ipAddressPools: [lan]'));

export const ipvsWithoutStrictArp: LintRule = {
  name: 'ipvs-without-strict-arp',
  severity: 'warning',
  help: 'Set ipvs.strictARP: true in the ConfigMap kube-proxy and restart kube-proxy.',
  summary: 'kube-proxy runs in IPVS mode without strictARP beside layer 2',
  why: `In IPVS mode every node has every Service's address on an interface (kube-ipvs0), and Linux answers ARP for it from each of them unless strictARP is set. Clients then reach whichever node was the quickest, past the one that layer 2 has chosen.`,
  fires: [manifest(LAN, proxy(false))],
  silent: [manifest(LAN, proxy(true))],
  check: ({ snapshot: { config } }, objects) => {
    const map = objects.get('ConfigMap', 'kube-system', 'kube-proxy');
    const text = map === undefined ? undefined : textAt(map.body, 'data', 'config.conf');
    if (config.l2Advertisements.length === 0 || text === undefined) return [];
    if (!/^\s*mode:\s*["']?ipvs["']?\s*$/m.test(text) || /^\s*strictARP:\s*true\s*$/m.test(text)) return [];
    return [
      {
        object: { kind: 'ConfigMap', namespace: 'kube-system', name: 'kube-proxy' },
        path: ['data', 'config.conf'],
        message: 'kube-proxy is in IPVS mode without strictARP: every node answers ARP for every address of layer 2',
      },
    ];
  },
};
