/** The resources that are served: the built-in ones, and those that CustomResourceDefinition objects add while the server runs. */
import type { ResourceDefinition, ResourceSource, VersionDefinition } from './types.ts';

const keyOf = (group: string, plural: string): string => `${group}/${plural}`;

export class Registry implements ResourceSource {
  readonly #byName = new Map<string, ResourceDefinition>();
  #revision = 0;

  constructor(definitions: Iterable<ResourceDefinition> = []) {
    for (const definition of definitions) this.set(definition);
  }

  get revision(): number {
    return this.#revision;
  }

  list(): readonly ResourceDefinition[] {
    return [...this.#byName.values()];
  }

  get(group: string, plural: string): ResourceDefinition | undefined {
    return this.#byName.get(keyOf(group, plural));
  }

  /** The resource that is served under this version, if it is. */
  find(group: string, version: string, plural: string): ResourceDefinition | undefined {
    const definition = this.#byName.get(keyOf(group, plural));
    return definition !== undefined && servedVersion(definition, version) !== undefined ? definition : undefined;
  }

  findKind(group: string, kind: string): ResourceDefinition | undefined {
    return this.list().find((definition) => definition.group === group && definition.kind === kind);
  }

  /** Adds a resource, or changes it. */
  set(definition: ResourceDefinition): void {
    this.#byName.set(keyOf(definition.group, definition.plural), definition);
    this.#revision++;
  }

  remove(group: string, plural: string): void {
    if (this.#byName.delete(keyOf(group, plural))) this.#revision++;
  }
}

export const servedVersion = (definition: ResourceDefinition, version: string): VersionDefinition | undefined =>
  definition.versions.find(({ name, served }) => served && name === version);

/** `v1`, `metallb.io/v1beta1`. */
export const apiVersionOf = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;
