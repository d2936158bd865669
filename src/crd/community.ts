/** The schema of Community. */
import * as z from 'zod/mini';
import { ourConditions } from './condition.ts';
import { field } from './schema.ts';

export const CommunitySpec = field(
  z.object({
    communities: field(
      z.optional(
        z.array(
          field(
            z.object({
              name: field(
                z.string(),
                'The alias by which BGPAdvertisements name the value; each only once in the cluster.',
              ),
              value: field(
                z.string(),
                'A community (64512:100), a large community (large:64512:1:2), or (metallb-ts) a well-known one by its name: no-export, no-advertise, no-export-subconfed, no-peer, blackhole, graceful-shutdown, accept-own, llgr-stale, no-llgr.',
              ),
            }),
            'An alias and its value.',
            // MetalLB's CRD requires neither; an entry without one of them is refused when the object is read.
            { required: null },
          ),
        ),
      ),
      'The aliases. A BGPAdvertisement may also name the Community itself, which means all of its values (metallb-ts).',
    ),
  }),
  'Names for BGP communities.',
);

export const CommunityStatus = field(
  z.object({ conditions: ourConditions() }),
  'What the controller knows of the aliases.',
);
