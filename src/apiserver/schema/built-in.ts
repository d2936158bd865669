/**
 * Schemas of built-in kinds: what of them matters to server-side apply (which lists are maps and by which keys, which maps and lists are one value)
 * and to clients that read OpenAPI. Which field is what is said by the `listType`, `listMapKey` and `mapType` markers of Kubernetes' Go types.
 *
 * They are compact on purpose: a field that is not named here is preserved and merged as Kubernetes merges fields of unknown type (objects by
 * field, lists as one value), and built-in kinds are validated by code, not by these.
 */
import type { Json } from '../types.ts';

const text: Json = { type: 'string' };
const integer: Json = { type: 'integer', format: 'int32' };
const flag: Json = { type: 'boolean' };
const port: Json = { 'x-kubernetes-int-or-string': true };
const time: Json = { type: 'string', format: 'date-time' };
const PRESERVE = 'x-kubernetes-preserve-unknown-fields';

/** An object that may have more fields than these. */
const object = (properties: Readonly<Record<string, Json>> = {}): Json => ({
  type: 'object',
  properties,
  [PRESERVE]: true,
});

/** An object or a map that one manager owns as a whole. */
const whole = (properties: Readonly<Record<string, Json>> = {}): Json => ({
  ...object(properties),
  'x-kubernetes-map-type': 'atomic',
});

const texts: Json = { type: 'object', additionalProperties: text };
const wholeTexts: Json = { ...texts, 'x-kubernetes-map-type': 'atomic' };

const list = (items: Json = object()): Json => ({ type: 'array', items, 'x-kubernetes-list-type': 'atomic' });
const setOf = (items: Json): Json => ({ type: 'array', items, 'x-kubernetes-list-type': 'set' });

/** A list whose items are told apart by keys; `mergeKey` is the one that strategic merge patches use. */
const byKeys = (
  keys: readonly string[],
  properties: Readonly<Record<string, Json>>,
  mergeKey = keys[0] ?? '',
): Json => ({
  type: 'array',
  items: { ...object(properties), required: keys.filter((key) => properties[key]?.default === undefined) },
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
  'x-kubernetes-patch-merge-key': mergeKey,
  'x-kubernetes-patch-strategy': 'merge',
});

const byName = (properties: Readonly<Record<string, Json>> = {}): Json =>
  byKeys(['name'], { name: text, ...properties });
const protocol: Json = { type: 'string', default: 'TCP' };

const CONDITIONS: Json = byKeys(['type'], {
  type: text,
  status: text,
  reason: text,
  message: text,
  lastTransitionTime: time,
});

/** metav1.LabelSelector. */
const SELECTOR: Json = whole({ matchLabels: texts, matchExpressions: list() });
const LOCAL_REFERENCE: Json = whole({ name: text });
const OBJECT_REFERENCE: Json = whole({
  apiVersion: text,
  kind: text,
  name: text,
  namespace: text,
  uid: text,
  fieldPath: text,
});

/** metav1.ObjectMeta, of all kinds. */
export const OBJECT_META: Json = {
  ...object({
    name: text,
    generateName: text,
    namespace: text,
    uid: text,
    resourceVersion: text,
    generation: { type: 'integer', format: 'int64' },
    creationTimestamp: { ...time, nullable: true },
    deletionTimestamp: time,
    deletionGracePeriodSeconds: { type: 'integer', format: 'int64' },
    labels: texts,
    annotations: texts,
    finalizers: setOf(text),
    ownerReferences: {
      ...byKeys(['uid'], {
        apiVersion: text,
        kind: text,
        name: text,
        uid: text,
        controller: flag,
        blockOwnerDeletion: flag,
      }),
      items: whole({ apiVersion: text, kind: text, name: text, uid: text, controller: flag, blockOwnerDeletion: flag }),
    },
    managedFields: list(),
  }),
  description: 'Name, namespace, labels, annotations, owners and what else every object has.',
};

const keySelector: Json = whole({ name: text, key: text, optional: flag });

const container: Readonly<Record<string, Json>> = {
  image: text,
  imagePullPolicy: text,
  command: list(text),
  args: list(text),
  workingDir: text,
  env: byName({
    value: text,
    valueFrom: object({
      configMapKeyRef: keySelector,
      secretKeyRef: keySelector,
      fieldRef: whole(),
      resourceFieldRef: whole(),
    }),
  }),
  envFrom: list(),
  ports: byKeys(['containerPort', 'protocol'], { containerPort: integer, protocol, name: text, hostPort: integer }),
  resources: object({ limits: texts, requests: texts, claims: byName() }),
  volumeMounts: byKeys(['mountPath'], { mountPath: text, name: text, readOnly: flag, subPath: text }),
  volumeDevices: byKeys(['devicePath'], { devicePath: text, name: text }),
  livenessProbe: object(),
  readinessProbe: object(),
  startupProbe: object(),
  securityContext: object({ capabilities: object({ add: list(text), drop: list(text) }) }),
};

const POD_SPEC: Json = object({
  containers: byName(container),
  initContainers: byName({ ...container, restartPolicy: text }),
  ephemeralContainers: byName(container),
  volumes: byName({ secret: object(), configMap: object(), emptyDir: object(), hostPath: object() }),
  imagePullSecrets: { ...byName(), items: LOCAL_REFERENCE },
  hostAliases: byKeys(['ip'], { ip: text, hostnames: list(text) }),
  topologySpreadConstraints: byKeys(['topologyKey', 'whenUnsatisfiable'], {
    topologyKey: text,
    whenUnsatisfiable: text,
    labelSelector: SELECTOR,
  }),
  resourceClaims: byName(),
  schedulingGates: byName(),
  nodeSelector: wholeTexts,
  tolerations: list(),
  readinessGates: list(),
  nodeName: text,
  serviceAccountName: text,
  hostNetwork: flag,
  restartPolicy: text,
  priorityClassName: text,
  terminationGracePeriodSeconds: { type: 'integer', format: 'int64' },
  securityContext: object({ supplementalGroups: list(), sysctls: list() }),
});

