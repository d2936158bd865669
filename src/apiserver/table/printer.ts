/**
 * Tables: what `kubectl get` prints, made by the server so that kubectl needs to know no kind (meta.k8s.io Table). Columns for `-o wide` are always
 * there, marked by their priority.
 */
import type { ApiObject, Json, TableOptions, TablePrinter } from '../types.ts';
import { builtInLayout } from './built-in.ts';
import { customLayout } from './custom.ts';

export const tablePrinter: TablePrinter = {
  table(definition, version, objects, options) {
    const layout = definition.source === 'custom' ? customLayout(version) : builtInLayout(definition.kind);
    return {
      kind: 'Table',
      apiVersion: options.apiVersion,
      metadata: options.listMeta,
      columnDefinitions: options.columns ? layout.columns : null,
      rows: objects.map((object) => ({
        cells: layout.cells(object, options.nowMs),
        ...conditionsOf(definition.kind, object),
        object: shown(object, options),
      })),
    };
  },
};

function shown(object: ApiObject, { includeObject, apiVersion }: TableOptions): Json | null {
  switch (includeObject) {
    case 'None':
      return null;
    case 'Object':
      return object;
    case 'Metadata':
      return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata };
  }
}

/** Rows that are over, which some clients leave out. */
function conditionsOf(kind: string, object: ApiObject): Json {
  const { phase } = (object.status ?? {}) as Json;
  if (kind !== 'Pod' || (phase !== 'Succeeded' && phase !== 'Failed')) return {};
  return {
    conditions: [
      {
        type: 'Completed',
        status: 'True',
        reason: String(phase),
        message: phase === 'Failed' ? 'The pod failed.' : 'The pod has completed successfully.',
      },
    ],
  };
}
