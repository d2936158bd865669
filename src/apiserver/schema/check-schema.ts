/**
 * Whether a schema is structural (apiextensions-apiserver: pkg/apiserver/schema/validation.go): types everywhere, nothing but value checks inside
 * anyOf, allOf, oneOf and not, and each field that is spoken of there also defined outside; lists of type set and map as they must be; defaults
 * that the schema itself accepts; patterns and rules that compile.
 *
 * Deliberately not: the estimate of what rules may cost, which Kubernetes refuses expensive ones by.
 */
import { isObject, listAt } from '../json.ts';
import { type FieldError, forbiddenField, invalidValue, notSupported, required } from '../status.ts';
import type { Json } from '../types.ts';
import { fieldPath, indexPath, keyPath } from './path.ts';
import { compilePattern } from './pattern.ts';
import { compileRule } from './rules.ts';
import { schemaNode } from './schema-node.ts';
import { checkValue } from './validate.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const JUNCTORS = ['allOf', 'anyOf', 'oneOf'] as const;
const MAX_DEPTH = 100;
/** What only a defining schema may say, not one inside a junctor; the words are Kubernetes'. */
const OUTSIDE_ONLY: Readonly<Record<string, string>> = {
  type: 'must be empty to be structural',
  title: 'must be empty to be structural',
  description: 'must be empty to be structural',
  default: 'must be undefined to be structural',
  additionalProperties: 'must be undefined to be structural',
  nullable: 'must be false to be structural',
  'x-kubernetes-preserve-unknown-fields': 'must be false to be structural',
  'x-kubernetes-embedded-resource': 'must be false to be structural',
  'x-kubernetes-int-or-string': 'must be false to be structural',
  'x-kubernetes-list-map-keys': 'must be empty to be structural',
  'x-kubernetes-list-type': 'must be undefined to be structural',
  'x-kubernetes-map-type': 'must be undefined to be structural',
  'x-kubernetes-validations': 'must be empty to be structural',
};
/** Of JSON schema, but not of a CRD's. */
const NEVER = [
  '$ref',
  '$schema',
  'definitions',
  'dependencies',
  'deprecated',
  'discriminator',
  'id',
  'patternProperties',
  'readOnly',
  'writeOnly',
  'xml',
  'additionalItems',
];

type Level = 'root' | 'item' | 'field';

export function checkSchema(schema: Json, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  define(schema, path, 'root', 0, errors);
  return errors;
}

