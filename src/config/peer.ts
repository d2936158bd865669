/**
 * BGPPeer, v1beta1 and v1beta2: what a peer is once understood, and how it is read.
 *
 * A field without an engine is never passed over in silence. Where to ignore it only gives less (a BFD profile, graceful restart), the
 * peer runs and an info says so; where to ignore it would make another session than the one that is meant (a VRF, an interface), the
 * peer is refused until the engine has it.
 */
import { BGPPeerSpec, BGPPeerV1Beta1Spec } from '../crd/bgp-peer.ts';
import type { Ip } from '../net/ip.ts';
import { isMulticast, isUnspecified, parseIp } from '../net/ip.ts';
import type { Secret } from '../secret.ts';
import { type KeyContext, type KeyFields, resolveKey } from './authentication.ts';
import type { BfdProfile } from './bfd-profile.ts';
import { deprecation, PEER_V1BETA1, withoutOldZeros } from './peer-v1beta1.ts';
import { type FieldPath, type Parsed, type Problem, problem } from './problem.ts';
import type { Resource } from './resource.ts';
import { parseSelectors, type Selector } from './selector.ts';
import { parseSpec } from './shape.ts';
import { parseConnectTime, parseTimers } from './timers.ts';

export interface Peer {
  readonly name: string;
  readonly myASN: number;
  /** Null where `dynamicASN` says which kind of peer is accepted instead. */
  readonly peerASN: number | null;
  readonly dynamicASN: 'internal' | 'external' | null;
  /** What the session says instead of `myASN` (RFC 7705); null where it says that. */
  readonly localASN: number | null;
  /** Null for an unnumbered peer, which has an `interface` instead. */
  readonly peerAddress: Ip | null;
  readonly interface: string | null;
  readonly peerPort: number;
  readonly sourceAddress: Ip | null;
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  readonly connectTimeSeconds: number | null;
  /** IPv4; null means the node's own (docs/decisions.md 22). */
  readonly routerID: Ip | null;
  readonly nodeSelectors: readonly Selector[];
  /** Null means the process's `--node-selectors`. */
  readonly nodeSelectorsPolicy: NodeSelectorsPolicy | null;
  readonly authentication: Authentication;
  readonly bfdProfile: string | null;
  /** What the peer had of BFD, where there is nothing by the name that it has now: to end it would end the session of a router that watches us by it. */
  readonly keptBfdProfile: BfdProfile | null;
  /** The session waits for BFD to be Up. */
  readonly strictBFD: boolean;
  readonly ebgpMultiHop: boolean;
  readonly vrf: string | null;
  readonly dualStackAddressFamily: boolean;
  readonly enableGracefulRestart: boolean;
  readonly ttlSecurityHops: number | null;
  readonly maxPrefixes: number;
}

/** How several entries of `nodeSelectors` combine (docs/decisions.md 1). */
export type NodeSelectorsPolicy = 'All' | 'Any';

/** TCP MD5 (RFC 2385), and where its key comes from (docs/decisions.md 2 and 3). */
export type Authentication =
  | { readonly type: 'none' }
  | { readonly type: 'md5'; readonly key: Secret; readonly source: KeySource };

export type KeySource =
  | {
      readonly type: 'secret';
      readonly name: string;
      /** The Secret was not among manifests that may be a part of a cluster: the key is empty, and for nobody to use. */
      readonly absent?: true;
    }
  /** `spec.password` is the key itself: no Secret of that name exists. */
  | { readonly type: 'text' };

/** Our AS as the session says it: what the router sees us in, and so what makes the session internal or external. */
export const sessionAsnOf = (peer: Pick<Peer, 'myASN' | 'localASN'>): number => peer.localASN ?? peer.myASN;

/** eBGP or iBGP; a `dynamicASN` peer says which it will be. */
export const sessionTypeOf = (
  peer: Pick<Peer, 'myASN' | 'localASN' | 'peerASN' | 'dynamicASN'>,
): 'internal' | 'external' => peer.dynamicASN ?? (peer.peerASN === sessionAsnOf(peer) ? 'internal' : 'external');

/** What a peer's meaning depends on besides itself. */
export interface PeerContext extends KeyContext {
  /** Names of the BFDProfiles that exist. */
  readonly bfdProfiles: ReadonlySet<string>;
  /** Those that have a version which counts, by name. */
  readonly bfdProfilesInForce: ReadonlyMap<string, BfdProfile>;
  /** What this process's session with the peer had until now. */
  readonly previousBfdProfile: BfdProfile | null;
}

