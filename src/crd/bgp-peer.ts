/**
 * The schemas of BGPPeer: v1beta2, and the deprecated v1beta1.
 *
 * Both are stored once and differ in `apiVersion` alone: no webhook converts, so a peer stays readable while the controller is dead. This asks
 * two things of the schemas. What v1beta1 lets in v1beta2 must accept, or the peer could get no status: the rules are the same, and peerPort 0
 * is allowed. And v1beta1 must know v1beta2's fields, though MetalLB's does not: else the API server would drop them with each write through
 * v1beta1, and refuse every server-side apply to a peer that was once written through it ("field not declared in schema").
 */
import * as z from 'zod/mini';
import {
  CONNECT_TIME_RULES,
  DURATION_RULE,
  GRACEFUL_RESTART_RULE,
  HOLD_TIME_RULE,
  MY_ASN_RULE,
  PEER_RULES,
} from './bgp-peer-rules.ts';
import { ourConditions } from './condition.ts';
import {
  type CelRule,
  type CrdKeywords,
  counter,
  field,
  INT32,
  INT64,
  labelSelectors,
  NO_SERVER_DEFAULT,
  ourField,
  rules,
  uint32,
} from './schema.ts';

const duration = (description: string, ...more: readonly CelRule[]) =>
  field(z.optional(z.string()), description, rules(DURATION_RULE, ...more));

/** The fields that both versions have in one form. */
const common = () => ({
  myASN: field(uint32(), 'Our AS number. Required.', { ...INT64, ...rules(MY_ASN_RULE) }),
  sourceAddress: field(
    z.optional(z.string()),
    "The address of the node from which the session is opened; where a node has it not, its session fails and says so. Default: chosen by the node's routes.",
  ),
  holdTime: duration(
    "How long the router may be silent before the session ends, for example 90s. 0s means forever. The lower one of ours and the router's is used. Default: 90s; three times `keepaliveTime` where only that is set.",
    HOLD_TIME_RULE,
  ),
  keepaliveTime: duration(
    'How often a sign of life is sent, for example 30s. Default: a third of the hold time; 0s means the same.',
  ),
  routerID: field(
    z.optional(z.string()),
    "The BGP identifier of the node, in the form of an IPv4 address. Default: the node's first IPv4 address, one for all sessions.",
  ),
  password: field(
    z.optional(z.string()),
    'The key of TCP MD5 (RFC 2385), or (metallb-ts) the name of a Secret in our namespace whose key `password` holds it; `passwordSecret` is better. Default: none.',
  ),
  bfdProfile: field(
    z.optional(z.string()),
    'The name of the BFDProfile by which the session is watched. Default: without BFD.',
  ),
  ebgpMultiHop: field(
    z._default(z.boolean(), false),
    'Says that an external peer is more than one hop away. Sessions reach it either way. Default: false.',
    NO_SERVER_DEFAULT,
  ),
});

/** How a field is described of which MetalLB has only v1beta2. */
type Describe = <S extends z.ZodMiniType>(schema: S, description: string, keywords?: CrdKeywords) => S;

/** The fields that MetalLB's v1beta1 lacks. */
const newerFields = (theirs: Describe) => ({
  dynamicASN: theirs(
    z.optional(z.enum(['internal', 'external'])),
    'Takes the AS number from the router: internal accepts only ours, external only another. Either this or `peerASN`. Default: unset.',
  ),
  localASN: theirs(
    z.optional(z.int().check(z.gte(1), z.lte(4_294_967_295))),
    'An AS number that this router sees us in instead of `myASN` (RFC 7705). Default: `myASN`.',
    INT64,
  ),
  interface: theirs(
    z.optional(z.string()),
    'The interface behind which the router is, for a session without addresses of its own (unnumbered). Either this or `peerAddress`. Default: unset.',
  ),
  connectTime: theirs(
    z.optional(z.string()),
    'How long we wait between attempts to connect, in whole seconds up to 65535. Default: chosen by the speaker.',
    rules(DURATION_RULE, ...CONNECT_TIME_RULES),
  ),
  nodeSelectorsPolicy: ourField(
    z.optional(z.enum(['All', 'Any'])),
    'How several `nodeSelectors` combine: All must match, or Any (as MetalLB has it). Default: what --node-selectors says, which is All unless set otherwise.',
  ),
  passwordSecret: theirs(
    z.optional(
      z.object({
        name: field(z.optional(z.string()), 'The name of the Secret. Default: unset.'),
        namespace: field(z.optional(z.string()), 'Not used: the Secret is in our namespace. Default: unset.'),
      }),
    ),
    'The Secret whose key `password` holds the key of TCP MD5 (RFC 2385): of type kubernetes.io/basic-auth or (metallb-ts) Opaque, in our namespace. Default: none.',
    { 'x-kubernetes-map-type': 'atomic' },
  ),
  enableGracefulRestart: theirs(
    z._default(z.boolean(), false),
    'Whether the router keeps our routes while the speaker restarts (RFC 4724). Cannot be changed. Default: false.',
    {
      ...NO_SERVER_DEFAULT,
      ...rules(GRACEFUL_RESTART_RULE),
    },
  ),
  vrf: theirs(z.optional(z.string()), 'The VRF of the node that the session is in. Default: none.'),
  disableMP: theirs(
    z.optional(z.boolean()),
    'Deprecated, has no effect: a session carries its own address family, unless `dualStackAddressFamily` is set. Default: false.',
    { default: false },
  ),
  dualStackAddressFamily: theirs(
    z._default(z.boolean(), false),
    'Whether the session carries routes of both address families, not only of its own. Default: false.',
  ),
  ttlSecurityHops: ourField(
    z.optional(z.int().check(z.gte(1), z.lte(254))),
    'TTL security (RFC 5082): packets from more than this many hops away are dropped, ours leave with TTL 255. The router needs the same. Default: off.',
    INT32,
  ),
  maxPrefixes: ourField(
    z._default(z.int().check(z.gte(1), z.lte(4_294_967_295)), 100),
    'How many prefixes the router may send us before the session is ended; we use none of them. Default: 100.',
    { ...INT64, ...NO_SERVER_DEFAULT },
  ),
  strictBFD: ourField(
    z.optional(z.boolean()),
    'Whether the session waits for BFD to be up before it is Established. Needs `bfdProfile`. Default: false.',
  ),
});