function define(schema: Json, path: string, level: Level, depth: number, errors: FieldError[]): void {
  if (depth > MAX_DEPTH) {
    errors.push(forbiddenField(path, `must not be nested deeper than ${MAX_DEPTH}`));
    return;
  }
  checkType(schema, path, level, errors);
  for (const name of NEVER)
    if (schema[name] !== undefined) errors.push(forbiddenField(fieldPath(path, name), 'is not supported'));
  if (schema.uniqueItems === true)
    errors.push(
      forbiddenField(
        fieldPath(path, 'uniqueItems'),
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  checkChildren(schema, path, level, depth, errors);
  checkList(schema, path, errors);
  checkValues(schema, schema, path, depth, errors);
  checkRulesOf(schema, path, errors);
  // A default is judged after everything below it was found right.
  if (schema.default !== undefined && errors.length === 0)
    errors.push(...checkValue(schema.default, undefined, schemaNode(schema), fieldPath(path, 'default')));
}

function checkType(schema: Json, path: string, level: Level, errors: FieldError[]): void {
  const { type } = schema;
  const at = fieldPath(path, 'type');
  const free = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === undefined || type === '') {
    if (schema['x-kubernetes-embedded-resource'] === true)
      errors.push(required(at, 'must be object if x-kubernetes-embedded-resource is true'));
    else if (!free)
      errors.push(
        required(
          at,
          level === 'root'
            ? 'must not be empty at the root'
            : `must not be empty for specified ${level === 'item' ? 'array items' : 'object fields'}`,
        ),
      );
    return;
  }
  if (typeof type !== 'string' || !TYPES.includes(type)) errors.push(notSupported(at, type, TYPES));
  else if (level === 'root' && type !== 'object') errors.push(invalidValue(at, type, 'must be object at the root'));
  else if (schema['x-kubernetes-embedded-resource'] === true && type !== 'object')
    errors.push(invalidValue(at, type, 'must be object if x-kubernetes-embedded-resource is true'));
  if (schema['x-kubernetes-int-or-string'] === true)
    errors.push(invalidValue(at, type, 'must be empty if x-kubernetes-int-or-string is true'));
}

function checkChildren(schema: Json, path: string, level: Level, depth: number, errors: FieldError[]): void {
  if (schema.type === 'array' && !isObject(schema.items))
    errors.push(required(fieldPath(path, 'items'), 'must be specified'));
  if (isObject(schema.items)) define(schema.items, fieldPath(path, 'items'), 'item', depth + 1, errors);
  if (isObject(schema.properties))
    for (const [name, property] of Object.entries(schema.properties)) {
      const at = keyPath(fieldPath(path, 'properties'), name);
      if (!isObject(property)) errors.push(invalidValue(at, property, 'must be a schema'));
      else if (level === 'root' && name === 'metadata') checkMetadata(property, at, errors);
      else define(property, at, 'field', depth + 1, errors);
    }
  const additional = fieldPath(path, 'additionalProperties');
  if (schema.additionalProperties === undefined || schema.additionalProperties === false) return;
  if (level === 'root') errors.push(forbiddenField(additional, 'must not be used at the root'));
  if (isObject(schema.properties) && Object.keys(schema.properties).length > 0)
    errors.push(forbiddenField(additional, 'additionalProperties and properties are mutual exclusive'));
  if (isObject(schema.additionalProperties))
    define(schema.additionalProperties, additional, 'field', depth + 1, errors);
}

function checkMetadata(schema: Json, path: string, errors: FieldError[]): void {
  if (schema.type !== 'object') errors.push(invalidValue(fieldPath(path, 'type'), schema.type ?? '', 'must be object'));
  const properties = isObject(schema.properties) ? Object.keys(schema.properties) : [];
  const other = Object.keys(schema).some((field) => !['type', 'properties', 'description'].includes(field));
  if (other || properties.some((name) => name !== 'name' && name !== 'generateName'))
    errors.push(
      forbiddenField(
        path,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    );
}

function checkList(schema: Json, path: string, errors: FieldError[]): void {
  const type = schema['x-kubernetes-list-type'];
  const keys = listAt(schema, 'x-kubernetes-list-map-keys');
  const at = fieldPath(path, 'x-kubernetes-list-type');
  const map = schema['x-kubernetes-map-type'];
  if (map !== undefined && map !== 'granular' && map !== 'atomic')
    errors.push(notSupported(fieldPath(path, 'x-kubernetes-map-type'), map, ['atomic', 'granular']));
  if (type === undefined) {
    if (keys.length > 0) errors.push(required(at, 'must be map if x-kubernetes-list-map-keys is non-empty'));
    return;
  }
  if (type !== 'atomic' && type !== 'set' && type !== 'map')
    errors.push(notSupported(at, type, ['atomic', 'set', 'map']));
  if (schema.type !== 'array')
    errors.push(
      invalidValue(fieldPath(path, 'type'), schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'),
    );
  if (type !== 'map') {
    if (keys.length > 0) errors.push(invalidValue(at, type, 'must be map if x-kubernetes-list-map-keys is non-empty'));
    return;
  }
  const keysAt = fieldPath(path, 'x-kubernetes-list-map-keys');
  if (keys.length === 0) errors.push(required(keysAt, 'must not be empty if x-kubernetes-list-type is map'));
  const items = isObject(schema.items) ? schema.items : {};
  if (items.type !== 'object')
    errors.push(
      invalidValue(
        fieldPath(fieldPath(path, 'items'), 'type'),
        items.type ?? '',
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    );
  const properties = isObject(items.properties) ? items.properties : {};
  const obligatory = listAt(items, 'required');
  keys.forEach((key, index) => {
    const property = typeof key === 'string' && Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!isObject(property))
      errors.push(invalidValue(indexPath(keysAt, index), key, 'entries must all be names of item properties'));
    else if (!obligatory.includes(key) && property.default === undefined)
      errors.push(
        required(
          fieldPath(keyPath(fieldPath(fieldPath(path, 'items'), 'properties'), String(key)), 'default'),
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
  });
}

/** What a schema says of values, in itself and inside junctors. */
function checkValues(schema: Json, outside: Json, path: string, depth: number, errors: FieldError[]): void {
  const { pattern } = schema;
  if (typeof pattern === 'string' && compilePattern(pattern) === undefined)
    errors.push(invalidValue(fieldPath(path, 'pattern'), pattern, "must be a valid regular expression, but isn't"));
  for (const junctor of JUNCTORS)
    listAt(schema, junctor).forEach((inner, index) => {
      if (!isObject(inner)) return;
      const at = indexPath(fieldPath(path, junctor), index);
      // The one place where Kubernetes bears types inside: what x-kubernetes-int-or-string spells out.
      const spelled =
        outside['x-kubernetes-int-or-string'] === true && ['integer', 'string'].includes(String(inner.type));
      nested(spelled ? { ...inner, type: undefined } : inner, outside, at, depth + 1, errors);
    });
  if (isObject(schema.not)) nested(schema.not, outside, fieldPath(path, 'not'), depth + 1, errors);
}

function nested(schema: Json, outside: Json, path: string, depth: number, errors: FieldError[]): void {
  if (depth > MAX_DEPTH) {
    errors.push(forbiddenField(path, `must not be nested deeper than ${MAX_DEPTH}`));
    return;
  }
  for (const [field, why] of Object.entries(OUTSIDE_ONLY))
    if (schema[field] !== undefined && schema[field] !== false && schema[field] !== '')
      errors.push(forbiddenField(fieldPath(path, field), why));
  checkValues(schema, outside, path, depth, errors);
  if (isObject(schema.items))
    if (isObject(outside.items)) nested(schema.items, outside.items, fieldPath(path, 'items'), depth + 1, errors);
    else errors.push(required(fieldPath(path, 'items'), `because it is defined in ${fieldPath(path, 'items')}`));
  if (!isObject(schema.properties)) return;
  const defined = isObject(outside.properties) ? outside.properties : {};
  for (const [name, property] of Object.entries(schema.properties)) {
    const at = keyPath(fieldPath(path, 'properties'), name);
    const definition = Object.hasOwn(defined, name) ? defined[name] : undefined;
    if (name === 'metadata') errors.push(forbiddenField(at, 'must not be specified in a nested context'));
    else if (!isObject(definition)) errors.push(required(at, `because it is defined in ${at}`));
    else if (isObject(property)) nested(property, definition, at, depth + 1, errors);
  }
}

function checkRulesOf(schema: Json, path: string, errors: FieldError[]): void {
  listAt(schema, 'x-kubernetes-validations').forEach((entry, index) => {
    const at = indexPath(fieldPath(path, 'x-kubernetes-validations'), index);
    if (!isObject(entry) || typeof entry.rule !== 'string' || entry.rule.trim() === '') {
      errors.push(required(fieldPath(at, 'rule'), 'rule is not specified'));
      return;
    }
    const rule = compileRule(entry);
    if (rule.program === null)
      errors.push(
        invalidValue(fieldPath(at, 'rule'), entry.rule, `compilation failed: ERROR: <input>: ${rule.problem}`),
      );
  });
}
