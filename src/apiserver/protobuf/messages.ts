/**
 * The messages of Kubernetes' protobuf encoding that kubectl's typed commands send (`create deployment`, `create secret`, `auth can-i` …): the numbers
 * of their fields, as the API's generated.proto files publish them. What is not listed is not understood, and a body that has it is refused.
 *
 * A field is `NUMBER NAME TYPE`. Types: `s` text, `i` integer, `b` boolean, `y` octets (base64 in JSON), a message's name; `[]` before it: repeated;
 * `{}` before it: a map by text. A trailing `*` marks numbers and booleans that are sent only where they are set, so that zero means zero; without
 * it zero is what Go sends for "not set", and JSON leaves it out.
 */
import type { Field } from './decode.ts';

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

  Namespace: '1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus',
  NamespaceSpec: '1 finalizers []s',
  NamespaceStatus: '1 phase s',
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
  ServiceStatus: '1 loadBalancer LoadBalancerStatus',
  LoadBalancerStatus: '1 ingress []LoadBalancerIngress',
  LoadBalancerIngress: '1 ip s, 2 hostname s, 3 ipMode s, 4 ports []PortStatus',
  PortStatus: '1 port i, 2 protocol s, 3 error s',
  SessionAffinityConfig: '1 clientIP ClientIPConfig',
  ClientIPConfig: '1 timeoutSeconds i*',

  Deployment: '1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus',
  DeploymentSpec:
    '1 replicas i*, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds i, 6 revisionHistoryLimit i*, 7 paused b, 9 progressDeadlineSeconds i*',
  DeploymentStatus:
    '1 observedGeneration i, 2 replicas i, 3 updatedReplicas i, 4 availableReplicas i, 5 unavailableReplicas i, 7 readyReplicas i, 8 collisionCount i*, 9 terminatingReplicas i*',
  DeploymentStrategy: '1 type s, 2 rollingUpdate RollingUpdateDeployment',
  RollingUpdateDeployment: '1 maxUnavailable IntOrString, 2 maxSurge IntOrString',
  PodTemplateSpec: '1 metadata ObjectMeta, 2 spec PodSpec',
  Pod: '1 metadata ObjectMeta, 2 spec PodSpec, 3 status PodStatus',
  PodStatus: '1 phase s, 9 qosClass s',
  PodSpec:
    '2 containers []Container, 3 restartPolicy s, 4 terminationGracePeriodSeconds i*, 5 activeDeadlineSeconds i*, 6 dnsPolicy s, 7 nodeSelector {}s, 8 serviceAccountName s, 9 serviceAccount s, 10 nodeName s, 11 hostNetwork b, 12 hostPID b, 13 hostIPC b, 14 securityContext PodSecurityContext, 15 imagePullSecrets []LocalObjectReference, 16 hostname s, 17 subdomain s, 19 schedulerName s, 20 initContainers []Container, 21 automountServiceAccountToken b*, 22 tolerations []Toleration, 24 priorityClassName s, 25 priority i*, 27 shareProcessNamespace b*, 30 enableServiceLinks b*, 31 preemptionPolicy s',
  PodSecurityContext: '2 runAsUser i*, 3 runAsNonRoot b*, 5 fsGroup i*, 6 runAsGroup i*',
  Toleration: '1 key s, 2 operator s, 3 value s, 4 effect s, 5 tolerationSeconds i*',
  Container:
    '1 name s, 2 image s, 3 command []s, 4 args []s, 5 workingDir s, 6 ports []ContainerPort, 7 env []EnvVar, 8 resources ResourceRequirements, 13 terminationMessagePath s, 14 imagePullPolicy s, 16 stdin b, 17 stdinOnce b, 18 tty b, 20 terminationMessagePolicy s',
  ContainerPort: '1 name s, 2 hostPort i, 3 containerPort i, 4 protocol s, 5 hostIP s',
  EnvVar: '1 name s, 2 value s',
  ResourceRequirements: '1 limits {}Quantity, 2 requests {}Quantity',

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
    '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes, 3 user s, 4 groups []s, 6 uid s',
  AccessReviewStatus: '1 allowed b, 2 reason s, 3 evaluationError s, 4 denied b',
  ResourceAttributes: '1 namespace s, 2 verb s, 3 group s, 4 version s, 5 resource s, 6 subresource s, 7 name s',
  NonResourceAttributes: '1 path s, 2 verb s',
  SelfSubjectRulesReview: '1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status RulesReviewStatus',
  SelfSubjectRulesReviewSpec: '1 namespace s',
  RulesReviewStatus: '3 incomplete b, 4 evaluationError s',
  SelfSubjectReview: '1 metadata ObjectMeta, 2 status SelfSubjectReviewStatus',
  SelfSubjectReviewStatus: '1 userInfo UserInfo',
  UserInfo: '1 username s, 2 uid s, 3 groups []s',
  TokenReview: '1 metadata ObjectMeta, 2 spec TokenReviewSpec, 3 status TokenReviewStatus',
  TokenReviewSpec: '1 token s, 2 audiences []s',
  TokenReviewStatus: '1 authenticated b, 2 user UserInfo, 3 error s, 4 audiences []s',
};

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

/** By message, the fields by number. */
export const MESSAGES: ReadonlyMap<string, ReadonlyMap<number, Field>> = new Map(
  Object.entries(SOURCE).map(([message, text]) => [message, new Map(text.split(', ').map(parseField))]),
);
