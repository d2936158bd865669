/** The columns of built-in kinds, as `kubectl get` prints them (pkg/printers/internalversion/printers.go); Pods, Services and Nodes have files of their own. */
import { listAt, objectAt, textAt, valueAt } from '../json.ts';
import type { ApiObject } from '../types.ts';
import { age } from './age.ts';
import { AGE, count, type Entry, entry, type Layout, labelsText, layout, NAME, selectorText, wide } from './columns.ts';
import { NODE } from './node.ts';
import { POD } from './pod.ts';
import { SERVICE } from './service.ts';

const INTEGER = { type: 'integer' };

const number =
  (...path: readonly string[]) =>
  (object: ApiObject): number =>
    count(valueAt(object, ...path));

/** A list that is shown up to its third item. */
function shortList(items: readonly string[], empty: string): string {
  if (items.length === 0) return empty;
  const shown = items.slice(0, 3).join(',');
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}

const containers = (object: ApiObject, field: string): string =>
  listAt(object, 'spec', 'template', 'spec', 'containers')
    .map((container) => textAt(container, field))
    .join(',');

const CONTAINERS: readonly Entry[] = [
  wide('Containers', (object) => containers(object, 'name')),
  wide('Images', (object) => containers(object, 'image')),
  wide('Selector', (object) => selectorText(valueAt(object, 'spec', 'selector'))),
];

const DEPLOYMENT = layout(
  NAME,
  entry('Ready', (object) => `${number('status', 'readyReplicas')(object)}/${number('spec', 'replicas')(object)}`),
  entry('Up-to-date', number('status', 'updatedReplicas')),
  entry('Available', number('status', 'availableReplicas')),
  AGE,
  ...CONTAINERS,
);

const REPLICA_SET = layout(
  NAME,
  entry('Desired', number('spec', 'replicas'), INTEGER),
  entry('Current', number('status', 'replicas'), INTEGER),
  entry('Ready', number('status', 'readyReplicas'), INTEGER),
  AGE,
  ...CONTAINERS,
);

const DAEMON_SET = layout(
  NAME,
  entry('Desired', number('status', 'desiredNumberScheduled'), INTEGER),
  entry('Current', number('status', 'currentNumberScheduled'), INTEGER),
  entry('Ready', number('status', 'numberReady'), INTEGER),
  entry('Up-to-date', number('status', 'updatedNumberScheduled'), INTEGER),
  entry('Available', number('status', 'numberAvailable'), INTEGER),
  entry('Node Selector', (object) => labelsText(valueAt(object, 'spec', 'template', 'spec', 'nodeSelector'))),
  AGE,
  ...CONTAINERS,
);

const ENDPOINTS = layout(NAME, entry('Endpoints', endpointsText), AGE);

