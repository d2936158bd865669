/**
 * What two OPENs agree on, or why they cannot (RFC 4271 sections 4.2 and 6.2, RFC 4760 section 8, RFC 5492, RFC 6286, RFC 6793, RFC 7313,
 * RFC 8654).
 */
import { err, ok, type Result } from '../result.ts';
import { ByteWriter } from '../wire/writer.ts';
import type { CapabilityOffer } from './capability-fallback.ts';
import { type Capability, encodeCapability } from './packet/capability.ts';
import { ErrorCode, type Family, formatFamily, IPV4_UNICAST, OpenSubcode, sameFamily } from './packet/constants.ts';
import { type Notification, notification } from './packet/notification.ts';
import { myAsField, type Open } from './packet/open.ts';
import type { PeerConfig } from './peer-types.ts';

/** What both OPENs agreed on. */
export interface Negotiated {
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  /** The peer is in our AS. */
  readonly internal: boolean;
  readonly fourOctetAs: boolean;
  readonly routeRefresh: boolean;
  /** The answer to a refresh is framed by markers (RFC 7313). */
  readonly enhancedRouteRefresh: boolean;
  /** Both sides take messages of up to 65535 octets (RFC 8654). Ours stay at 4096. */
  readonly extendedMessages: boolean;
  /** How much of what we can was in our OPEN. */
  readonly offer: CapabilityOffer;
  readonly families: readonly Family[];
}

/** The NOTIFICATION that an unacceptable OPEN gets, and in words why, with both sides' numbers. */
export interface Refusal {
  readonly notification: Notification;
  readonly detail: string;
}

/** The OPEN that we send. */
export function localOpen(
  config: Pick<PeerConfig, 'localAsn' | 'bgpIdentifier' | 'holdTimeSeconds' | 'families'>,
  offer: CapabilityOffer = 'all',
): Open {
  return {
    asn: config.localAsn,
    myAs: myAsField(config.localAsn),
    holdTime: config.holdTimeSeconds,
    bgpIdentifier: config.bgpIdentifier,
    capabilities: offer === 'none' ? [] : [...essential(config), ...(offer === 'all' ? OPTIONAL : [])],
  };
}

/** What a session with less would not be the same without. */
const essential = (config: Pick<PeerConfig, 'localAsn' | 'families'>): Capability[] => [
  ...config.families.map((family): Capability => ({ type: 'multiprotocol', family })),
  { type: 'four-octet-as', asn: config.localAsn },
];

const OPTIONAL: readonly Capability[] = [
  { type: 'route-refresh' },
  { type: 'enhanced-route-refresh' },
  { type: 'extended-message' },
];

/**
 * Judges the peer's OPEN against what was configured, and takes the common part of both sides' offers.
 *
 * @param offer - what {@link localOpen} was made with.
 */
export function negotiate(config: PeerConfig, open: Open, offer: CapabilityOffer = 'all'): Result<Negotiated, Refusal> {
  const internal = open.asn === config.localAsn;
  if (config.remoteAsn !== open.asn && config.remoteAsn !== (internal ? 'internal' : 'external')) {
    const wanted =
      typeof config.remoteAsn === 'number'
        ? `AS ${config.remoteAsn}`
        : `an ${config.remoteAsn} peer of our AS ${config.localAsn}`;
    return refuse(OpenSubcode.BadPeerAs, `the peer says that it is AS ${open.asn}, configured is ${wanted}`);
  }
  // RFC 6286 section 2.2: an identifier has to be unique inside of an AS only.
  if (open.bgpIdentifier === config.bgpIdentifier && internal) {
    return refuse(OpenSubcode.BadBgpIdentifier, 'the peer of our own AS has our own BGP identifier');
  }
  const theirs = familiesOf(open);
  const offered = offer === 'none' ? [IPV4_UNICAST] : config.families;
  const families = offered.filter((ours) => theirs.some((f) => sameFamily(f, ours)));
  if (families.length === 0) {
    const detail = `no address family in common: we offer ${list(config.families)}, the peer ${list(theirs)}`;
    return refuse(OpenSubcode.UnsupportedCapability, detail, required(config.families));
  }
  // Section 4.2: the smaller one. Zero on either side means that nobody sends KEEPALIVEs or waits for them.
  const holdTimeSeconds = Math.min(config.holdTimeSeconds, open.holdTime);
  const third = holdTimeSeconds / 3;
  const says = (type: Capability['type']): boolean => open.capabilities.some((c) => c.type === type);
  return ok({
    holdTimeSeconds,
    keepaliveSeconds: config.keepaliveSeconds === 0 ? third : Math.min(config.keepaliveSeconds, third),
    internal,
    fourOctetAs: offer !== 'none' && says('four-octet-as'),
    routeRefresh: offer === 'all' && says('route-refresh'),
    enhancedRouteRefresh: offer === 'all' && says('enhanced-route-refresh'),
    extendedMessages: offer === 'all' && says('extended-message'),
    offer,
    families,
  });
}

/** RFC 4760 section 8: who says nothing of families speaks IPv4 unicast. */
function familiesOf(open: Open): readonly Family[] {
  const families = open.capabilities.flatMap((c) => (c.type === 'multiprotocol' ? [c.family] : []));
  return families.length === 0 ? [IPV4_UNICAST] : families;
}

const list = (families: readonly Family[]): string => families.map(formatFamily).join(', ') || 'none';

/** RFC 5492 section 5: the data lists the capabilities that are missing. */
function required(families: readonly Family[]): Uint8Array {
  const w = new ByteWriter(families.length * 6);
  for (const family of families) encodeCapability(w, { type: 'multiprotocol', family });
  return w.toBytes();
}

const refuse = (subcode: number, detail: string, data?: Uint8Array): Result<Negotiated, Refusal> =>
  err({ notification: notification(ErrorCode.OpenMessage, subcode, data), detail });
