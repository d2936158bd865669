/**
 * The schema of a custom resource as it is worked with: read once from `openAPIV3Schema`, its regular expressions and rules compiled.
 *
 * Everything is read leniently: what a schema may not say is refused where its CustomResourceDefinition is written (check-schema.ts), so that
 * defaulting, pruning, validation and apply need no errors of their own for it.
 */
import { isObject, listAt } from '../json.ts';
import type { Json } from '../types.ts';
import { compilePattern } from './pattern.ts';
import { compileRules, type Rule } from './rules.ts';

/** How the items of a list belong together (`x-kubernetes-list-type`). */
export type ListType = 'atomic' | 'set' | 'map';

export interface SchemaNode {
  /** Empty where the schema names none: any value, or an int-or-string. */
  readonly type: string;
  readonly format: string;
  readonly nullable: boolean;
  /** Undefined: there is no default (`null` is none either, as in Kubernetes). */
  readonly default: unknown;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  /** Null: fields beyond `properties` are unknown, or known to be preserved. */
  readonly additional: SchemaNode | null;
  readonly items: SchemaNode | null;
  readonly required: readonly string[];
  readonly enum: readonly unknown[] | null;
  readonly bounds: Bounds;
  readonly pattern: { readonly text: string; readonly regexp: RegExp } | null;
  readonly uniqueItems: boolean;
  readonly allOf: readonly SchemaNode[];
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly not: SchemaNode | null;
  readonly preserveUnknown: boolean;
  readonly embeddedResource: boolean;
  readonly intOrString: boolean;
  readonly listType: ListType;
  readonly listMapKeys: readonly string[];
  readonly atomicMap: boolean;
  readonly rules: readonly Rule[];
  /** Whether this schema or one below it has rules: where none has, nothing looks for them. */
  readonly hasRules: boolean;
  /** Whether this schema or one below it has a default. */
  readonly hasDefaults: boolean;
}

export interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum: boolean;
  readonly exclusiveMaximum: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

const compiled = new WeakMap<Json, SchemaNode>();

/** The schema, compiled; the same one is compiled once. */
export function schemaNode(schema: Json): SchemaNode {
  let node = compiled.get(schema);
  if (node === undefined) {
    node = read(schema);
    compiled.set(schema, node);
  }
  return node;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const child = (value: unknown): SchemaNode | null => (isObject(value) ? read(value) : null);

const children = (value: unknown): readonly SchemaNode[] =>
  Array.isArray(value) ? value.filter(isObject).map(read) : [];

function read(schema: Json): SchemaNode {
  const properties = new Map<string, SchemaNode>();
  if (isObject(schema.properties))
    for (const [name, value] of Object.entries(schema.properties))
      if (isObject(value)) properties.set(name, read(value));
  const additional = schema.additionalProperties === true ? ANYTHING : child(schema.additionalProperties);
  const items = child(schema.items);
  const rules = compileRules(schema);
  const below = [
    ...properties.values(),
    ...(additional === null ? [] : [additional]),
    ...(items === null ? [] : [items]),
  ];
  const listType = schema['x-kubernetes-list-type'];
  return {
    type: text(schema.type),
    format: text(schema.format),
    nullable: schema.nullable === true,
    default: schema.default ?? undefined,
    properties,
    additional,
    items,
    required: listAt(schema, 'required').filter((name): name is string => typeof name === 'string'),
    enum: Array.isArray(schema.enum) ? schema.enum : null,
    bounds: readBounds(schema),
    pattern: readPattern(schema.pattern),
    uniqueItems: schema.uniqueItems === true,
    allOf: children(schema.allOf),
    anyOf: children(schema.anyOf),
    oneOf: children(schema.oneOf),
    not: child(schema.not),
    preserveUnknown: schema['x-kubernetes-preserve-unknown-fields'] === true,
    embeddedResource: schema['x-kubernetes-embedded-resource'] === true,
    intOrString: schema['x-kubernetes-int-or-string'] === true,
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    listMapKeys: listAt(schema, 'x-kubernetes-list-map-keys').filter(
      (name): name is string => typeof name === 'string',
    ),
    atomicMap: schema['x-kubernetes-map-type'] === 'atomic',
    rules,
    hasRules: rules.length > 0 || below.some((node) => node.hasRules),
    hasDefaults: below.some((node) => node.default !== undefined || node.hasDefaults),
  };
}

const NUMBERS = [
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;

function readBounds(schema: Json): Bounds {
  const found: Record<string, number> = {};
  for (const name of NUMBERS) {
    const value = schema[name];
    if (typeof value === 'number') found[name] = value;
  }
  return {
    ...found,
    exclusiveMinimum: schema.exclusiveMinimum === true,
    exclusiveMaximum: schema.exclusiveMaximum === true,
  };
}

function readPattern(value: unknown): SchemaNode['pattern'] {
  if (typeof value !== 'string' || value === '') return null;
  const regexp = compilePattern(value);
  return regexp === undefined ? null : { text: value, regexp };
}

/** What holds for every field of which nothing is said. */
export const ANYTHING: SchemaNode = schemaNode({ 'x-kubernetes-preserve-unknown-fields': true });
