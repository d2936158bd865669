/**
 * The columns of `kubectl get`: MetalLB's first and in its order, then ours.
 *
 * The guide reads pools, peers, advertisements and communities by them, so each answers whether the object is in force. A column shows one
 * value: its path cannot add two up.
 */

/** A column of `kubectl get`. One of priority above 0 shows with `-o wide` alone. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: number;
}

const column =
  (type: PrinterColumn['type']) =>
  (name: string, jsonPath: string, description?: string, priority?: number): PrinterColumn => ({
    name,
    type,
    jsonPath,
    ...(description === undefined ? {} : { description }),
    ...(priority === undefined ? {} : { priority }),
  });

const text = column('string');
const integer = column('integer');
const flag = column('boolean');
const date = column('date');

const ACCEPTED = text(
  'Accepted',
  '.status.conditions[?(@.type=="Accepted")].status',
  'Whether the object is in force as it is written.',
);
const AGE = date('Age', '.metadata.creationTimestamp');

export const POOL_COLUMNS: readonly PrinterColumn[] = [
  flag('Auto Assign', '.spec.autoAssign'),
  flag('Avoid Buggy IPs', '.spec.avoidBuggyIPs'),
  text('Addresses', '.spec.addresses'),
  integer('Assigned v4', '.status.assignedIPv4', 'IPv4 addresses in use.'),
  integer('Free v4', '.status.availableIPv4', 'IPv4 addresses that are free.'),
  integer('Assigned v6', '.status.assignedIPv6', 'IPv6 addresses in use.'),
  integer('Free v6', '.status.availableIPv6', 'IPv6 addresses that are free.'),
  ACCEPTED,
];

export const PEER_COLUMNS: readonly PrinterColumn[] = [
  text('Address', '.spec.peerAddress'),
  text('ASN', '.spec.peerASN'),
  text('BFD Profile', '.spec.bfdProfile'),
  text('Multi Hops', '.spec.ebgpMultiHop'),
  text('My ASN', '.spec.myASN'),
  text('Established', '.status.established', 'On how many of its nodes the session is Established.'),
  ACCEPTED,
];

const SCOPE_COLUMNS = [
  text('IPAddressPools', '.spec.ipAddressPools'),
  text('IPAddressPool Selectors', '.spec.ipAddressPoolSelectors'),
];
const ADVERTISEMENT_COLUMNS = [
  text('Node Selectors', '.spec.nodeSelectors', undefined, 10),
  text('State', '.status.state', 'Accepted, Warnings, Invalid or LastGoodVersion.'),
  integer('Services', '.status.services', 'How many Services are advertised by it.'),
];

export const BGP_ADVERTISEMENT_COLUMNS: readonly PrinterColumn[] = [
  ...SCOPE_COLUMNS,
  text('Peers', '.spec.peers'),
  ...ADVERTISEMENT_COLUMNS,
];

export const L2_ADVERTISEMENT_COLUMNS: readonly PrinterColumn[] = [
  ...SCOPE_COLUMNS,
  text('Interfaces', '.spec.interfaces'),
  ...ADVERTISEMENT_COLUMNS,
];

export const COMMUNITY_COLUMNS: readonly PrinterColumn[] = [
  text('Communities', '.spec.communities', 'Aliases and their values.'),
  ACCEPTED,
  AGE,
];

export const BFD_PROFILE_COLUMNS: readonly PrinterColumn[] = [
  flag('Passive Mode', '.spec.passiveMode'),
  integer('Transmit Interval', '.spec.transmitInterval'),
  integer('Receive Interval', '.spec.receiveInterval'),
  integer('Multiplier', '.spec.detectMultiplier'),
  ACCEPTED,
];

const SERVICE_COLUMNS = [
  text('Service Name', '.status.serviceName'),
  text('Service Namespace', '.status.serviceNamespace'),
];

export const SERVICE_BGP_STATUS_COLUMNS: readonly PrinterColumn[] = [text('Node', '.status.node'), ...SERVICE_COLUMNS];

export const SERVICE_L2_STATUS_COLUMNS: readonly PrinterColumn[] = [
  text('Allocated Node', '.status.node'),
  ...SERVICE_COLUMNS,
];

export const CONFIGURATION_STATE_COLUMNS: readonly PrinterColumn[] = [
  text('Result', '.status.result'),
  text('ErrorSummary', '.status.errorSummary'),
  AGE,
];

export const SPEAKER_STATUS_COLUMNS: readonly PrinterColumn[] = [
  text('Node', '.status.node'),
  integer('Established', '.status.counts.established', 'Sessions that are Established.'),
  integer('Sessions', '.status.counts.sessions', 'Sessions that should be.'),
  integer('Services', '.status.counts.services', 'Services that the node announces.'),
  date('Last Change', '.status.lastChange', 'How long ago any of this became another.'),
];
