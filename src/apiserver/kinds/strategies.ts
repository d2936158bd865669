/** Which strategy each built-in resource has. A new one: its strategy in a file, and a line here. */
import { qualified } from '../status.ts';
import type { ResourceDefinition } from '../types.ts';
import {
  CONFIG_MAP,
  COUNTED,
  ENDPOINT_SLICE,
  ENDPOINTS,
  EVENT,
  LEASE,
  NAMESPACE,
  NODE,
  RBAC,
  RBAC_BINDING,
  SECRET,
} from './core.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import { prepareService } from './service-defaults.ts';
import { validateService } from './service-validation.ts';
import { CUSTOM, PLAIN, type Strategy } from './strategy.ts';
import { DAEMON_SET, DEPLOYMENT, POD, REPLICA_SET } from './workload.ts';

/** The strategies of all resources. */
export type Strategies = (definition: ResourceDefinition) => Strategy;

export function strategies(addresses: ServiceAddresses, crd: Strategy): Strategies {
  const service: Strategy = {
    ...PLAIN,
    names: 'label-1035',
    createOnUpdate: true,
    prepare: prepareService,
    validate: validateService,
    allocate: (draft) => addresses.allocate(draft),
  };
  const table: Readonly<Record<string, Strategy>> = {
    services: service,
    namespaces: NAMESPACE,
    nodes: NODE,
    pods: POD,
    secrets: SECRET,
    configmaps: CONFIG_MAP,
    events: EVENT,
    endpoints: ENDPOINTS,
    'endpointslices.discovery.k8s.io': ENDPOINT_SLICE,
    'leases.coordination.k8s.io': LEASE,
    'deployments.apps': DEPLOYMENT,
    'daemonsets.apps': DAEMON_SET,
    'replicasets.apps': REPLICA_SET,
    'customresourcedefinitions.apiextensions.k8s.io': crd,
    'validatingwebhookconfigurations.admissionregistration.k8s.io': COUNTED,
    'clusterroles.rbac.authorization.k8s.io': RBAC,
    'roles.rbac.authorization.k8s.io': RBAC,
    'clusterrolebindings.rbac.authorization.k8s.io': RBAC_BINDING,
    'rolebindings.rbac.authorization.k8s.io': RBAC_BINDING,
    'priorityclasses.scheduling.k8s.io': COUNTED,
  };
  return (definition) => (definition.source === 'custom' ? CUSTOM : (table[qualified(definition)] ?? PLAIN));
}
