/** Fields of a CRD as a flat table: a path, and what the API server checks of it. */

/** What the API server checks of one field; absent is "nothing". */
export interface FieldFacts {
  readonly type: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly nullable?: boolean;
  readonly required?: true;
  readonly listType?: string;
  readonly mapType?: string;
}

/** By path: `spec.addresses` is a list, `spec.addresses[]` its entries, `…matchLabels{}` the values of a map. */
export type FieldTable = ReadonlyMap<string, FieldFacts>;

/** A JSON schema as read back from YAML. */
export interface Schema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
}

const COPIED = [
  'format',
  'minimum',
  'maximum',
  'minItems',
  'minLength',
  'maxLength',
  'pattern',
  'default',
  'enum',
  'nullable',
] as const;

/** The schema's fields, without `apiVersion`, `kind` and `metadata`, which are every object's. */
export function flatten(root: Schema): FieldTable {
  const table = new Map<string, FieldFacts>();
  walk(root, (path, schema, required) => {
    if (path !== '') table.set(path, factsOf(schema, required));
  });
  return table;
}

/** Visits each field from above. */
export function walk(root: Schema, visit: (path: string, schema: Schema, required: boolean) => void): void {
  const step = (schema: Schema, path: string, required: boolean): void => {
    visit(path, schema, required);
    for (const [name, field] of Object.entries(schema.properties ?? {}))
      if (path !== '' || name === 'spec' || name === 'status')
        step(field, path === '' ? name : `${path}.${name}`, schema.required?.includes(name) ?? false);
    if (schema.items !== undefined) step(schema.items, `${path}[]`, false);
    if (schema.additionalProperties !== undefined) step(schema.additionalProperties, `${path}{}`, false);
  };
  step(root, '', false);
}

function factsOf(schema: Schema, required: boolean): FieldFacts {
  const facts: Record<string, unknown> = { type: schema.type ?? 'int-or-string' };
  for (const keyword of COPIED) if (schema[keyword] !== undefined) facts[keyword] = schema[keyword];
  if (schema['x-kubernetes-list-type'] !== undefined) facts.listType = schema['x-kubernetes-list-type'];
  if (schema['x-kubernetes-map-type'] !== undefined) facts.mapType = schema['x-kubernetes-map-type'];
  if (required) facts.required = true;
  return facts as unknown as FieldFacts;
}

/** The facts in one line. */
export function factsText({ type, required, ...rest }: FieldFacts): string {
  const { minimum, maximum, ...others } = rest;
  const range = minimum === undefined && maximum === undefined ? [] : [`${minimum ?? ''}..${maximum ?? ''}`];
  const more = Object.entries(others).map(([keyword, value]) =>
    keyword === 'format' ? String(value) : `${keyword} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [type, ...range, ...more, ...(required ? ['required'] : [])].join(', ');
}
