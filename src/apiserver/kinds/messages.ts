/**
 * The fields of built-in kinds and their types: what strict decoding checks a body against, and by their numbers what kubectl's typed commands
 * (`create deployment`, `create secret`, `auth can-i` …) encode in protobuf. Names and numbers are those that the API's generated.proto files publish.
 *
 * A field is `NUMBER NAME TYPE`. Types: `s` text, `i` integer, `b` boolean, `y` octets (base64 in JSON), `Time` (and with fractions: `MicroTime`),
 * `IntOrString`, `Quantity`, `FieldsV1`, or a message's name; `[]` before it: a list; `{}` before it: a map by text. A trailing `*` marks numbers and
 * booleans that are sent only where they are set, so that zero means zero; without it zero is what Go sends for "not set", and JSON leaves it out.
 * `…` at the end: there are more fields than those listed, which are let through as JSON and refused in protobuf.
 */

/** A field of a message. */
export interface Field {
  readonly name: string;
  readonly shape: 'one' | 'list' | 'map';
  readonly type: string;
  readonly zeroCounts: boolean;
}

export interface Message {
  readonly byNumber: ReadonlyMap<number, Field>;
  readonly byName: ReadonlyMap<string, Field>;
  /** Whether there are fields that are not listed. */
  readonly open: boolean;
}