/** Their names. */
export const NEWER_FIELDS: readonly string[] = Object.keys(newerFields(field));

const DESCRIPTION = 'The router, and how the session with it is.';

export const BGPPeerSpec = field(
  z.object({
    ...common(),
    peerASN: field(
      z.optional(uint32()),
      'The AS number of the router; equal to `myASN` the session is internal. Either this or `dynamicASN`. Default: 0, which means unset.',
      INT64,
    ),
    peerAddress: field(
      z.optional(z.string()),
      'The IPv4 or IPv6 address of the router; no host name. Either this or `interface`. Default: unset.',
    ),
    peerPort: field(
      z._default(z.int().check(z.gte(1), z.lte(16_384)), 179),
      'The TCP port of the router. Default: 179.',
      // v1beta1 accepts zero and means the default by it; what it stored must stay writable here.
      { minimum: 0 },
    ),
    nodeSelectors: labelSelectors(
      'The nodes that have the session, by their labels. Default: all nodes. Of several selectors all must match (MetalLB: any); `nodeSelectorsPolicy` says which.',
    ),
    ...newerFields(field),
  }),
  DESCRIPTION,
  rules(...PEER_RULES),
);

const NodeSelectorV1Beta1 = field(
  z.object({
    matchLabels: field(
      z.optional(z.record(z.string(), z.string())),
      'Labels that must be there with exactly these values.',
    ),
    matchExpressions: field(
      z.optional(
        z.array(
          field(
            z.object({
              key: field(z.string(), 'The key of the label.'),
              operator: field(
                z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
                'How the label must be: In or NotIn. Exists and DoesNotExist cannot be written here, for they have no values: use v1beta2.',
                { enum: null },
              ),
              values: field(z.array(z.string()).check(z.minLength(1)), 'The values, at least one.'),
            }),
            'One condition on a label.',
          ),
        ),
      ),
      'Conditions that must all hold.',
    ),
  }),
  'A label selector: everything in it must hold; an empty one selects everything.',
);

export const BGPPeerV1Beta1Spec = field(
  z.object({
    ...common(),
    ...newerFields((schema, description, keywords) =>
      ourField(schema, `as in v1beta2. ${description}`, { ...keywords, ...NO_SERVER_DEFAULT }),
    ),
    peerASN: field(
      uint32(),
      'The AS number of the router; equal to `myASN` the session is internal. Required; 0 means unset.',
      INT64,
    ),
    peerAddress: field(
      z.string(),
      'The IPv4 or IPv6 address of the router; no host name. Required; empty means unset.',
    ),
    peerPort: field(
      z.optional(z.int().check(z.gte(0), z.lte(16_384))),
      'The TCP port of the router. Default: 179; 0 means the same.',
    ),
    nodeSelectors: field(
      z.optional(z.array(NodeSelectorV1Beta1)),
      'The nodes that have the session, by their labels. Default: all nodes. Of several selectors all must match (MetalLB: any), unless --node-selectors says otherwise.',
    ),
  }),
  DESCRIPTION,
  rules(...PEER_RULES),
);

export const BGPPeerStatus = field(
  z.object({
    nodes: ourField(counter(), 'How many nodes should have the session.', INT32),
    nodesEstablished: ourField(counter(), 'On how many of them it is Established.', INT32),
    established: ourField(z.optional(z.string()), 'Both in one text: 2/3.'),
    conditions: ourConditions(),
  }),
  'What the controller knows of the peer.',
);
