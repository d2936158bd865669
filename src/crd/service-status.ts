/** The schemas of ServiceBGPStatus and ServiceL2Status: MetalLB's, written by the speakers, one object per Service and node. */
import * as z from 'zod/mini';
import { field, rules } from './schema.ts';

const fixed = (description: string) =>
  field(
    z.optional(z.string()),
    description,
    rules({ rule: 'self == oldSelf', message: 'cannot be changed: the object is about one Service and one node' }),
  );

const subject = (node: string) => ({
  node: fixed(node),
  serviceName: fixed('The name of the Service.'),
  serviceNamespace: fixed('The namespace of the Service.'),
});

/** Neither kind has anything that a user sets. */
export const EmptySpec = field(z.object({}), 'Empty: the object is a report.');

export const ServiceBGPStatusStatus = field(
  z.object({
    ...subject('The node that announces the Service.'),
    peers: field(
      z.optional(z.array(z.string())),
      'The BGPPeers that the Service is announced to while their session is Established, by name.',
    ),
  }),
  'To whom the node announces the Service.',
);

export const ServiceL2StatusStatus = field(
  z.object({
    ...subject('The node that answers ARP and NDP for the Service.'),
    interfaces: field(
      z.optional(
        z.array(
          field(z.object({ name: field(z.optional(z.string()), 'The name of the interface.') }), 'An interface.'),
        ),
      ),
      'The interfaces on which it answers; empty: on all.',
    ),
  }),
  'Where the node answers for the Service.',
);
