/** Which objects of a resource a request is about: a namespace, labels and fields. */
import type { ApiObject, ResourceDefinition, VersionDefinition } from '../types.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';

export interface Selection {
  /** Of keys: a namespace with its slash, or empty. */
  readonly prefix: string;
  /** Whether everything with that prefix is selected. */
  readonly all: boolean;
  matches(object: ApiObject): boolean;
}

/** @throws ApiError 400 for a selector that is none */
export function selectionOf(
  query: URLSearchParams,
  definition: ResourceDefinition,
  version: VersionDefinition,
  namespace: string,
): Selection {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const labels = parseLabelSelector(labelText);
  const fields = parseFieldSelector(fieldText, definition, version);
  return {
    prefix: namespace === '' ? '' : `${namespace}/`,
    all: labelText === '' && fieldText === '',
    matches: (object) => labels(object.metadata.labels) && fields.matches(object),
  };
}
