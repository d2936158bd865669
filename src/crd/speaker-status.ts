/** The schema of SpeakerStatus: ours, one object per node, in which its speaker says how its sessions are (docs/decisions.md 23). */
import * as z from 'zod/mini';
import { counter, field, INT32, INT64, uint32 } from './schema.ts';

const text = (description: string) => field(z.optional(z.string()), description);
/** Null and absent mean the same: server-side apply sends null where a value went. */
const nullable = (description: string) => field(z.optional(z.nullable(z.string())), description);
const time = (description: string) => field(z.optional(z.string()), description, { format: 'date-time' });
const count = (description: string) => field(counter(), description, INT64);
const asn = (description: string) => field(z.optional(uint32()), description, INT64);

const Session = field(
  z.object({
    peer: field(z.string(), 'The name of the BGPPeer.'),
    peerAddress: text('The address of the router.'),
    peerPort: field(counter(), 'The TCP port of the router.', INT32),
    localASN: asn('Our AS number in the session.'),
    peerASN: field(
      z.optional(z.nullable(uint32())),
      'The AS number of the router; absent as long as `dynamicASN` has not shown it.',
      INT64,
    ),
    state: text(
      'The state of the session (RFC 4271 section 8.2.2): Idle, Connect, Active, OpenSent, OpenConfirm or Established.',
    ),
    since: time('Since when the session is in this state, or down.'),
    cause: nullable(
      'Why the session is not Established, as one word of docs/reference/session-causes.md; absent where it is.',
    ),
    message: nullable('The cause with its addresses and numbers.'),
    flaps: count('How often the session went down since the speaker started.'),
    lastReset: nullable('The cause of its last going down; absent where it never did.'),
    holdTimeSeconds: field(counter(), 'The hold time that was agreed, or before that our own.', INT32),
    keepaliveSeconds: field(counter(), 'The keepalive time that follows from it.', INT32),
    bfdState: nullable(
      'The state of BFD (RFC 5880 section 6.2): AdminDown, Down, Init or Up; absent where the session is without BFD.',
    ),
    bfdMessage: nullable('Why BFD is not Up; absent where it is, or where the session is without it.'),
    expectedFailoverMilliseconds: field(
      z.optional(z.nullable(counter())),
      'How soon the router stops sending to this node when it dies, of BFD and hold time; absent while the session is not Established, and where neither would notice.',
      INT64,
    ),
    prefixesWanted: count('How many prefixes the router should have from this node.'),
    prefixesAnnounced: count('How many of them it was told.'),
  }),
  'One BGP session of the node.',
);

export const SpeakerStatusStatus = field(
  z.object({
    node: text('The node.'),
    sessions: field(z.optional(z.array(Session)), 'The sessions of the node, by the name of the peer.', {
      'x-kubernetes-list-type': 'atomic',
    }),
    counts: field(
      z.optional(
        z.object({
          sessions: count('How many sessions the node should have.'),
          established: count('How many of them are Established.'),
          services: count('How many Services the node announces.'),
        }),
      ),
      'The sums.',
    ),
    lastChange: time('When any of this last became another.'),
  }),
  'What the speaker of the node knows of its sessions.',
);
