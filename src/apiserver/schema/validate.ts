/**
 * Validation of a custom resource by its schema: everything that is wrong at once, in Kubernetes' words (apiextensions-apiserver:
 * pkg/apiserver/validation and pkg/apiserver/schema/listtype; the rules in CEL: rules-check.ts).
 *
 * An update is judged by what it changes: what was there before and stays as it was is let through, even where the schema has become stricter
 * meanwhile (CRDValidationRatcheting). Items of lists are compared by key in lists of type map, else by the whole list.
 */
import { isObject, sameJson } from '../json.ts';
import type { FieldError } from '../status.ts';
import { checkBounds } from './bounds.ts';
import { duplicated, missing, unplaced, unsupported, wrongType, wrongValue } from './errors.ts';
import { isOfFormat } from './formats.ts';
import { fieldPath, indexPath, keyPath } from './path.ts';
import type { SchemaNode } from './schema-node.ts';

/** What is wrong with a value by its schema, its list types and formats; rules not among it. */
export function checkValue(value: unknown, old: unknown, schema: SchemaNode, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  check(value, old, schema, path, errors);
  checkUnique(value, old, schema, path, errors);
  return errors;
}

function check(value: unknown, old: unknown, schema: SchemaNode, path: string, errors: FieldError[]): void {
  if (old !== undefined && sameJson(value, old)) return;
  const type = typeOf(value);
  if (!checkType(value, type, schema, path, errors)) return;
  if (value === null) return;
  if (schema.enum !== null && !schema.enum.some((entry) => sameJson(entry, value)))
    errors.push(unsupported(path, value, schema.enum));
  if (typeof value === 'string') checkText(value, schema, path, errors);
  checkBounds(value, schema, path, errors);
  checkJunctors(value, schema, path, errors);
  if (Array.isArray(value)) checkItems(value, old, schema, path, errors);
  else if (isObject(value)) {
    for (const name of schema.required) if (!Object.hasOwn(value, name)) errors.push(missing(fieldPath(path, name)));
    for (const [name, content] of Object.entries(value)) {
      const known = schema.properties.get(name) ?? schema.additional;
      if (known !== null) check(content, fieldOf(old, name), known, fieldPath(path, name), errors);
    }
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** The name of a value's type as JSON schema has it. */
export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkType(value: unknown, type: string, schema: SchemaNode, path: string, errors: FieldError[]): boolean {
  const wanted = schema.intOrString ? ['integer', 'string'] : schema.type === '' ? [] : [schema.type];
  if (wanted.length === 0 || wanted.includes(type) || (type === 'integer' && wanted.includes('number'))) return true;
  if (value === null && schema.nullable) return true;
  errors.push(wrongType(path, wanted.join(','), type));
  return false;
}

function checkText(value: string, schema: SchemaNode, path: string, errors: FieldError[]): void {
  if (schema.pattern !== null && !schema.pattern.regexp.test(value))
    errors.push(wrongValue(path, value, `should match '${schema.pattern.text}'`));
  if (schema.format !== '' && !isOfFormat(schema.format, value)) errors.push(wrongType(path, schema.format, value));
}

function checkItems(
  value: readonly unknown[],
  old: unknown,
  schema: SchemaNode,
  path: string,
  errors: FieldError[],
): void {
  if (schema.uniqueItems && value.some((item, i) => value.slice(0, i).some((other) => sameJson(item, other))))
    errors.push(wrongValue(path, value, "shouldn't contain duplicates"));
  const { items } = schema;
  if (items === null) return;
  for (const [index, item] of value.entries())
    check(item, oldItem(item, old, schema), items, indexPath(path, index), errors);
}

/** The item of a list before the update that is the same one by its keys; undefined where there is no telling. */
export function oldItem(item: unknown, old: unknown, schema: SchemaNode): unknown {
  if (schema.listType !== 'map' || !Array.isArray(old) || !isObject(item)) return undefined;
  return old.find((other) => isObject(other) && schema.listMapKeys.every((key) => sameJson(other[key], item[key])));
}

function checkJunctors(value: unknown, schema: SchemaNode, path: string, errors: FieldError[]): void {
  const holds = (other: SchemaNode): boolean => {
    const found: FieldError[] = [];
    check(value, undefined, other, path, found);
    return found.length === 0;
  };
  const name = JSON.stringify(path);
  if (schema.anyOf.length > 0 && !schema.anyOf.some(holds))
    errors.push(unplaced(`${name} must validate at least one schema (anyOf)`));
  if (schema.oneOf.length > 0) {
    const count = schema.oneOf.filter(holds).length;
    if (count !== 1)
      errors.push(
        unplaced(
          `${name} must validate one and only one schema (oneOf). ${count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`}`,
        ),
      );
  }
  if (schema.allOf.length > 0) {
    const before = errors.length;
    for (const other of schema.allOf) check(value, undefined, other, path, errors);
    if (errors.length > before) errors.push(unplaced(`${name} must validate all the schemas (allOf)`));
  }
  if (schema.not !== null && holds(schema.not)) errors.push(unplaced(`${name} must not validate the schema (not)`));
}

/** Lists of type set and map hold each item, or each combination of keys, once. */
function checkUnique(value: unknown, old: unknown, schema: SchemaNode, path: string, errors: FieldError[]): void {
  if (old !== undefined && sameJson(value, old)) return;
  if (Array.isArray(value)) {
    if (schema.listType !== 'atomic') checkList(value, schema, path, errors);
    const { items } = schema;
    if (items !== null)
      for (const [index, item] of value.entries())
        checkUnique(item, oldItem(item, old, schema), items, indexPath(path, index), errors);
  } else if (isObject(value))
    for (const [name, content] of Object.entries(value)) {
      const property = schema.properties.get(name);
      if (property !== undefined) checkUnique(content, fieldOf(old, name), property, fieldPath(path, name), errors);
      else if (schema.additional !== null)
        checkUnique(content, fieldOf(old, name), schema.additional, keyPath(path, name), errors);
    }
}

function checkList(value: readonly unknown[], schema: SchemaNode, path: string, errors: FieldError[]): void {
  const seen = new Map<string, number>();
  value.forEach((item, index) => {
    const identity = schema.listType === 'set' ? item : keysOf(item, schema);
    const text = stableText(identity);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    // Each value is reported once, however often it comes.
    if (count === 2) errors.push(duplicated(indexPath(path, index), identity));
  });
}

/** The keys of an item, with their defaults. */
export function keysOf(item: unknown, schema: SchemaNode): Readonly<Record<string, unknown>> {
  const keys: [string, unknown][] = [];
  for (const key of schema.listMapKeys) {
    const value = fieldOf(item, key) ?? schema.items?.properties.get(key)?.default;
    if (value !== undefined) keys.push([key, value]);
  }
  return Object.fromEntries(keys);
}

/** JSON whose fields are sorted, so that equal values have equal texts. */
export function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${stableText(value[name])}`)
    .join(',')}}`;
}
