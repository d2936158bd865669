/** The schemas of BGPPeer: v1beta2, and the deprecated v1beta1 with the few fields that it has. */
import * as z from 'zod/mini';
import { LabelSelectors, uint32 } from './schema.ts';

const common = {
  myASN: uint32(),
  sourceAddress: z.optional(z.string()),
  holdTime: z.optional(z.string()),
  keepaliveTime: z.optional(z.string()),
  routerID: z.optional(z.string()),
  password: z.optional(z.string()),
  bfdProfile: z.optional(z.string()),
  ebgpMultiHop: z._default(z.boolean(), false),
};

export const BGPPeerSpec = z.object({
  ...common,
  peerASN: z.optional(uint32()),
  dynamicASN: z.optional(z.enum(['internal', 'external'])),
  localASN: z.optional(z.int().check(z.gte(1), z.lte(4_294_967_295))),
  peerAddress: z.optional(z.string()),
  interface: z.optional(z.string()),
  peerPort: z._default(z.int().check(z.gte(1), z.lte(16_384)), 179),
  connectTime: z.optional(z.string()),
  nodeSelectors: LabelSelectors,
  nodeSelectorsPolicy: z.optional(z.enum(['All', 'Any'])),
  passwordSecret: z.optional(z.object({ name: z.optional(z.string()), namespace: z.optional(z.string()) })),
  enableGracefulRestart: z._default(z.boolean(), false),
  vrf: z.optional(z.string()),
  disableMP: z.optional(z.boolean()),
  dualStackAddressFamily: z._default(z.boolean(), false),
  ttlSecurityHops: z.optional(z.int().check(z.gte(1), z.lte(254))),
  maxPrefixes: z._default(z.int().check(z.gte(1), z.lte(4_294_967_295)), 100),
  strictBFD: z.optional(z.boolean()),
});

const NodeSelectorV1Beta1 = z.object({
  matchLabels: z.optional(z.record(z.string(), z.string())),
  matchExpressions: z.optional(
    z.array(
      z.object({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).check(z.minLength(1)),
      }),
    ),
  ),
});

export const BGPPeerV1Beta1Spec = z.object({
  ...common,
  peerASN: uint32(),
  peerAddress: z.string(),
  peerPort: z.optional(z.int().check(z.gte(0), z.lte(16_384))),
  nodeSelectors: z.optional(z.array(NodeSelectorV1Beta1)),
});
