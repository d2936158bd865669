/** Objects and lists as a client wants them: whole, as the rows of a table, or their metadata alone. */

import type { Core } from '../core.ts';
import { apiVersionOf } from '../registry.ts';
import type { Representation } from '../request/options.ts';
import type { ApiObject, Json, ResourceDefinition, TableOptions, VersionDefinition } from '../types.ts';

/** What a request is about, and how its answer looks. */
export interface View {
  readonly definition: ResourceDefinition;
  readonly version: VersionDefinition;
  readonly as: Representation;
  readonly includeObject: TableOptions['includeObject'];
}

const partial = (object: ApiObject): Json => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
});

/** One object. @param columns - of a table: whether its head comes along */
export function represent(core: Core, view: View, object: ApiObject, columns = true): Json {
  const versioned = core.versions.read(view.definition, view.version, object);
  if (view.as.type === 'object') return versioned;
  if (view.as.type === 'metadata') return partial(versioned);
  const { resourceVersion } = object.metadata;
  return core.printer.table(view.definition, view.version, [versioned], {
    includeObject: view.includeObject,
    listMeta: { resourceVersion },
    nowMs: core.wallClock(),
    columns,
    apiVersion: view.as.apiVersion,
  });
}

/** A list. Items of built-in kinds do not repeat what they are, as in Kubernetes: clients must know it from the list. */
export function representList(core: Core, view: View, objects: readonly ApiObject[], listMeta: Json): Json {
  const { definition, version, as } = view;
  const versioned = objects.map((object) => core.versions.read(definition, version, object));
  if (as.type === 'table')
    return core.printer.table(definition, version, versioned, {
      includeObject: view.includeObject,
      listMeta,
      nowMs: core.wallClock(),
      columns: true,
      apiVersion: as.apiVersion,
    });
  if (as.type === 'metadata')
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: listMeta,
      items: versioned.map(partial),
    };
  return {
    kind: definition.listKind,
    apiVersion: apiVersionOf(definition.group, version.name),
    metadata: listMeta,
    items: definition.source === 'built-in' ? versioned.map(({ kind: _, apiVersion: __, ...rest }) => rest) : versioned,
  };
}
