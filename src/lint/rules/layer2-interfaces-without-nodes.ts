/** Interfaces of an L2Advertisement, which do not influence which node answers. */
import { layer2, manifest, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { few } from '../words.ts';

export const layer2InterfacesWithoutNodes: LintRule = {
  name: 'layer2-interfaces-without-nodes',
  severity: 'info',
  help: 'Add nodeSelectors that select the nodes which have the interfaces; if all have them, nothing is to be done.',
  summary: 'an L2Advertisement names interfaces, but not the nodes that have them',
  why: `Which node answers for an address is decided without looking at its interfaces, as in MetalLB. If that node has none of the interfaces, nobody answers, and the Service is unreachable although other nodes could serve it.`,
  fires: [manifest(pool('lan', 'addresses: [10.0.0.100-10.0.0.199]'), layer2('lan', 'interfaces: [ens19]'))],
  silent: [
    manifest(
      pool('lan', 'addresses: [10.0.0.100-10.0.0.199]'),
      layer2('lan', 'interfaces: [ens19]\nnodeSelectors: [{ matchLabels: { nic: second } }]'),
    ),
  ],
  check: ({ snapshot: { config, nodes } }) =>
    nodes.length === 1
      ? []
      : config.l2Advertisements
          .filter(({ interfaces, nodeSelectors }) => interfaces.length > 0 && nodeSelectors.length === 0)
          .map(({ name, interfaces }) => ({
            object: { kind: 'L2Advertisement', name },
            path: ['spec', 'interfaces'],
            message: `any node may be the one that answers, also one without ${few(interfaces)}; then nobody answers`,
          })),
};
