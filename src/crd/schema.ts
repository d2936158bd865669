/**
 * What the schemas of the metallb.io kinds share.
 *
 * A schema here is what the API server enforces: types, bounds, enumerations, required fields. It is the one place that says so; the CRD
 * manifests are to be generated from it. What needs more than one field or one object to judge is in config/.
 */
import * as z from 'zod/mini';

// Without this zod compiles validators with `new Function`: slower to start, dearer in memory, and forbidden where code generation is off.
z.config({ jitless: true });

/** An unsigned 32-bit number. */
export const uint32 = () => z.int().check(z.gte(0), z.lte(4_294_967_295));

const LabelSelectorRequirement = z.object({
  key: z.string(),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.optional(z.array(z.string())),
});

/** metav1.LabelSelector. */
export const LabelSelector = z.object({
  matchLabels: z.optional(z.record(z.string(), z.string())),
  matchExpressions: z.optional(z.array(LabelSelectorRequirement)),
});

/** A list of selectors, of which any may match. */
export const LabelSelectors = z.optional(z.array(LabelSelector));

/** A list of names. */
export const Names = z.optional(z.array(z.string()));
