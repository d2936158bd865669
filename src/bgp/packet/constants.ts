/**
 * The numbers of BGP-4 with their names: IANA's registries "Border Gateway Protocol (BGP) Parameters", "Capability Codes",
 * "Address Family Numbers" and "SAFI", as far as this engine speaks of them.
 */

/** RFC 4271. */
export const BGP_VERSION = 4;
/** RFC 6793 section 9: stands in two-octet fields for an AS number that does not fit. */
export const AS_TRANS = 23456;

/** RFC 4271 section 4.1. */
export const HEADER_LENGTH = 19;
/** RFC 4271 section 4.1: all ones. */
export const MARKER_LENGTH = 16;
/** RFC 4271 section 4.1. */
export const MAX_MESSAGE_LENGTH = 4096;
/** RFC 8654 section 4: where both sides announced extended messages, of all types but OPEN and KEEPALIVE. */
export const MAX_EXTENDED_MESSAGE_LENGTH = 65_535;

/** RFC 4271 section 4.1, RFC 2918. */
export const MessageType = { Open: 1, Update: 2, Notification: 3, Keepalive: 4, RouteRefresh: 5 } as const;

/** Address Family Numbers. */
export const Afi = { Ipv4: 1, Ipv6: 2 } as const;
/** Subsequent Address Family Identifiers. */
export const Safi = { Unicast: 1, Multicast: 2 } as const;

/** An address family of BGP (RFC 4760): AFI and SAFI. */
export interface Family {
  readonly afi: number;
  readonly safi: number;
}

/** 1/1 */
export const IPV4_UNICAST: Family = { afi: Afi.Ipv4, safi: Safi.Unicast };
/** 2/1 */
export const IPV6_UNICAST: Family = { afi: Afi.Ipv6, safi: Safi.Unicast };

/** Whether AFI and SAFI are equal. */
export const sameFamily = (a: Family, b: Family): boolean => a.afi === b.afi && a.safi === b.safi;

/** `ipv4-unicast`, `ipv6-unicast`; any other family as `afi/safi`. */
export function formatFamily(family: Family): string {
  if (sameFamily(family, IPV4_UNICAST)) return 'ipv4-unicast';
  return sameFamily(family, IPV6_UNICAST) ? 'ipv6-unicast' : `${family.afi}/${family.safi}`;
}

/** Capability Codes. */
export const CapabilityCode = {
  Multiprotocol: 1, // RFC 4760
  RouteRefresh: 2, // RFC 2918
  ExtendedMessage: 6, // RFC 8654
  FourOctetAs: 65, // RFC 6793
  EnhancedRouteRefresh: 70, // RFC 7313
} as const;

/** RFC 4271 section 4.5, RFC 7313 (7), RFC 9687 (8). */
export const ErrorCode = {
  MessageHeader: 1,
  OpenMessage: 2,
  UpdateMessage: 3,
  HoldTimerExpired: 4,
  FiniteStateMachine: 5,
  Cease: 6,
  RouteRefreshMessage: 7,
  SendHoldTimerExpired: 8,
} as const;

/** RFC 4271 section 6.1. */
export const HeaderSubcode = { ConnectionNotSynchronized: 1, BadMessageLength: 2, BadMessageType: 3 } as const;

/** RFC 4271 section 6.2, RFC 5492 (7). */
export const OpenSubcode = {
  Unspecific: 0,
  UnsupportedVersion: 1,
  BadPeerAs: 2,
  BadBgpIdentifier: 3,
  UnsupportedOptionalParameter: 4,
  UnacceptableHoldTime: 6,
  UnsupportedCapability: 7,
} as const;

/** RFC 4271 section 6.3. */
export const UpdateSubcode = {
  MalformedAttributeList: 1,
  UnrecognizedWellKnown: 2,
  MissingWellKnown: 3,
  AttributeFlags: 4,
  AttributeLength: 5,
  InvalidOrigin: 6,
  InvalidNextHop: 8,
  OptionalAttribute: 9,
  InvalidNetworkField: 10,
  MalformedAsPath: 11,
} as const;

/** RFC 6608. */
export const FsmSubcode = { OpenSent: 1, OpenConfirm: 2, Established: 3 } as const;

/** RFC 4486, RFC 8538 (9), RFC 9384 (10). */
export const CeaseSubcode = {
  MaximumPrefixes: 1,
  AdministrativeShutdown: 2,
  PeerDeconfigured: 3,
  AdministrativeReset: 4,
  ConnectionRejected: 5,
  OtherConfigurationChange: 6,
  ConnectionCollision: 7,
  OutOfResources: 8,
  HardReset: 9,
  BfdDown: 10,
} as const;