const SOURCE: Readonly<Record<string, string>> = {
  ObjectMeta:
    '1 name s, 2 generateName s, 3 namespace s, 4 selfLink s, 5 uid s, 6 resourceVersion s, 7 generation i, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds i*, 11 labels {}s, 12 annotations {}s, 13 ownerReferences []OwnerReference, 14 finalizers []s, 17 managedFields []ManagedFieldsEntry',
  OwnerReference: '5 apiVersion s, 1 kind s, 3 name s, 4 uid s, 6 controller b*, 7 blockOwnerDeletion b*',
  ManagedFieldsEntry:
    '1 manager s, 2 operation s, 3 apiVersion s, 4 time Time, 6 fieldsType s, 7 fieldsV1 FieldsV1, 8 subresource s',
  LabelSelector: '1 matchLabels {}s, 2 matchExpressions []LabelSelectorRequirement',
  LabelSelectorRequirement: '1 key s, 2 operator s, 3 values []s',
  DeleteOptions:
    '1 gracePeriodSeconds i*, 2 preconditions Preconditions, 3 orphanDependents b*, 4 propagationPolicy s, 5 dryRun []s',
  Preconditions: '1 uid s, 2 resourceVersion s',
  Eviction: '1 metadata ObjectMeta, 2 deleteOptions DeleteOptions',

  Condition: '1 type s, 2 status s, 3 observedGeneration i, 4 lastTransitionTime Time, 5 reason s, 6 message s',
  NamespaceCondition: '1 type s, 2 status s, 4 lastTransitionTime Time, 5 reason s, 6 message s',
  // Of DaemonSets and ReplicaSets too, whose last transition has another number.
  DeploymentCondition:
    '1 type s, 2 status s, 3 lastTransitionTime Time, 4 reason s, 5 message s, 6 lastUpdateTime Time, 7 lastTransitionTime Time',

  Namespace: '1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus',
  NamespaceSpec: '1 finalizers []s',
  NamespaceStatus: '1 phase s, 2 conditions []NamespaceCondition',
  ConfigMap: '1 metadata ObjectMeta, 2 data {}s, 3 binaryData {}y, 4 immutable b*',
  Secret: '1 metadata ObjectMeta, 2 data {}y, 3 type s, 4 stringData {}s, 5 immutable b*',
  ServiceAccount:
    '1 metadata ObjectMeta, 2 secrets []ObjectReference, 3 imagePullSecrets []LocalObjectReference, 4 automountServiceAccountToken b*',
  ObjectReference: '1 kind s, 2 namespace s, 3 name s, 4 uid s, 5 apiVersion s, 6 resourceVersion s, 7 fieldPath s',
  LocalObjectReference: '1 name s',
  Service: '1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus',
  ServiceSpec:
    '1 ports []ServicePort, 2 selector {}s, 3 clusterIP s, 4 type s, 5 externalIPs []s, 7 sessionAffinity s, 8 loadBalancerIP s, 9 loadBalancerSourceRanges []s, 10 externalName s, 11 externalTrafficPolicy s, 12 healthCheckNodePort i, 13 publishNotReadyAddresses b, 14 sessionAffinityConfig SessionAffinityConfig, 17 ipFamilyPolicy s, 18 clusterIPs []s, 19 ipFamilies []s, 20 allocateLoadBalancerNodePorts b*, 21 loadBalancerClass s, 22 internalTrafficPolicy s, 23 trafficDistribution s',
  ServicePort: '1 name s, 2 protocol s, 3 port i, 4 targetPort IntOrString, 5 nodePort i, 6 appProtocol s',
  ServiceStatus: '1 loadBalancer LoadBalancerStatus, 2 conditions []Condition',
  LoadBalancerStatus: '1 ingress []LoadBalancerIngress',
  LoadBalancerIngress: '1 ip s, 2 hostname s, 3 ipMode s, 4 ports []PortStatus',
  PortStatus: '1 port i, 2 protocol s, 3 error s',
  SessionAffinityConfig: '1 clientIP ClientIPConfig',
  ClientIPConfig: '1 timeoutSeconds i*',

  Deployment: '1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus',
  DeploymentSpec:
    '1 replicas i*, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds i, 6 revisionHistoryLimit i*, 7 paused b, 9 progressDeadlineSeconds i*',
  DeploymentStatus:
    '1 observedGeneration i, 2 replicas i, 3 updatedReplicas i, 4 availableReplicas i, 5 unavailableReplicas i, 7 readyReplicas i, 8 collisionCount i*, 9 terminatingReplicas i*, 6 conditions []DeploymentCondition',
  DeploymentStrategy: '1 type s, 2 rollingUpdate RollingUpdateDeployment',
  RollingUpdateDeployment: '1 maxUnavailable IntOrString, 2 maxSurge IntOrString',
  PodTemplateSpec: '1 metadata ObjectMeta, 2 spec PodSpec',
  Pod: '1 metadata ObjectMeta, 2 spec PodSpec, 3 status PodStatus',
  PodStatus: '1 phase s, 9 qosClass s, …',
  PodSpec:
    '2 containers []Container, 3 restartPolicy s, 4 terminationGracePeriodSeconds i*, 5 activeDeadlineSeconds i*, 6 dnsPolicy s, 7 nodeSelector {}s, 8 serviceAccountName s, 9 serviceAccount s, 10 nodeName s, 11 hostNetwork b, 12 hostPID b, 13 hostIPC b, 14 securityContext PodSecurityContext, 15 imagePullSecrets []LocalObjectReference, 16 hostname s, 17 subdomain s, 19 schedulerName s, 20 initContainers []Container, 21 automountServiceAccountToken b*, 22 tolerations []Toleration, 24 priorityClassName s, 25 priority i*, 27 shareProcessNamespace b*, 30 enableServiceLinks b*, 31 preemptionPolicy s, …',
  PodSecurityContext: '2 runAsUser i*, 3 runAsNonRoot b*, 5 fsGroup i*, 6 runAsGroup i*, …',
  Toleration: '1 key s, 2 operator s, 3 value s, 4 effect s, 5 tolerationSeconds i*',
  Container:
    '1 name s, 2 image s, 3 command []s, 4 args []s, 5 workingDir s, 6 ports []ContainerPort, 7 env []EnvVar, 8 resources ResourceRequirements, 13 terminationMessagePath s, 14 imagePullPolicy s, 16 stdin b, 17 stdinOnce b, 18 tty b, 20 terminationMessagePolicy s, …',
  ContainerPort: '1 name s, 2 hostPort i, 3 containerPort i, 4 protocol s, 5 hostIP s',
  EnvVar: '1 name s, 2 value s, …',
  ResourceRequirements: '1 limits {}Quantity, 2 requests {}Quantity, …',

  DaemonSet: '1 metadata ObjectMeta, 2 spec DaemonSetSpec, 3 status DaemonSetStatus',
  DaemonSetSpec:
    '1 selector LabelSelector, 2 template PodTemplateSpec, 3 updateStrategy DaemonSetUpdateStrategy, 4 minReadySeconds i, 6 revisionHistoryLimit i*',
  DaemonSetUpdateStrategy: '1 type s, 2 rollingUpdate RollingUpdateDaemonSet',
  RollingUpdateDaemonSet: '1 maxUnavailable IntOrString, 2 maxSurge IntOrString',
  DaemonSetStatus:
    '1 currentNumberScheduled i, 2 numberMisscheduled i, 3 desiredNumberScheduled i, 4 numberReady i, 5 observedGeneration i, 6 updatedNumberScheduled i, 7 numberAvailable i, 8 numberUnavailable i, 9 collisionCount i*, 10 conditions []DeploymentCondition',
  ReplicaSet: '1 metadata ObjectMeta, 2 spec ReplicaSetSpec, 3 status ReplicaSetStatus',
  ReplicaSetSpec: '1 replicas i*, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 minReadySeconds i',
  ReplicaSetStatus:
    '1 replicas i, 2 fullyLabeledReplicas i, 3 observedGeneration i, 4 readyReplicas i, 5 availableReplicas i, 6 conditions []DeploymentCondition, 7 terminatingReplicas i*',

  Node: '1 metadata ObjectMeta, 2 spec NodeSpec, 3 status NodeStatus',
  NodeSpec: '1 podCIDR s, 2 externalID s, 3 providerID s, 4 unschedulable b, 5 taints []Taint, 7 podCIDRs []s, …',
  Taint: '1 key s, 2 value s, 3 effect s, 4 timeAdded Time',
  NodeStatus: '1 capacity {}Quantity, 2 allocatable {}Quantity, 3 phase s, 5 addresses []NodeAddress, …',
  NodeAddress: '1 type s, 2 address s',
  Event:
    '1 metadata ObjectMeta, 2 involvedObject ObjectReference, 3 reason s, 4 message s, 5 source EventSource, 6 firstTimestamp Time, 7 lastTimestamp Time, 8 count i, 9 type s, 10 eventTime MicroTime, 11 series EventSeries, 12 action s, 13 related ObjectReference, 14 reportingComponent s, 15 reportingInstance s',
  EventSource: '1 component s, 2 host s',
  EventSeries: '1 count i, 2 lastObservedTime MicroTime',
  Lease: '1 metadata ObjectMeta, 2 spec LeaseSpec',
  LeaseSpec:
    '1 holderIdentity s, 2 leaseDurationSeconds i*, 3 acquireTime MicroTime, 4 renewTime MicroTime, 5 leaseTransitions i*, 6 strategy s, 7 preferredHolder s',
  Endpoints: '1 metadata ObjectMeta, 2 subsets []EndpointSubset',
  EndpointSubset: '1 addresses []EndpointAddress, 2 notReadyAddresses []EndpointAddress, 3 ports []EndpointPort',
  EndpointAddress: '1 ip s, 2 targetRef ObjectReference, 3 hostname s, 4 nodeName s',
  EndpointPort: '1 name s, 2 port i, 3 protocol s, 4 appProtocol s',
  EndpointSlice: '1 metadata ObjectMeta, 2 endpoints []Endpoint, 3 ports []EndpointPort, 4 addressType s',
  Endpoint:
    '1 addresses []s, 2 conditions EndpointConditions, 3 hostname s, 4 targetRef ObjectReference, 5 deprecatedTopology {}s, 6 nodeName s, 7 zone s, 8 hints EndpointHints',
  EndpointConditions: '1 ready b*, 2 serving b*, 3 terminating b*',
  EndpointHints: '1 forZones []ObjectName, 2 forNodes []ObjectName',
  ObjectName: '1 name s',

  Role: '1 metadata ObjectMeta, 2 rules []PolicyRule',
  ClusterRole: '1 metadata ObjectMeta, 2 rules []PolicyRule, 3 aggregationRule AggregationRule',
  AggregationRule: '1 clusterRoleSelectors []LabelSelector',
  PolicyRule: '1 verbs []s, 2 apiGroups []s, 3 resources []s, 4 resourceNames []s, 5 nonResourceURLs []s',
  RoleBinding: '1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef',
  ClusterRoleBinding: '1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef',
  Subject: '1 kind s, 2 apiGroup s, 3 name s, 4 namespace s',
  RoleRef: '1 apiGroup s, 2 kind s, 3 name s',
  PriorityClass: '1 metadata ObjectMeta, 2 value i, 3 globalDefault b, 4 description s, 5 preemptionPolicy s',

  SelfSubjectAccessReview: '1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status AccessReviewStatus',
  SelfSubjectAccessReviewSpec: '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes',
  SubjectAccessReview: '1 metadata ObjectMeta, 2 spec SubjectAccessReviewSpec, 3 status AccessReviewStatus',
  SubjectAccessReviewSpec:
    '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes, 3 user s, 4 groups []s, 6 uid s, …',
  AccessReviewStatus: '1 allowed b, 2 reason s, 3 evaluationError s, 4 denied b',
  ResourceAttributes: '1 namespace s, 2 verb s, 3 group s, 4 version s, 5 resource s, 6 subresource s, 7 name s, …',
  NonResourceAttributes: '1 path s, 2 verb s',
  SelfSubjectRulesReview: '1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status RulesReviewStatus',
  SelfSubjectRulesReviewSpec: '1 namespace s',
  RulesReviewStatus: '3 incomplete b, 4 evaluationError s, …',
  SelfSubjectReview: '1 metadata ObjectMeta, 2 status SelfSubjectReviewStatus',
  SelfSubjectReviewStatus: '1 userInfo UserInfo',
  UserInfo: '1 username s, 2 uid s, 3 groups []s, …',
  TokenReview: '1 metadata ObjectMeta, 2 spec TokenReviewSpec, 3 status TokenReviewStatus',
  TokenReviewSpec: '1 token s, 2 audiences []s',
  TokenReviewStatus: '1 authenticated b, 2 user UserInfo, 3 error s, 4 audiences []s',
};

const MORE = ', …';

function parseField(text: string): readonly [number, Field] {
  const [, number, name, shape, type, set] = /^(\d+) (\w+) (\[\]|\{\})?(\w+)(\*)?$/.exec(text) as unknown as string[];
  return [
    Number(number),
    {
      name: name as string,
      shape: shape === '[]' ? 'list' : shape === '{}' ? 'map' : 'one',
      type: type as string,
      zeroCounts: set === '*',
    },
  ];
}

function parseMessage(text: string): Message {
  const fields = text.replace(MORE, '').split(', ').map(parseField);
  return {
    byNumber: new Map(fields),
    byName: new Map(fields.map(([, field]) => [field.name, field])),
    open: text.endsWith(MORE),
  };
}

/** By name of the message, which for a kind is the kind. */
export const MESSAGES: ReadonlyMap<string, Message> = new Map(
  Object.entries(SOURCE).map(([message, text]) => [message, parseMessage(text)]),
);
