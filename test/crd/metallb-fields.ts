/**
 * The fields of MetalLB's CRDs, by hand from the description of its behaviour (0.16.1, and what came after it): kind, version, path, type,
 * bounds, defaults, what is required. Ours are compared with this table.
 */
import type { FieldFacts, FieldTable } from './field-facts.ts';

export interface MetallbVersion {
  readonly kind: string;
  readonly version: string;
  readonly fields: FieldTable;
  /** Name and path of each column of `kubectl get`. */
  readonly columns: readonly (readonly [name: string, path: string, type: string, priority?: number])[];
}

type Row = readonly [path: string, facts: FieldFacts];

const object = (path: string, more: Partial<FieldFacts> = {}): Row => [path, { type: 'object', ...more }];
const text = (path: string, more: Partial<FieldFacts> = {}): Row => [path, { type: 'string', ...more }];
const flag = (path: string, more: Partial<FieldFacts> = {}): Row => [path, { type: 'boolean', ...more }];
const integer = (path: string, more: Partial<FieldFacts> = {}): Row => [path, { type: 'integer', ...more }];
const list = (path: string, more: Partial<FieldFacts> = {}): Row => [path, { type: 'array', ...more }];
const texts = (path: string, more: Partial<FieldFacts> = {}): readonly Row[] => [list(path, more), text(`${path}[]`)];

const selector = (path: string, more: Partial<FieldFacts> = {}): readonly Row[] => [
  object(path, { mapType: 'atomic', ...more }),
  object(`${path}.matchLabels`),
  text(`${path}.matchLabels{}`),
  list(`${path}.matchExpressions`, { listType: 'atomic' }),
  object(`${path}.matchExpressions[]`),
  text(`${path}.matchExpressions[].key`, { required: true }),
  text(`${path}.matchExpressions[].operator`, { required: true }),
  ...texts(`${path}.matchExpressions[].values`, { listType: 'atomic' }),
];
const selectors = (path: string): readonly Row[] => [list(path), ...selector(`${path}[]`)];

const conditions = (path: string): readonly Row[] => [
  list(path, { listType: 'map' }),
  object(`${path}[]`),
  text(`${path}[].type`, {
    maxLength: 316,
    pattern:
      '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
    required: true,
  }),
  text(`${path}[].status`, { enum: ['True', 'False', 'Unknown'], required: true }),
  text(`${path}[].reason`, {
    minLength: 1,
    maxLength: 1_024,
    pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
    required: true,
  }),
  text(`${path}[].message`, { maxLength: 32_768, required: true }),
  text(`${path}[].lastTransitionTime`, { format: 'date-time', required: true }),
  integer(`${path}[].observedGeneration`, { format: 'int64', minimum: 0 }),
];

const UINT32 = { minimum: 0, maximum: 4_294_967_295 };

const interval = (path: string) => integer(path, { format: 'int32', minimum: 10, maximum: 60_000 });
const counter = (path: string) => integer(path, { format: 'int64', required: true });

const scope = [
  ...texts('spec.ipAddressPools'),
  ...selectors('spec.ipAddressPoolSelectors'),
  ...selectors('spec.nodeSelectors'),
  ...selectors('spec.serviceSelectors'),
];

const served = (
  kind: string,
  version: string,
  rows: readonly Row[],
  columns: MetallbVersion['columns'],
): MetallbVersion => ({ kind, version, fields: new Map([object('spec'), object('status'), ...rows]), columns });

const PEER_COLUMNS: MetallbVersion['columns'] = [
  ['Address', '.spec.peerAddress', 'string'],
  ['ASN', '.spec.peerASN', 'string'],
  ['BFD Profile', '.spec.bfdProfile', 'string'],
  ['Multi Hops', '.spec.ebgpMultiHop', 'string'],
];

const POOL_SCOPE_COLUMNS: MetallbVersion['columns'] = [
  ['IPAddressPools', '.spec.ipAddressPools', 'string'],
  ['IPAddressPool Selectors', '.spec.ipAddressPoolSelectors', 'string'],
];