/** The BFD of a session with the peer; null where it has none. */
export const bfdProfileOf = (
  peer: Pick<Peer, 'bfdProfile' | 'keptBfdProfile'>,
  profiles: ReadonlyMap<string, BfdProfile>,
): BfdProfile | null => (peer.bfdProfile === null ? null : (profiles.get(peer.bfdProfile) ?? peer.keptBfdProfile));

/** Reads a peer of either version. */
export function parsePeer(resource: Resource, context: PeerContext): Parsed<Peer> {
  const written = withoutOldZeros(resource);
  const make = (spec: PeerSpec, problems: Problem[]) => makePeer(resource.metadata.name, spec, context, problems);
  if (resource.apiVersion !== PEER_V1BETA1) return parseSpec(BGPPeerSpec, written, make);
  return parseSpec(BGPPeerV1Beta1Spec, written, (spec, problems) => {
    problems.push(deprecation(resource));
    return make({ ...spec, peerPort: spec.peerPort ?? DEFAULT_PORT }, problems);
  });
}

function makePeer(name: string, spec: PeerSpec, context: PeerContext, problems: Problem[]): Peer {
  const peer: Peer = {
    name,
    myASN: spec.myASN,
    peerASN: spec.peerASN || null,
    dynamicASN: spec.dynamicASN ?? null,
    localASN: spec.localASN ?? null,
    peerAddress: parsePeerAddress(spec.peerAddress, problems),
    interface: spec.interface || null,
    peerPort: spec.peerPort,
    sourceAddress: parseOptionalIp(spec.sourceAddress, ['spec', 'sourceAddress'], problems),
    ...parseTimers(spec.holdTime, spec.keepaliveTime, problems),
    connectTimeSeconds: parseConnectTime(spec.connectTime, problems),
    routerID: parseRouterId(spec.routerID, problems),
    nodeSelectors: parseSelectors(spec.nodeSelectors, ['spec', 'nodeSelectors'], problems),
    nodeSelectorsPolicy: spec.nodeSelectorsPolicy ?? null,
    authentication: resolveKey(spec, context, problems),
    bfdProfile: spec.bfdProfile || null,
    keptBfdProfile:
      !spec.bfdProfile || context.bfdProfilesInForce.has(spec.bfdProfile) ? null : context.previousBfdProfile,
    strictBFD: spec.strictBFD ?? false,
    ebgpMultiHop: spec.ebgpMultiHop,
    vrf: spec.vrf || null,
    dualStackAddressFamily: spec.dualStackAddressFamily,
    enableGracefulRestart: spec.enableGracefulRestart,
    ttlSecurityHops: spec.ttlSecurityHops ?? null,
    maxPrefixes: spec.maxPrefixes,
  };
  checkIdentity(peer, problems);
  checkAddresses(peer, problems);
  reportUnsupported(peer, spec, context, problems);
  return peer;
}

/** The spec in the fields of v1beta2. */
interface PeerSpec extends KeyFields {
  readonly myASN: number;
  readonly peerASN?: number | undefined;
  readonly dynamicASN?: 'internal' | 'external' | undefined;
  readonly localASN?: number | undefined;
  readonly peerAddress?: string | undefined;
  readonly interface?: string | undefined;
  readonly peerPort: number;
  readonly sourceAddress?: string | undefined;
  readonly holdTime?: string | undefined;
  readonly keepaliveTime?: string | undefined;
  readonly connectTime?: string | undefined;
  readonly routerID?: string | undefined;
  readonly nodeSelectors?: Parameters<typeof parseSelectors>[0];
  readonly nodeSelectorsPolicy?: NodeSelectorsPolicy | undefined;
  readonly bfdProfile?: string | undefined;
  readonly ebgpMultiHop: boolean;
  readonly vrf?: string | undefined;
  readonly disableMP?: boolean | undefined;
  readonly dualStackAddressFamily: boolean;
  readonly enableGracefulRestart: boolean;
  readonly ttlSecurityHops?: number | undefined;
  readonly maxPrefixes: number;
  readonly strictBFD?: boolean | undefined;
}

const DEFAULT_PORT = 179;

function parseOptionalIp(text: string | undefined, path: FieldPath, problems: Problem[]): Ip | null {
  if (text === undefined || text === '') return null;
  const ip = parseIp(text);
  if (ip.ok) return ip.value;
  problems.push(problem('bad-address', path, ip.error));
  return null;
}

