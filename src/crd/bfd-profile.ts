/** The schema of BFDProfile; intervals are in milliseconds. */
import * as z from 'zod/mini';
import { ourConditions } from './condition.ts';
import { field, INT32, NO_SERVER_DEFAULT } from './schema.ts';

const interval = (description: string) =>
  field(z.optional(z.int().check(z.gte(10), z.lte(60_000))), description, INT32);

export const BFDProfileSpec = field(
  z.object({
    receiveInterval: interval('The shortest time in milliseconds between packets that we are ready for. Default: 300.'),
    transmitInterval: interval('The shortest time in milliseconds between the packets that we send. Default: 300.'),
    detectMultiplier: field(
      z.optional(z.int().check(z.gte(2), z.lte(255))),
      'How many packets in a row may be lost before the other side takes the session for down. Default: 3.',
      INT32,
    ),
    echoInterval: interval(
      'The shortest time in milliseconds between echo packets, those that we send and those that we are ready for. Default: 50.',
    ),
    echoMode: field(
      z._default(z.boolean(), false),
      'Whether echo packets are used; over IPv4 on a connected subnet only. Default: false.',
      NO_SERVER_DEFAULT,
    ),
    passiveMode: field(
      z._default(z.boolean(), false),
      'Whether the session waits for a packet of the router before it sends its first. Default: false.',
      NO_SERVER_DEFAULT,
    ),
    minimumTtl: field(
      z.optional(z.int().check(z.gte(1), z.lte(254))),
      'The lowest TTL with which a packet is taken that comes from beyond the connected subnet. Default: 254.',
      INT32,
    ),
  }),
  'The times and modes of a BFD session. A BGPPeer names the profile.',
);

export const BFDProfileStatus = field(
  z.object({ conditions: ourConditions() }),
  'What the controller knows of the profile.',
);
