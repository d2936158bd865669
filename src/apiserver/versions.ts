/**
 * An object in the form of a version in which it is served: under that version's name, without what its schema does not have, and with its defaults.
 *
 * Kubernetes does this when it reads from etcd. Hence a field that a definition gets with a default is there at once, and what only a newer version has
 * is not shown by an older one.
 */
import { sameJson } from './json.ts';
import { apiVersionOf } from './registry.ts';
import type { ApiObject, Json, ResourceDefinition, Validator, VersionDefinition } from './types.ts';

export class Versions {
  readonly #validator: Validator;
  /** What came out, as long as the object is held; the object itself where nothing differs, which is the rule. */
  readonly #known = new WeakMap<ApiObject, Map<Json, ApiObject>>();

  constructor(validator: Validator) {
    this.#validator = validator;
  }

  /** @param object - as it is stored */
  read(definition: ResourceDefinition, version: VersionDefinition, object: ApiObject): ApiObject {
    const { schema } = version;
    return asVersion(schema === null ? object : this.#prepared(schema, object), definition.group, version.name);
  }

  #prepared(schema: Json, object: ApiObject): ApiObject {
    const known = this.#known.get(object) ?? new Map<Json, ApiObject>();
    const before = known.get(schema);
    if (before !== undefined) return before;
    const prepared = this.#validator.prepare(schema, object).object;
    const result = sameJson(prepared, object) ? object : prepared;
    this.#known.set(object, known.set(schema, result));
    return result;
  }
}

/** The object under another version's name, with all that it has. */
export const asVersion = (object: ApiObject, group: string, version: string): ApiObject => {
  const apiVersion = apiVersionOf(group, version);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
};