export const METALLB: readonly MetallbVersion[] = [
  served(
    'IPAddressPool',
    'v1beta1',
    [
      object('spec', { required: true }),
      ...texts('spec.addresses', { required: true }),
      flag('spec.autoAssign', { default: true }),
      flag('spec.avoidBuggyIPs', { default: false }),
      object('spec.serviceAllocation'),
      integer('spec.serviceAllocation.priority'),
      ...texts('spec.serviceAllocation.namespaces'),
      ...selectors('spec.serviceAllocation.namespaceSelectors'),
      ...selectors('spec.serviceAllocation.serviceSelectors'),
      counter('status.assignedIPv4'),
      counter('status.assignedIPv6'),
      counter('status.availableIPv4'),
      counter('status.availableIPv6'),
    ],
    [
      ['Auto Assign', '.spec.autoAssign', 'boolean'],
      ['Avoid Buggy IPs', '.spec.avoidBuggyIPs', 'boolean'],
      ['Addresses', '.spec.addresses', 'string'],
    ],
  ),
  served(
    'BGPPeer',
    'v1beta2',
    [
      integer('spec.myASN', { format: 'int64', ...UINT32, required: true }),
      integer('spec.peerASN', { format: 'int64', ...UINT32 }),
      text('spec.dynamicASN', { enum: ['internal', 'external'] }),
      integer('spec.localASN', { format: 'int64', ...UINT32, minimum: 1 }),
      text('spec.peerAddress'),
      text('spec.interface'),
      text('spec.sourceAddress'),
      integer('spec.peerPort', { minimum: 1, maximum: 16_384, default: 179 }),
      text('spec.holdTime'),
      text('spec.keepaliveTime'),
      text('spec.connectTime'),
      text('spec.routerID'),
      ...selectors('spec.nodeSelectors'),
      text('spec.password'),
      object('spec.passwordSecret', { mapType: 'atomic' }),
      text('spec.passwordSecret.name'),
      text('spec.passwordSecret.namespace'),
      text('spec.bfdProfile'),
      flag('spec.enableGracefulRestart'),
      flag('spec.ebgpMultiHop'),
      text('spec.vrf'),
      flag('spec.disableMP', { default: false }),
      flag('spec.dualStackAddressFamily', { default: false }),
    ],
    PEER_COLUMNS,
  ),
  served(
    'BGPPeer',
    'v1beta1',
    [
      integer('spec.myASN', { format: 'int32', ...UINT32, required: true }),
      integer('spec.peerASN', { format: 'int32', ...UINT32, required: true }),
      text('spec.peerAddress', { required: true }),
      text('spec.sourceAddress'),
      integer('spec.peerPort', { minimum: 0, maximum: 16_384 }),
      text('spec.holdTime'),
      text('spec.keepaliveTime'),
      text('spec.routerID'),
      list('spec.nodeSelectors'),
      object('spec.nodeSelectors[]'),
      object('spec.nodeSelectors[].matchLabels'),
      text('spec.nodeSelectors[].matchLabels{}'),
      list('spec.nodeSelectors[].matchExpressions'),
      object('spec.nodeSelectors[].matchExpressions[]'),
      text('spec.nodeSelectors[].matchExpressions[].key', { required: true }),
      text('spec.nodeSelectors[].matchExpressions[].operator', { required: true }),
      ...texts('spec.nodeSelectors[].matchExpressions[].values', { minItems: 1, required: true }),
      text('spec.password'),
      text('spec.bfdProfile'),
      flag('spec.ebgpMultiHop'),
    ],
    PEER_COLUMNS,
  ),
  served(
    'BGPAdvertisement',
    'v1beta1',
    [
      integer('spec.aggregationLength', { format: 'int32', minimum: 1, default: 32 }),
      integer('spec.aggregationLengthV6', { format: 'int32', default: 128 }),
      integer('spec.localPref', { format: 'int32' }),
      ...texts('spec.communities'),
      ...scope,
      ...texts('spec.peers'),
    ],
    [
      ...POOL_SCOPE_COLUMNS,
      ['Peers', '.spec.peers', 'string'],
      ['Node Selectors', '.spec.nodeSelectors', 'string', 10],
    ],
  ),
  served(
    'L2Advertisement',
    'v1beta1',
    [
      ...scope,
      ...texts('spec.interfaces'),
      list('spec.preferredNodeSelectors'),
      object('spec.preferredNodeSelectors[]'),
      integer('spec.preferredNodeSelectors[].weight', { format: 'int32', minimum: 1, maximum: 100, required: true }),
      ...selector('spec.preferredNodeSelectors[].preference', { required: true }),
    ],
    [
      ...POOL_SCOPE_COLUMNS,
      ['Interfaces', '.spec.interfaces', 'string'],
      ['Node Selectors', '.spec.nodeSelectors', 'string', 10],
    ],
  ),
  served(
    'Community',
    'v1beta1',
    [
      list('spec.communities'),
      object('spec.communities[]'),
      text('spec.communities[].name'),
      text('spec.communities[].value'),
    ],
    [],
  ),
  served(
    'BFDProfile',
    'v1beta1',
    [
      interval('spec.receiveInterval'),
      interval('spec.transmitInterval'),
      integer('spec.detectMultiplier', { format: 'int32', minimum: 2, maximum: 255 }),
      interval('spec.echoInterval'),
      flag('spec.echoMode'),
      flag('spec.passiveMode'),
      integer('spec.minimumTtl', { format: 'int32', minimum: 1, maximum: 254 }),
    ],
    [
      ['Passive Mode', '.spec.passiveMode', 'boolean'],
      ['Transmit Interval', '.spec.transmitInterval', 'integer'],
      ['Receive Interval', '.spec.receiveInterval', 'integer'],
      ['Multiplier', '.spec.detectMultiplier', 'integer'],
    ],
  ),
  served(
    'ServiceL2Status',
    'v1beta1',
    [
      text('status.node'),
      text('status.serviceName'),
      text('status.serviceNamespace'),
      list('status.interfaces'),
      object('status.interfaces[]'),
      text('status.interfaces[].name'),
    ],
    [
      ['Allocated Node', '.status.node', 'string'],
      ['Service Name', '.status.serviceName', 'string'],
      ['Service Namespace', '.status.serviceNamespace', 'string'],
    ],
  ),
  served(
    'ServiceBGPStatus',
    'v1beta1',
    [text('status.node'), text('status.serviceName'), text('status.serviceNamespace'), ...texts('status.peers')],
    [
      ['Node', '.status.node', 'string'],
      ['Service Name', '.status.serviceName', 'string'],
      ['Service Namespace', '.status.serviceNamespace', 'string'],
    ],
  ),
  {
    kind: 'ConfigurationState',
    version: 'v1beta1',
    fields: new Map([
      object('status'),
      text('status.result', { enum: ['Valid', 'Invalid', 'Unknown'] }),
      text('status.errorSummary'),
      ...conditions('status.conditions'),
    ]),
    columns: [
      ['Result', '.status.result', 'string'],
      ['ErrorSummary', '.status.errorSummary', 'string'],
      ['Age', '.metadata.creationTimestamp', 'date'],
    ],
  },
];
