/**
 * From a zod schema to the schema of a CRD: structural, as the Kubernetes API demands it (a type everywhere, no references, no alternatives
 * but int-or-string), with the description and the keywords of each field.
 *
 * zod writes the JSON schema; what is done here is to take out what Kubernetes does not have (the bounds of JavaScript's numbers) and to put
 * in what zod cannot know.
 */
import * as z from 'zod/mini';
import { FIELD_INFO } from './schema.ts';

/** A structural schema (apiextensions.k8s.io/v1, JSONSchemaProps), as far as ours use it. */
export interface StructuralSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly required?: readonly string[];
  readonly anyOf?: readonly StructuralSchema[];
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[];
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

/** The structural schema of what the API server is sent. */
export function structuralSchemaOf(schema: z.ZodMiniType): StructuralSchema {
  const { definitions, ...result } = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    metadata: z.registry(),
    override: ({ zodSchema, jsonSchema }) => complete(zodSchema, jsonSchema),
  });
  if (definitions !== undefined) throw new Error('a CRD has no references: a schema has an id or contains itself');
  return result as StructuralSchema;
}

function complete(schema: z.core.$ZodTypes, target: Record<string, unknown>): void {
  if (target.minimum === Number.MIN_SAFE_INTEGER) delete target.minimum;
  if (target.maximum === Number.MAX_SAFE_INTEGER) delete target.maximum;
  if (Array.isArray(target.required)) target.required.sort();
  // The API server drops an empty one, and each apply would put it back.
  if (Object.keys(target.properties ?? {}).length === 0) delete target.properties;
  const info = FIELD_INFO.get(schema);
  if (info === undefined) return;
  target.description = info.description;
  for (const [keyword, value] of Object.entries(info.keywords)) {
    if (value === null) delete target[keyword];
    else target[keyword] = value;
  }
}
