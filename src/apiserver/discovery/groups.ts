/** The API groups and their versions, as they follow from the resources that are served. */
import type { ResourceDefinition, VersionDefinition } from '../types.ts';

/** A resource in one of its versions. */
export interface ServedResource {
  readonly definition: ResourceDefinition;
  readonly version: VersionDefinition;
}

export interface GroupVersion {
  readonly name: string;
  readonly resources: readonly ServedResource[];
}

export interface Group {
  /** Empty for the core group. */
  readonly name: string;
  /** The preferred one first. */
  readonly versions: readonly GroupVersion[];
}

export function groupsOf(definitions: readonly ResourceDefinition[]): readonly Group[] {
  const groups = new Map<string, Map<string, ServedResource[]>>();
  for (const definition of definitions)
    for (const version of definition.versions) {
      if (!version.served) continue;
      const versions = groups.get(definition.group) ?? new Map<string, ServedResource[]>();
      groups.set(definition.group, versions);
      const resources = versions.get(version.name) ?? [];
      versions.set(version.name, [...resources, { definition, version }]);
    }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions]
      .map(([version, resources]) => ({ name: version, resources: [...resources].sort(byPlural) }))
      .sort((a, b) => compareVersions(a.name, b.name)),
  }));
}

const byPlural = (a: ServedResource, b: ServedResource): number =>
  a.definition.plural < b.definition.plural ? -1 : a.definition.plural > b.definition.plural ? 1 : 0;

/** Stable before beta before alpha, the higher number first, any other name last (apimachinery: version.CompareKubeAwareVersionStrings). */
export function compareVersions(a: string, b: string): number {
  const rank = (name: string): readonly [number, number, number] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name);
    if (match === null) return [0, 0, 0];
    const [, major, stage, minor = '0'] = match;
    return [stage === undefined ? 3 : stage === 'beta' ? 2 : 1, Number(major), Number(minor)];
  };
  const [left, right] = [rank(a), rank(b)];
  return right[0] - left[0] || right[1] - left[1] || right[2] - left[2] || (a < b ? -1 : a > b ? 1 : 0);
}
