/** The built-in resources: their names, and which subresources they have. What they do beyond being stored is in files of their own. */
import type { ResourceDefinition, ScalePaths } from './types.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

interface Extra {
  readonly version?: string;
  readonly namespaced?: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly status?: boolean;
  readonly scale?: boolean;
  readonly singular?: string;
  readonly selectable?: readonly string[];
  readonly virtual?: boolean;
  readonly verbs?: readonly string[];
  readonly otherSubresources?: ResourceDefinition['otherSubresources'];
}

const SCALE: ScalePaths = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };

function define(group: string, kind: string, plural: string, extra: Extra = {}): ResourceDefinition {
  const version = extra.version ?? 'v1';
  const virtual = extra.virtual ?? false;
  return {
    group,
    plural,
    singular: extra.singular ?? kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    shortNames: extra.shortNames ?? [],
    categories: extra.categories ?? [],
    namespaced: extra.namespaced ?? true,
    versions: [
      {
        name: version,
        served: true,
        schema: null,
        subresources: { status: extra.status ?? false, scale: extra.scale === true ? SCALE : null },
        printerColumns: [],
        selectableFields: extra.selectable ?? [],
        deprecationWarning: null,
      },
    ],
    storageVersion: version,
    verbs: extra.verbs ?? (virtual ? ['create'] : VERBS),
    source: 'built-in',
    virtual,
    otherSubresources: extra.otherSubresources ?? [],
  };
}

const cluster = { namespaced: false } as const;
const workload = { status: true, categories: ['all'] } as const;
const review = { ...cluster, virtual: true } as const;

/** Fields of an event that a field selector may use (registry/core/event/strategy.go). */
const EVENT_FIELDS = [
  '.involvedObject.kind',
  '.involvedObject.namespace',
  '.involvedObject.name',
  '.involvedObject.uid',
  '.involvedObject.apiVersion',
  '.involvedObject.resourceVersion',
  '.involvedObject.fieldPath',
  '.reason',
  '.reportingComponent',
  '.source',
  '.type',
];

export const BUILT_IN: readonly ResourceDefinition[] = [
  define('', 'Namespace', 'namespaces', {
    ...cluster,
    status: true,
    shortNames: ['ns'],
    selectable: ['.status.phase'],
    verbs: VERBS.filter((verb) => verb !== 'deletecollection'),
  }),
  define('', 'Service', 'services', {
    status: true,
    shortNames: ['svc'],
    categories: ['all'],
    selectable: ['.spec.clusterIP', '.spec.type'],
  }),
  define('', 'Endpoints', 'endpoints', { shortNames: ['ep'], singular: 'endpoints' }),
  define('', 'Node', 'nodes', {
    ...cluster,
    status: true,
    shortNames: ['no'],
    selectable: ['.spec.unschedulable'],
  }),
  define('', 'Pod', 'pods', {
    status: true,
    shortNames: ['po'],
    categories: ['all'],
    selectable: [
      '.spec.nodeName',
      '.spec.restartPolicy',
      '.spec.schedulerName',
      '.spec.serviceAccountName',
      '.spec.hostNetwork',
      '.status.phase',
      '.status.podIP',
      '.status.nominatedNodeName',
    ],
    otherSubresources: [
      { name: 'log', kind: 'Pod', verbs: ['get'] },
      { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    ],
  }),
  define('', 'Secret', 'secrets', { selectable: ['.type'] }),
  define('', 'ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  define('', 'Event', 'events', { shortNames: ['ev'], selectable: EVENT_FIELDS }),
  define('', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'] }),
  define('apps', 'Deployment', 'deployments', { ...workload, scale: true, shortNames: ['deploy'] }),
  define('apps', 'DaemonSet', 'daemonsets', { ...workload, shortNames: ['ds'] }),
  define('apps', 'ReplicaSet', 'replicasets', { ...workload, scale: true, shortNames: ['rs'] }),
  define('discovery.k8s.io', 'EndpointSlice', 'endpointslices'),
  define('coordination.k8s.io', 'Lease', 'leases'),
  define('apiextensions.k8s.io', 'CustomResourceDefinition', 'customresourcedefinitions', {
    ...cluster,
    status: true,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
  }),
  define('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
    ...cluster,
    categories: ['api-extensions'],
  }),
  define('rbac.authorization.k8s.io', 'ClusterRole', 'clusterroles', cluster),
  define('rbac.authorization.k8s.io', 'ClusterRoleBinding', 'clusterrolebindings', cluster),
  define('rbac.authorization.k8s.io', 'Role', 'roles'),
  define('rbac.authorization.k8s.io', 'RoleBinding', 'rolebindings'),
  define('scheduling.k8s.io', 'PriorityClass', 'priorityclasses', { ...cluster, shortNames: ['pc'] }),
  define('authentication.k8s.io', 'TokenReview', 'tokenreviews', review),
  define('authentication.k8s.io', 'SelfSubjectReview', 'selfsubjectreviews', review),
  define('authorization.k8s.io', 'SubjectAccessReview', 'subjectaccessreviews', review),
  define('authorization.k8s.io', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews', review),
  define('authorization.k8s.io', 'SelfSubjectRulesReview', 'selfsubjectrulesreviews', review),
];
