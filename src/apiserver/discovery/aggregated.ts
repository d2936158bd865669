/** Discovery in its second form: all of it in one answer (apidiscovery.k8s.io, APIGroupDiscoveryList). */
import type { Json } from '../types.ts';
import type { Group, ServedResource } from './groups.ts';

/** @param version - of apidiscovery.k8s.io: v2, or v2beta1, which has the same form */
export const aggregatedDiscovery = (groups: readonly Group[], version: string): Json => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: groups.map((group) => ({
    metadata: { ...(group.name === '' ? {} : { name: group.name }), creationTimestamp: null },
    versions: group.versions.map(({ name, resources }) => ({
      version: name,
      resources: resources.map(resourceOf),
      freshness: 'Current',
    })),
  })),
});

const VERBS = ['get', 'patch', 'update'];

function resourceOf({ definition, version }: ServedResource): Json {
  const kindOf = (kind: string, group = definition.group, of = version.name): Json => ({ group, version: of, kind });
  const subresources = [
    ...definition.otherSubresources.map(({ name, kind, verbs }) => ({
      subresource: name,
      responseKind: kindOf(kind),
      verbs,
    })),
    ...(version.subresources.scale === null
      ? []
      : [{ subresource: 'scale', responseKind: kindOf('Scale', 'autoscaling', 'v1'), verbs: VERBS }]),
    ...(version.subresources.status
      ? [{ subresource: 'status', responseKind: kindOf(definition.kind), verbs: VERBS }]
      : []),
  ];
  return {
    resource: definition.plural,
    responseKind: kindOf(definition.kind),
    scope: definition.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular,
    verbs: definition.verbs,
    ...(definition.shortNames.length === 0 ? {} : { shortNames: definition.shortNames }),
    ...(definition.categories.length === 0 ? {} : { categories: definition.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}