function endpointsText(object: ApiObject): string {
  const subsets = listAt(object, 'subsets');
  const texts = subsets.flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((address) => textAt(address, 'ip'));
    const ports = listAt(subset, 'ports');
    if (ports.length === 0) return addresses;
    return ports.flatMap((port) =>
      addresses.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${count(valueAt(port, 'port'))}`),
    );
  });
  return shortList(texts, subsets.length === 0 ? '<none>' : '');
}

const ENDPOINT_SLICE = layout(
  NAME,
  entry('AddressType', (object) => textAt(object, 'addressType')),
  entry('Ports', (object) =>
    shortList(
      listAt(object, 'ports').map((port) => String(valueAt(port, 'port') ?? (textAt(port, 'name') || '*'))),
      '<unset>',
    ),
  ),
  entry('Endpoints', (object) =>
    shortList(
      listAt(object, 'endpoints').flatMap((endpoint) => listAt(endpoint, 'addresses').map(String)),
      '<unset>',
    ),
  ),
  AGE,
);

const firstSeen = (event: ApiObject, nowMs: number): string => age(event.firstTimestamp ?? event.eventTime, nowMs);

const EVENT = layout(
  entry('Last Seen', (event, nowMs) => {
    const series = valueAt(event, 'series', 'lastObservedTime');
    if (series !== undefined) return age(series, nowMs);
    return event.lastTimestamp === undefined || event.lastTimestamp === null
      ? firstSeen(event, nowMs)
      : age(event.lastTimestamp, nowMs);
  }),
  entry('Type', (event) => textAt(event, 'type')),
  entry('Reason', (event) => textAt(event, 'reason')),
  entry('Object', (event) => {
    const [kind, name] = [textAt(event, 'involvedObject', 'kind'), textAt(event, 'involvedObject', 'name')];
    return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
  }),
  wide('Subobject', (event) => textAt(event, 'involvedObject', 'fieldPath')),
  wide('Source', (event) => {
    const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent');
    const host = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance');
    return host === '' ? component : `${component}, ${host}`;
  }),
  entry('Message', (event) => textAt(event, 'message').trim()),
  wide('First Seen', firstSeen),
  wide('Count', (event) => number('series', 'count')(event) || number('count')(event) || 1),
  wide('Name', (event) => event.metadata.name, { format: 'name' }),
);

const roleRef = entry('Role', (object) => `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`);

const subjects = (kind: string) => (object: ApiObject) =>
  listAt(object, 'subjects')
    .filter((subject) => textAt(subject, 'kind') === kind)
    .map((subject) => (kind === 'ServiceAccount' ? `${textAt(subject, 'namespace')}/` : '') + textAt(subject, 'name'))
    .join(', ');

const ROLE_BINDING = layout(
  NAME,
  roleRef,
  AGE,
  wide('Users', subjects('User')),
  wide('Groups', subjects('Group')),
  wide('ServiceAccounts', subjects('ServiceAccount')),
);

/** Roles and definitions show when they were made, not how long ago. */
const createdAt = layout(
  NAME,
  entry('Created At', (object) => object.metadata.creationTimestamp ?? '', { type: 'date' }),
);

const size = (object: ApiObject, ...fields: readonly string[]): number =>
  fields.reduce((sum, field) => sum + Object.keys(objectAt(object, field)).length, 0);

const LAYOUTS: Readonly<Record<string, Layout>> = {
  Service: SERVICE,
  Pod: POD,
  Node: NODE,
  Deployment: DEPLOYMENT,
  ReplicaSet: REPLICA_SET,
  DaemonSet: DAEMON_SET,
  Endpoints: ENDPOINTS,
  EndpointSlice: ENDPOINT_SLICE,
  Event: EVENT,
  Namespace: layout(
    NAME,
    entry('Status', (object) => textAt(object, 'status', 'phase')),
    AGE,
  ),
  Secret: layout(
    NAME,
    entry('Type', (object) => textAt(object, 'type')),
    entry('Data', (object) => size(object, 'data')),
    AGE,
  ),
  ConfigMap: layout(
    NAME,
    entry('Data', (object) => size(object, 'data', 'binaryData')),
    AGE,
  ),
  ServiceAccount: layout(NAME, AGE),
  Lease: layout(
    NAME,
    entry('Holder', (object) => textAt(object, 'spec', 'holderIdentity')),
    AGE,
  ),
  CustomResourceDefinition: createdAt,
  Role: createdAt,
  ClusterRole: createdAt,
  RoleBinding: ROLE_BINDING,
  ClusterRoleBinding: ROLE_BINDING,
  PriorityClass: layout(
    NAME,
    entry('Value', number('value'), INTEGER),
    entry('Global-Default', (object) => object.globalDefault === true, { type: 'boolean' }),
    AGE,
    wide('PreemptionPolicy', (object) => textAt(object, 'preemptionPolicy')),
  ),
  ValidatingWebhookConfiguration: layout(
    NAME,
    entry('Webhooks', (object) => listAt(object, 'webhooks').length, INTEGER),
    AGE,
  ),
};

/** The columns of a built-in kind; name and age for one that has none of its own. */
export const builtInLayout = (kind: string): Layout =>
  Object.hasOwn(LAYOUTS, kind) ? (LAYOUTS[kind] as Layout) : layout(NAME, AGE);
