/**
 * The schemas of BGPPeer: v1beta2, and the deprecated v1beta1 with the few fields that it has.
 *
 * Both are stored once, without conversion: v1beta1's fields are v1beta2's by name and form. So v1beta2 must accept whatever v1beta1 does, and
 * a rule of one that concerns a field of both is a rule of both: an object that v1beta1 let in and v1beta2 refuses could get no status.
 */
import * as z from 'zod/mini';
import { ourConditions } from './condition.ts';
import {
  type CelRule,
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

/**
 * Durations as Go's time.ParseDuration takes them. Without a backslash, which CEL would want twice; and short, since the API server reckons
 * what a rule costs by the length of the pattern and the longest text that a request can hold, and refuses the CRD beyond its budget.
 */
const DURATION = '^[-+]?(0|(([0-9]+[.]?[0-9]*|[.][0-9]+)([nuµμm]?s|m|h))+)$';

const isDuration = (name: string) => `${name}.matches('${DURATION}')`;
const seconds = (name: string) => `duration(${name}).getSeconds()`;

const durationRule: CelRule = {
  rule: isDuration('self'),
  message: 'is no duration: write a number with its unit (90s, 1m30s), or leave the field out',
};

const duration = (description: string, ...more: readonly CelRule[]) =>
  field(z.optional(z.string()), description, rules(durationRule, ...more));

/** Where two texts are durations; what is none has a rule of its own. */
const durationsThen = (names: readonly string[], rule: string) =>
  `${names.map((name) => `!${isDuration(name)}`).join(' || ')} || ${rule}`;

const ASN_ZERO: CelRule = {
  rule: 'self != 0',
  message: 'AS number 0 is reserved (RFC 7607): write the number of the AS',
};

const myASN = () => field(uint32(), 'Our AS number. Required.', { ...INT64, ...rules(ASN_ZERO) });

const common = () => ({
  sourceAddress: field(
    z.optional(z.string()),
    "The address of the node from which the session is opened; where a node has it not, its session fails and says so. Default: chosen by the node's routes.",
  ),
  holdTime: duration(
    "How long the router may be silent before the session ends, for example 90s. 0s means forever. The lower one of ours and the router's is used. Default: 90s; three times `keepaliveTime` where only that is set.",
    {
      rule: durationsThen(['self'], `${seconds('self')} == 0 || ${seconds('self')} >= 3`),
      message: 'a hold time is 0s or at least 3s (RFC 4271): write 3s or more, or leave the field out for 90s',
    },
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

const KEEPALIVE_WITHIN_HOLD: CelRule = {
  rule: `!has(self.holdTime) || !has(self.keepaliveTime) || ${durationsThen(
    ['self.holdTime', 'self.keepaliveTime'],
    `${seconds('self.keepaliveTime')} <= ${seconds('self.holdTime')}`,
  )}`,
  message: 'keepaliveTime is above holdTime: leave keepaliveTime out, which makes it a third of holdTime',
};

const isText = (name: string) => `(has(self.${name}) && self.${name} != '')`;
const HAS_PEER_ASN = '(has(self.peerASN) && self.peerASN != 0)';

const MULTI_HOP: CelRule = {
  rule: '!(has(self.ebgpMultiHop) && self.ebgpMultiHop && !has(self.localASN) && has(self.peerASN) && self.peerASN == self.myASN)',
  message:
    'ebgpMultiHop is for external peers, and this one is internal (peerASN = myASN): remove it, or correct peerASN',
};

const PEER_RULES: readonly CelRule[] = [
  {
    rule: `!(${HAS_PEER_ASN} && has(self.dynamicASN))`,
    message: 'peerASN and dynamicASN exclude each other: remove one of them',
  },
  {
    rule: `${HAS_PEER_ASN} || has(self.dynamicASN)`,
    message: 'neither peerASN nor dynamicASN is set: write peerASN, the AS number of the router',
  },
  {
    rule: `!(${isText('peerAddress')} && ${isText('interface')})`,
    message: 'peerAddress and interface exclude each other: remove one of them',
  },
  {
    rule: `${isText('peerAddress')} || ${isText('interface')}`,
    message: 'neither peerAddress nor interface is set: write peerAddress, the address of the router',
  },
  {
    rule: `!(${isText('password')} && has(self.passwordSecret) && has(self.passwordSecret.name) && self.passwordSecret.name != '')`,
    message: 'password and passwordSecret exclude each other: remove password',
  },
  KEEPALIVE_WITHIN_HOLD,
  MULTI_HOP,
];

const DESCRIPTION = 'The router, and how the session with it is.';

export const BGPPeerSpec = field(
  z.object({
    ...common(),
    myASN: myASN(),
    peerASN: field(
      z.optional(uint32()),
      'The AS number of the router; equal to `myASN` the session is internal. Either this or `dynamicASN`. Default: 0, which means unset.',
      INT64,
    ),
    dynamicASN: field(
      z.optional(z.enum(['internal', 'external'])),
      'Takes the AS number from the router: internal accepts only ours, external only another. Either this or `peerASN`. Default: unset.',
    ),
    localASN: field(
      z.optional(z.int().check(z.gte(1), z.lte(4_294_967_295))),
      'An AS number that this router sees us in instead of `myASN` (RFC 7705). Default: `myASN`.',
      INT64,
    ),
    peerAddress: field(
      z.optional(z.string()),
      'The IPv4 or IPv6 address of the router; no host name. Either this or `interface`. Default: unset.',
    ),
    interface: field(
      z.optional(z.string()),
      'The interface behind which the router is, for a session without addresses of its own (unnumbered). Either this or `peerAddress`. Default: unset.',
    ),
    peerPort: field(
      z._default(z.int().check(z.gte(1), z.lte(16_384)), 179),
      'The TCP port of the router. Default: 179.',
      // v1beta1 accepts zero and means the default by it; what it stored must stay writable here.
      { minimum: 0 },
    ),
    connectTime: duration(
      'How long we wait between attempts to connect, in whole seconds up to 65535. Default: chosen by the speaker.',
      {
        rule: durationsThen(['self'], `(${seconds('self')} >= 1 && ${seconds('self')} <= 65535)`),
        message: 'is not within 1s and 65535s: write a time in between, or leave the field out',
      },
      {
        rule: durationsThen(['self'], 'duration(self).getMilliseconds() % 1000 == 0'),
        message: 'is no whole number of seconds: round it',
      },
    ),
    nodeSelectors: labelSelectors(
      'The nodes that have the session, by their labels. Default: all nodes. Of several selectors all must match (MetalLB: any); `nodeSelectorsPolicy` says which.',
    ),
    nodeSelectorsPolicy: ourField(
      z.optional(z.enum(['All', 'Any'])),
      'How several `nodeSelectors` combine: All must match, or Any (as MetalLB has it). Default: what --node-selectors says, which is All unless set otherwise.',
    ),
    passwordSecret: field(
      z.optional(
        z.object({
          name: field(z.optional(z.string()), 'The name of the Secret. Default: unset.'),
          namespace: field(z.optional(z.string()), 'Not used: the Secret is in our namespace. Default: unset.'),
        }),
      ),
      'The Secret whose key `password` holds the key of TCP MD5 (RFC 2385): of type kubernetes.io/basic-auth or (metallb-ts) Opaque, in our namespace. Default: none.',
      { 'x-kubernetes-map-type': 'atomic' },
    ),
    enableGracefulRestart: field(
      z._default(z.boolean(), false),
      'Whether the router keeps our routes while the speaker restarts (RFC 4724). Cannot be changed. Default: false.',
      {
        ...NO_SERVER_DEFAULT,
        ...rules({
          rule: 'self == oldSelf',
          message: 'enableGracefulRestart cannot be changed: delete the BGPPeer and create it anew',
        }),
      },
    ),
    vrf: field(z.optional(z.string()), 'The VRF of the node that the session is in. Default: none.'),
    disableMP: field(
      z.optional(z.boolean()),
      'Deprecated, has no effect: a session carries its own address family, unless `dualStackAddressFamily` is set. Default: false.',
      { default: false },
    ),
    dualStackAddressFamily: field(
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
    myASN: myASN(),
    peerASN: field(uint32(), 'The AS number of the router; equal to `myASN` the session is internal. Required.', {
      ...INT64,
      ...rules(ASN_ZERO),
    }),
    peerAddress: field(z.string(), 'The IPv4 or IPv6 address of the router; no host name. Required.', {
      ...rules({ rule: "self != ''", message: 'is empty: write the address of the router' }),
    }),
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
  rules(KEEPALIVE_WITHIN_HOLD, {
    ...MULTI_HOP,
    rule: '!(has(self.ebgpMultiHop) && self.ebgpMultiHop && self.peerASN == self.myASN)',
  }),
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