const TEMPLATE: Json = object({ metadata: OBJECT_META, spec: POD_SPEC });

const workload = (spec: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> => ({
  spec: object({ selector: SELECTOR, template: TEMPLATE, minReadySeconds: integer, ...spec }),
  status: object({ conditions: CONDITIONS }),
});

const rules: Json = list(
  object({ apiGroups: list(text), resources: list(text), verbs: list(text), resourceNames: list(text) }),
);
const binding = { roleRef: whole({ apiGroup: text, kind: text, name: text }), subjects: list() };

/** The fields of each kind beside `apiVersion`, `kind` and `metadata`. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  Namespace: { spec: object({ finalizers: list(text) }), status: object({ phase: text, conditions: CONDITIONS }) },
  Service: {
    spec: object({
      type: text,
      clusterIP: text,
      clusterIPs: list(text),
      externalIPs: list(text),
      externalName: text,
      externalTrafficPolicy: text,
      internalTrafficPolicy: text,
      allocateLoadBalancerNodePorts: flag,
      healthCheckNodePort: integer,
      ipFamilies: list(text),
      ipFamilyPolicy: text,
      loadBalancerClass: text,
      loadBalancerIP: text,
      loadBalancerSourceRanges: list(text),
      ports: byKeys(
        ['port', 'protocol'],
        { port: integer, protocol, name: text, targetPort: port, nodePort: integer, appProtocol: text },
        'port',
      ),
      publishNotReadyAddresses: flag,
      selector: wholeTexts,
      sessionAffinity: text,
      sessionAffinityConfig: object(),
      trafficDistribution: text,
    }),
    status: object({
      loadBalancer: object({ ingress: list(object({ ip: text, hostname: text, ipMode: text, ports: list() })) }),
      conditions: CONDITIONS,
    }),
  },
  Endpoints: { subsets: list() },
  Node: {
    spec: object({ podCIDR: text, podCIDRs: setOf(text), providerID: text, taints: list(), unschedulable: flag }),
    status: object({
      addresses: byKeys(['type'], { type: text, address: text }),
      conditions: CONDITIONS,
      capacity: texts,
      allocatable: texts,
      images: list(),
      nodeInfo: object(),
    }),
  },
  Pod: {
    spec: POD_SPEC,
    status: object({
      phase: text,
      conditions: CONDITIONS,
      podIP: text,
      podIPs: byKeys(['ip'], { ip: text }),
      hostIP: text,
      hostIPs: list(object({ ip: text })),
      containerStatuses: list(),
      initContainerStatuses: list(),
      startTime: time,
    }),
  },
  Secret: { type: text, data: texts, stringData: texts, immutable: flag },
  ConfigMap: { data: texts, binaryData: texts, immutable: flag },
  Event: {
    involvedObject: OBJECT_REFERENCE,
    related: OBJECT_REFERENCE,
    reason: text,
    message: text,
    type: text,
    count: integer,
    firstTimestamp: { ...time, nullable: true },
    lastTimestamp: { ...time, nullable: true },
    eventTime: { ...time, nullable: true },
    source: object({ component: text, host: text }),
    action: text,
    reportingComponent: text,
    reportingInstance: text,
  },
  ServiceAccount: {
    secrets: { ...byName(), items: OBJECT_REFERENCE },
    imagePullSecrets: list(LOCAL_REFERENCE),
    automountServiceAccountToken: flag,
  },
  Deployment: workload({ replicas: integer, paused: flag, strategy: object({ type: text, rollingUpdate: object() }) }),
  DaemonSet: workload({ updateStrategy: object({ type: text, rollingUpdate: object() }) }),
  ReplicaSet: workload({ replicas: integer }),
  EndpointSlice: { addressType: text, endpoints: list(), ports: list() },
  Lease: {
    spec: object({
      holderIdentity: text,
      leaseDurationSeconds: integer,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: integer,
    }),
  },
  CustomResourceDefinition: {
    spec: object({
      group: text,
      scope: text,
      names: object({
        plural: text,
        singular: text,
        kind: text,
        listKind: text,
        shortNames: list(text),
        categories: list(text),
      }),
      versions: list(),
      conversion: object({ strategy: text, webhook: object() }),
    }),
    status: object({ conditions: CONDITIONS, acceptedNames: object(), storedVersions: list(text) }),
  },
  ValidatingWebhookConfiguration: {
    webhooks: byName({
      clientConfig: object(),
      rules: list(),
      failurePolicy: text,
      sideEffects: text,
      admissionReviewVersions: list(text),
      namespaceSelector: SELECTOR,
      objectSelector: SELECTOR,
      matchConditions: byName({ expression: text }),
      timeoutSeconds: integer,
    }),
  },
  ClusterRole: { rules, aggregationRule: object({ clusterRoleSelectors: list() }) },
  Role: { rules },
  ClusterRoleBinding: binding,
  RoleBinding: binding,
  PriorityClass: { value: integer, globalDefault: flag, description: text, preemptionPolicy: text },
};

const schemas = new Map<string, Json>();

/** The schema of a built-in kind. */
export function builtInSchema(kind: string): Json {
  let schema = schemas.get(kind);
  if (schema === undefined) {
    const fields = Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : {};
    schema = object({ apiVersion: text, kind: text, metadata: OBJECT_META, ...fields });
    schemas.set(kind, schema);
  }
  return schema;
}
