/**
 * What the schemas of the metallb.io kinds share.
 *
 * A schema here is the one source of a field: parsing (config/) reads manifests by it, and `structural.ts` makes the CRD's schema of it, with
 * the description that stands beside each field. Where the API server has to accept what the parser then judges (an object that MetalLB's CRD
 * accepts must not be refused by ours), the field says so in its keywords. What needs more than one object to judge is in config/.
 */
import * as z from 'zod/mini';

// Without this zod compiles validators with `new Function`: slower to start, dearer in memory, and forbidden where code generation is off.
z.config({ jitless: true });

/** A rule in CEL (`x-kubernetes-validations`), and what the user is told where it does not hold: what is wrong, and the remedy. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
}

/** Keywords of the CRD's schema that replace those which follow from the zod schema; null leaves one out. */
export type CrdKeywords = Readonly<Record<string, unknown>>;

/** What the CRD says of a field beside what its zod schema says. */
export interface FieldInfo {
  readonly description: string;
  readonly keywords: CrdKeywords;
}

/** The description and the keywords of each field. */
export const FIELD_INFO = z.registry<FieldInfo>();

/** How the description of a field begins that MetalLB has not (docs/decisions.md 25). */
export const OURS = 'metallb-ts: ';

/** Gives a field its description, and the keywords by which its CRD differs from its parser. */
export function field<S extends z.ZodMiniType>(schema: S, description: string, keywords: CrdKeywords = {}): S {
  FIELD_INFO.add(schema, { description, keywords });
  return schema;
}

/** A field that MetalLB has not. */
export const ourField = <S extends z.ZodMiniType>(schema: S, description: string, keywords: CrdKeywords = {}): S =>
  field(schema, OURS + description, keywords);

/** Rules in CEL among the keywords of a field. */
export const rules = (...list: readonly CelRule[]): CrdKeywords => ({ 'x-kubernetes-validations': list });

/** The parser fills the default in; the API server writes none into the object, as MetalLB's does not. */
export const NO_SERVER_DEFAULT: CrdKeywords = { default: null };

export const INT32: CrdKeywords = { format: 'int32' };
export const INT64: CrdKeywords = { format: 'int64' };

/** An unsigned 32-bit number. */
export const uint32 = () => z.int().check(z.gte(0), z.lte(4_294_967_295));

/** A number that a status counts. */
export const counter = () => z.optional(z.int().check(z.gte(0)));

const OPERATORS = 'In, NotIn, Exists or DoesNotExist';

const LabelSelectorRequirement = field(
  z.object({
    key: field(z.string(), 'The key of the label.'),
    // MetalLB's CRD lists no operators; an unknown one is refused when the object is read.
    operator: field(z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']), `How the label must be: ${OPERATORS}.`, {
      enum: null,
    }),
    values: field(
      z.optional(z.array(z.string())),
      'The values for In and NotIn, which need at least one; Exists and DoesNotExist have none.',
      { 'x-kubernetes-list-type': 'atomic' },
    ),
  }),
  'One condition on a label.',
);

/** metav1.LabelSelector. */
export const LabelSelector = field(
  z.object({
    matchLabels: field(
      z.optional(z.record(z.string(), z.string())),
      'Labels that must be there with exactly these values.',
    ),
    matchExpressions: field(z.optional(z.array(LabelSelectorRequirement)), 'Conditions that must all hold.', {
      'x-kubernetes-list-type': 'atomic',
    }),
  }),
  'A label selector: everything in it must hold; an empty one selects everything.',
  { 'x-kubernetes-map-type': 'atomic' },
);

/** A list of selectors, of which any may match. */
export const labelSelectors = (description: string) => field(z.optional(z.array(LabelSelector)), description);

/** A list of names. */
export const names = (description: string) => field(z.optional(z.array(z.string())), description);
