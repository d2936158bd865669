/** Where our CRDs differ from MetalLB's, each with its reason; and where each rule in CEL comes from. */

/** `KIND version path`, and why the field is not as MetalLB's. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  'BGPPeer v1beta2 spec.peerPort':
    'from 0, which v1beta1 allows and means the default by: both versions are stored as one, and what one lets in the other must accept',
  'BGPPeer v1beta1 spec.myASN': 'AS numbers go to 4294967295, which int32 does not hold; as v1beta2',
  'BGPPeer v1beta1 spec.peerASN': 'AS numbers go to 4294967295, which int32 does not hold; as v1beta2',
  'BGPAdvertisement v1beta1 spec.aggregationLength':
    "at most 32: more is refused by MetalLB's webhook, and means nothing",
  'BGPAdvertisement v1beta1 spec.aggregationLengthV6':
    "at most 128: more is refused by MetalLB's webhook, and means nothing",
  'BGPAdvertisement v1beta1 spec.localPref':
    "LOCAL_PREF has 32 bits without a sign: 0 to 4294967295, which int32 does not hold; MetalLB's Go type takes the same",
  'IPAddressPool v1beta1 status.assignedIPv4': 'not required: a pool that is not in force has conditions and no count',
  'IPAddressPool v1beta1 status.assignedIPv6': 'not required: as assignedIPv4',
  'IPAddressPool v1beta1 status.availableIPv4': 'not required: as assignedIPv4',
  'IPAddressPool v1beta1 status.availableIPv6': 'not required: as assignedIPv4',
};

/** Who refuses the same in MetalLB. */
type Origin =
  | "MetalLB's CRD"
  | "MetalLB's webhook"
  | 'MetalLB, when it reads its configuration; then all of it freezes'
  | 'ours: the field is';

/** `KIND path`, and for each of its rules in their order who refuses the same. */
export const RULE_ORIGINS: Readonly<Record<string, readonly Origin[]>> = {
  'BGPPeer spec': [
    "MetalLB's webhook",
    "MetalLB's webhook",
    "MetalLB's webhook",
    "MetalLB's webhook",
    'MetalLB, when it reads its configuration; then all of it freezes',
    "MetalLB's webhook",
    "MetalLB's webhook",
  ],
  'BGPPeer spec.myASN': ["MetalLB's webhook"],
  'BGPPeer spec.holdTime': ["MetalLB's webhook", "MetalLB's webhook"],
  'BGPPeer spec.keepaliveTime': ["MetalLB's webhook"],
  'BGPPeer spec.connectTime': ["MetalLB's CRD", "MetalLB's CRD", "MetalLB's CRD"],
  'BGPPeer spec.enableGracefulRestart': ["MetalLB's CRD"],
  'BGPAdvertisement spec': ["MetalLB's CRD"],
  'BGPAdvertisement spec.linkBandwidth': ['ours: the field is'],
  'ServiceBGPStatus status.node': ["MetalLB's CRD"],
  'ServiceBGPStatus status.serviceName': ["MetalLB's CRD"],
  'ServiceBGPStatus status.serviceNamespace': ["MetalLB's CRD"],
  'ServiceL2Status status.node': ["MetalLB's CRD"],
  'ServiceL2Status status.serviceName': ["MetalLB's CRD"],
  'ServiceL2Status status.serviceNamespace': ["MetalLB's CRD"],
};

/** What MetalLB refuses and our CRDs do not, and why. */
export const LEFT_OUT: readonly (readonly [what: string, why: string])[] = [
  [
    'That addresses, source address and router ID are addresses',
    'CEL has `isIP` from Kubernetes 1.31 on, we run on 1.29',
  ],
  [
    'Ranges of pools, values of communities, names that stand twice in a list',
    'a rule that looks into a list costs, as the API server reckons, what the longest possible list costs; it would need bounds on lists that MetalLB has not',
  ],
  ['That a pool has an address', "MetalLB's CRD accepts an empty list; the condition Accepted says what is missing"],
  [
    'Operators of label selectors',
    "MetalLB's CRD has none listed, and Kubernetes has none listed in metav1.LabelSelector",
  ],
  ['A hold time above 65535 s', 'MetalLB accepts it (and sends another); the condition Accepted says so'],
  ['Whatever concerns more than one object', 'the conditions say it, and the webhook when it is there'],
];
