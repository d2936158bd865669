/**
 * Field selectors (`metadata.name=x,spec.type!=ClusterIP`): equality of a few fields, which each resource names
 * (apimachinery: fields.ParseSelector; the fields of built-in kinds: pkg/apis/core/v1/conversion.go).
 */
import { valueAt } from '../json.ts';
import { badRequest } from '../status.ts';
import type { ApiObject, ResourceDefinition, VersionDefinition } from '../types.ts';

/** A parsed selector; `name` is what `metadata.name=` asks for, so that one object needs no search. */
export interface FieldSelector {
  readonly name: string | undefined;
  matches(object: ApiObject): boolean;
}

interface Term {
  readonly field: string;
  readonly value: string;
  readonly equal: boolean;
}

/** Fields whose absence means false. */
const FALSE_WHEN_ABSENT = ['spec.unschedulable', 'spec.hostNetwork'];

/** @throws ApiError 400 where the text is no selector, or names a field that may not be selected by */
export function parseFieldSelector(
  text: string,
  definition: ResourceDefinition,
  version: VersionDefinition,
): FieldSelector {
  const terms = split(text).map((part) => parseTerm(part, text));
  for (const { field } of terms) check(field, definition, version);
  return {
    name: terms.find(({ field, equal }) => field === 'metadata.name' && equal)?.value,
    matches: (object) => terms.every(({ field, value, equal }) => (fieldText(object, field) === value) === equal),
  };
}

function check(field: string, definition: ResourceDefinition, version: VersionDefinition): void {
  if (field === 'metadata.name') return;
  if (field === 'metadata.namespace' && (definition.namespaced || definition.source === 'built-in')) return;
  if (version.selectableFields.includes(`.${field}`)) return;
  throw badRequest(
    definition.source === 'built-in' && version.selectableFields.length === 0
      ? `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
      : `field label not supported: ${field}`,
  );
}

/** The text of a field's value; empty where there is none. */
function fieldText(object: ApiObject, field: string): string {
  // An event's source is selected by its component.
  const path = field === 'source' ? 'source.component' : field;
  const value = valueAt(object, ...path.split('.'));
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return FALSE_WHEN_ABSENT.includes(field) ? 'false' : '';
}

function parseTerm(part: string, whole: string): Term {
  const match = /^((?:\\.|[^\\=!])*?)(!=|==|=)(.*)$/s.exec(part);
  if (match === null)
    throw badRequest(`invalid selector: ${JSON.stringify(whole)}; can't understand ${JSON.stringify(part)}`);
  const [, field, operator, value] = match as unknown as [string, string, string, string];
  return { field: field.trim(), value: unescaped(value.trim(), whole), equal: operator !== '!=' };
}

/** `\\`, `\,` and `\=`: nothing else may be escaped, and `=` not stand unescaped. */
function unescaped(value: string, whole: string): string {
  if (!/^(?:\\[\\,=]|[^\\,=])*$/s.test(value)) throw badRequest(`invalid field selector: ${JSON.stringify(whole)}`);
  return value.replace(/\\([\\,=])/g, '$1');
}

function split(text: string): readonly string[] {
  const parts = text.match(/(?:\\.|[^\\,])+/gs) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
