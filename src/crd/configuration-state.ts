/** The schema of ConfigurationState: MetalLB's, one object per process, which says whether it could read the configuration. */
import * as z from 'zod/mini';
import { conditions } from './condition.ts';
import { field } from './schema.ts';

export const ConfigurationStateStatus = field(
  z.object({
    result: field(
      z.optional(z.enum(['Valid', 'Invalid', 'Unknown'])),
      'Whether the configuration is in order; Unknown until it was first judged.',
    ),
    errorSummary: field(z.optional(z.string()), 'What is wrong, one problem a line; empty where nothing is.'),
    conditions: conditions('What each part of the process makes of the configuration.'),
  }),
  'What a process makes of the configuration.',
);
