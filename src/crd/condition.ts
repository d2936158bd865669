/** metav1.Condition, with the bounds that the Kubernetes API gives it, and the list of them that a status has. */
import * as z from 'zod/mini';
import { field, INT64, ourField } from './schema.ts';

const TYPE_PATTERN =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$';
const REASON_PATTERN = '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$';

/** The longest message that a condition can hold; what writes one cuts it there. */
export const MAX_CONDITION_MESSAGE = 32_768;

const Condition = field(
  z.object({
    type: field(z.string().check(z.maxLength(316)), 'What the condition is about, in CamelCase.', {
      pattern: TYPE_PATTERN,
    }),
    status: field(z.enum(['True', 'False', 'Unknown']), 'Whether it holds.'),
    reason: field(z.string().check(z.minLength(1), z.maxLength(1_024)), 'Why, as one word for programs.', {
      pattern: REASON_PATTERN,
    }),
    message: field(
      z.string().check(z.maxLength(MAX_CONDITION_MESSAGE)),
      'Why, for people: field and remedy. May be empty.',
    ),
    lastTransitionTime: field(z.string(), 'When `status` last became another.', { format: 'date-time' }),
    observedGeneration: field(
      z.optional(z.int().check(z.gte(0))),
      'The `metadata.generation` that was judged; behind it, the condition is about an earlier version of the object.',
      INT64,
    ),
  }),
  'One aspect of the state of the object.',
);

const MAP = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] };

/** The conditions of MetalLB's ConfigurationState. */
export const conditions = (description: string) => field(z.optional(z.array(Condition)), description, MAP);

/** The conditions that we write to an object of the configuration (docs/adr/0012). */
export const ourConditions = () =>
  ourField(
    z.optional(z.array(Condition)),
    'Accepted (False with reason Invalid, or LastGoodVersion where an earlier version stays in force) and, where there are some, Warnings.',
    MAP,
  );
