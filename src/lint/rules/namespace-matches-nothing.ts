/** Namespaces that a pool is for, and that do not exist. */
import { selectorMatches } from '../../config/selector.ts';
import { manifest, pool } from '../example.ts';
import { alternatives } from '../reference.ts';
import type { LintRule } from '../rule.ts';
import { selectorText, slipIn } from '../selectors.ts';

const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { team: shop } }\n';

export const namespaceMatchesNothing: LintRule = {
  name: 'namespace-matches-nothing',
  severity: 'warning',
  help: 'Correct the name, the label or its value, or create the Namespace.',
  summary: 'a pool is for namespaces that do not exist',
  why: `A pool whose serviceAllocation names no existing namespace gives out nothing. (MetalLB drops the restriction where namespaceSelectors match nothing, and so gives the addresses to everybody; metallb-ts does not.) Needs Namespaces in the input.`,
  fires: [
    manifest(pool('web', 'addresses: [192.0.2.0/24]\nserviceAllocation: { namespaces: [shopp] }'), NAMESPACE),
    manifest(
      pool(
        'web',
        'addresses: [192.0.2.0/24]\nserviceAllocation: { namespaceSelectors: [{ matchLabels: { team: web } }] }',
      ),
      NAMESPACE,
    ),
  ],
  silent: [
    manifest(
      pool(
        'web',
        'addresses: [192.0.2.0/24]\nserviceAllocation: { namespaces: [shop], namespaceSelectors: [{ matchLabels: { team: shop } }] }',
      ),
      NAMESPACE,
    ),
  ],
  check: ({ snapshot: { config, namespaces, services } }) => {
    if (namespaces.size === 0) return [];
    const known = new Set([...namespaces.keys(), ...services.map(({ namespace }) => namespace)]);
    const insteadOf = alternatives([...known].sort());
    // The API server puts this label on every namespace.
    const all = [...known].map((name) => ({ ...namespaces.get(name), 'kubernetes.io/metadata.name': name }));
    return config.pools.flatMap(({ name, serviceAllocation }) => {
      if (serviceAllocation === null) return [];
      const object = { kind: 'IPAddressPool', name };
      const path = ['spec', 'serviceAllocation'];
      return [
        ...serviceAllocation.namespaces.flatMap((one, i) =>
          known.has(one)
            ? []
            : [
                {
                  object,
                  path: [...path, 'namespaces', i],
                  message: `there is no Namespace "${one}" (${insteadOf(one)})`,
                },
              ],
        ),
        ...serviceAllocation.namespaceSelectors.flatMap((selector, i) =>
          all.some((labels) => selectorMatches(selector, labels))
            ? []
            : [
                {
                  object,
                  path: [...path, 'namespaceSelectors', i],
                  message: `no Namespace matches ${selectorText(selector)}${slipIn(selector, all, 'Namespace')}`,
                },
              ],
        ),
      ];
    });
  },
};
