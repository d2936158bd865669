/** Discovery in its first form: a document per group and version (metav1: APIVersions, APIGroupList, APIGroup, APIResourceList). */
import { apiVersionOf } from '../registry.ts';
import type { Json } from '../types.ts';
import type { Group, GroupVersion, ServedResource } from './groups.ts';

/** `/api`. @param host - where the server was asked */
export const apiVersions = (core: Group | undefined, host: string): Json => ({
  kind: 'APIVersions',
  versions: core?.versions.map(({ name }) => name) ?? [],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }],
});

/** `/apis`: all groups but the core one. */
export const apiGroupList = (groups: readonly Group[]): Json => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.filter(({ name }) => name !== '').map(groupOf),
});

/** `/apis/GROUP`. */
export const apiGroup = (group: Group): Json => ({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) });

function groupOf(group: Group): Json {
  const versions = group.versions.map(({ name }) => ({ groupVersion: apiVersionOf(group.name, name), version: name }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

/** `/api/VERSION`, `/apis/GROUP/VERSION`. */
export const apiResourceList = (group: Group, version: GroupVersion): Json => ({
  kind: 'APIResourceList',
  ...(group.name === '' ? {} : { apiVersion: 'v1' }),
  groupVersion: apiVersionOf(group.name, version.name),
  resources: version.resources.flatMap(entriesOf),
});

/** Verbs of a subresource that is read and written. */
const VERBS = ['get', 'patch', 'update'];

/** A resource and its subresources. */
function entriesOf({ definition, version }: ServedResource): readonly Json[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = definition;
  const sub = (name: string, entry: Json): Json => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...entry,
  });
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length === 0 ? {} : { shortNames }),
      ...(categories.length === 0 ? {} : { categories }),
    },
    ...definition.otherSubresources.map((other) => sub(other.name, { kind: other.kind, verbs: other.verbs })),
    ...(version.subresources.scale === null
      ? []
      : [sub('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: VERBS })]),
    ...(version.subresources.status ? [sub('status', { kind, verbs: VERBS })] : []),
  ];
}
