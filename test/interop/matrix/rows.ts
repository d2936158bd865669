/** The rows of the matrix, in the order of the table. A new one is a folder and a line here. */

import { row as addPath } from './add-path/row.ts';
import { row as asPathPrepend } from './as-path-prepend/row.ts';
import { row as attributeChange } from './attribute-change/row.ts';
import { row as collisions } from './collisions/row.ts';
import { row as communities } from './communities/row.ts';
import { row as dualStack } from './dual-stack/row.ts';
import { row as dynamicAsn } from './dynamic-asn/row.ts';
import { row as ebgpIpv4 } from './ebgp-ipv4/row.ts';
import { row as ebgpIpv6 } from './ebgp-ipv6/row.ts';
import { row as endOfRib } from './end-of-rib/row.ts';
import { row as enhancedRouteRefresh } from './enhanced-route-refresh/row.ts';
import { row as extendedCommunities } from './extended-communities/row.ts';
import { row as extendedMessages } from './extended-messages/row.ts';
import { row as fourOctetAsOurs } from './four-octet-as-ours/row.ts';
import { row as fourOctetAsTheirs } from './four-octet-as-theirs/row.ts';
import { row as gtsm } from './gtsm/row.ts';
import type { Capability } from './harness/capability.ts';
import { row as holdTime } from './hold-time/row.ts';
import { row as ibgpIpv4 } from './ibgp-ipv4/row.ts';
import { row as largeCommunities } from './large-communities/row.ts';
import { row as localAsn } from './local-asn/row.ts';
import { row as maxPrefixesOurs } from './max-prefixes-ours/row.ts';
import { row as maxPrefixesTheirs } from './max-prefixes-theirs/row.ts';
import { row as md5Ipv4 } from './md5-ipv4/row.ts';
import { row as md5Ipv6 } from './md5-ipv6/row.ts';
import { row as med } from './med/row.ts';
import { row as multihop } from './multihop/row.ts';
import { row as peerActive } from './peer-active/row.ts';
import { row as peerPassive } from './peer-passive/row.ts';
import { row as routeRefresh } from './route-refresh/row.ts';
import { row as shutdownReceived } from './shutdown-received/row.ts';
import { row as shutdownSent } from './shutdown-sent/row.ts';
import { row as sigterm } from './sigterm/row.ts';
import { row as tcpAo } from './tcp-ao/row.ts';
import { row as twoConnections } from './two-connections/row.ts';
import { row as twoOctetPeer } from './two-octet-peer/row.ts';
import { row as vrf } from './vrf/row.ts';
import { row as wellKnownCommunities } from './well-known-communities/row.ts';
import { row as withdrawal } from './withdrawal/row.ts';

/** By folder. */
export const ROWS: ReadonlyMap<string, Capability> = new Map([
  ['ebgp-ipv4', ebgpIpv4],
  ['ibgp-ipv4', ibgpIpv4],
  ['ebgp-ipv6', ebgpIpv6],
  ['dual-stack', dualStack],
  ['md5-ipv4', md5Ipv4],
  ['md5-ipv6', md5Ipv6],
  ['gtsm', gtsm],
  ['multihop', multihop],
  ['four-octet-as-ours', fourOctetAsOurs],
  ['four-octet-as-theirs', fourOctetAsTheirs],
  ['two-octet-peer', twoOctetPeer],
  ['local-asn', localAsn],
  ['dynamic-asn', dynamicAsn],
  ['communities', communities],
  ['well-known-communities', wellKnownCommunities],
  ['large-communities', largeCommunities],
  ['extended-communities', extendedCommunities],
  ['med', med],
  ['as-path-prepend', asPathPrepend],
  ['attribute-change', attributeChange],
  ['withdrawal', withdrawal],
  ['sigterm', sigterm],
  ['route-refresh', routeRefresh],
  ['enhanced-route-refresh', enhancedRouteRefresh],
  ['end-of-rib', endOfRib],
  ['add-path', addPath],
  ['extended-messages', extendedMessages],
  ['hold-time', holdTime],
  ['peer-passive', peerPassive],
  ['peer-active', peerActive],
  ['collisions', collisions],
  ['two-connections', twoConnections],
  ['max-prefixes-ours', maxPrefixesOurs],
  ['max-prefixes-theirs', maxPrefixesTheirs],
  ['shutdown-received', shutdownReceived],
  ['shutdown-sent', shutdownSent],
  ['vrf', vrf],
  ['tcp-ao', tcpAo],
]);
