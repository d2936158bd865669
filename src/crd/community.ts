/** The schema of Community. */
import * as z from 'zod/mini';

export const CommunitySpec = z.object({
  communities: z.optional(z.array(z.object({ name: z.string(), value: z.string() }))),
});
