/** The schema of BFDProfile; intervals are in milliseconds. */
import * as z from 'zod/mini';

const interval = () => z.optional(z.int().check(z.gte(10), z.lte(60_000)));

export const BFDProfileSpec = z.object({
  receiveInterval: interval(),
  transmitInterval: interval(),
  detectMultiplier: z.optional(z.int().check(z.gte(2), z.lte(255))),
  echoInterval: interval(),
  echoMode: z._default(z.boolean(), false),
  passiveMode: z._default(z.boolean(), false),
  minimumTtl: z.optional(z.int().check(z.gte(1), z.lte(254))),
});