/** The address of the router; hostnames are refused: a session is told by its address. */
function parsePeerAddress(text: string | undefined, problems: Problem[]): Ip | null {
  const path = ['spec', 'peerAddress'];
  const ip = parseOptionalIp(text, path, problems);
  if (ip !== null && (isUnspecified(ip) || isMulticast(ip)))
    problems.push(problem('bad-address', path, `"${text}" is not the address of one router`));
  return ip;
}

function parseRouterId(text: string | undefined, problems: Problem[]): Ip | null {
  const path = ['spec', 'routerID'];
  const ip = parseOptionalIp(text, path, problems);
  if (ip?.family === 6) problems.push(problem('ipv6-router-id', path, `"${text}" is an IPv6 address`));
  // RFC 6286 section 2.1: any number but zero.
  else if (ip !== null && isUnspecified(ip))
    problems.push(problem('bad-address', path, 'a router ID of zero is refused by every router'));
  return ip;
}

/** Who the other side is: exactly one of AS number and kind, exactly one of address and interface. */
function checkIdentity(peer: Peer, problems: Problem[]): void {
  if (peer.myASN === 0) problems.push(problem('out-of-range', ['spec', 'myASN'], 'AS number 0 is reserved (RFC 7607)'));
  if (peer.peerASN !== null && peer.dynamicASN !== null)
    problems.push(problem('conflicting-fields', ['spec', 'dynamicASN'], 'both peerASN and dynamicASN are set'));
  if (peer.peerASN === null && peer.dynamicASN === null)
    problems.push(problem('missing-field', ['spec', 'peerASN'], 'neither peerASN nor dynamicASN is set'));
  const addressed = problems.some((p) => p.path[1] === 'peerAddress');
  if (peer.peerAddress !== null && peer.interface !== null)
    problems.push(problem('conflicting-fields', ['spec', 'interface'], 'both peerAddress and interface are set'));
  if (peer.peerAddress === null && peer.interface === null && !addressed)
    problems.push(problem('missing-field', ['spec', 'peerAddress'], 'neither peerAddress nor interface is set'));
  if (peer.ebgpMultiHop && (peer.peerASN !== null || peer.dynamicASN !== null) && sessionTypeOf(peer) === 'internal')
    problems.push(problem('ebgp-multihop-on-ibgp', ['spec', 'ebgpMultiHop'], 'ebgpMultiHop is for external peers'));
}

function checkAddresses({ peerAddress, sourceAddress }: Peer, problems: Problem[]): void {
  if (peerAddress === null || sourceAddress === null || peerAddress.family === sourceAddress.family) return;
  const message = `a session from IPv${sourceAddress.family} to IPv${peerAddress.family} cannot be`;
  problems.push(problem('family-mismatch', ['spec', 'sourceAddress'], message));
}

/** Says which fields have no engine yet; see the head of this file for what follows from it. */
function reportUnsupported(peer: Peer, spec: PeerSpec, context: PeerContext, problems: Problem[]): void {
  for (const field of ['vrf', 'interface'] as const) {
    if (peer[field] !== null)
      problems.push(
        problem('not-supported-yet', ['spec', field], `spec.${field} has no engine yet: the peer is left out`),
      );
  }
  const partial: readonly (readonly [field: string, set: boolean, effect: string])[] = [
    ['enableGracefulRestart', peer.enableGracefulRestart, 'the router drops the routes when the speaker restarts'],
  ];
  for (const [field, set, effect] of partial)
    if (set) problems.push(problem('not-running-yet', ['spec', field], `spec.${field} has no engine yet: ${effect}`));
  // A warning: the session works without its profile, by its hold time.
  if (peer.bfdProfile !== null && !context.bfdProfiles.has(peer.bfdProfile)) {
    const kept = peer.keptBfdProfile;
    const goesOn =
      kept === null
        ? ''
        : `: a session that has BFD by "${kept.name}" goes on with it as it was, until its speaker restarts`;
    const message = `BFDProfile "${peer.bfdProfile}" does not exist${goesOn}`;
    problems.push(problem('unknown-bfd-profile', ['spec', 'bfdProfile'], message));
  }
  if (peer.strictBFD && peer.bfdProfile === null) {
    const message = 'strictBFD has no effect without bfdProfile: there is no BFD to wait for';
    problems.push(problem('strict-bfd-without-profile', ['spec', 'strictBFD'], message));
  }
  if (spec.disableMP === true)
    problems.push(
      problem('deprecated-field', ['spec', 'disableMP'], 'disableMP has no effect: a session carries its own family'),
    );
}
