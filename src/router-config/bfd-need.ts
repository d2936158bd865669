/** What a router has to know of BFD: a BFDProfile, mirrored. */
import type { BfdProfile } from '../config/bfd-profile.ts';
import type { Peer } from '../config/peer.ts';
import type { Ids } from './ids.ts';
import type { BfdNeed, Distance } from './model.ts';
import type { Reporter } from './reporter.ts';

/** BFDProfile's own defaults. */
const DEFAULT_INTERVAL_MS = 300;
const DEFAULT_MULTIPLIER = 3;
const DEFAULT_MINIMUM_TTL = 254;
const DEFAULT_ECHO_MS = 50;

/** The router's side of the profile of a BGPPeer; null where there is none. */
export function bfdNeedOf(
  peer: Peer,
  profiles: readonly BfdProfile[],
  distance: Distance,
  ids: Ids,
  reporter: Reporter,
): BfdNeed | null {
  const profile = profiles.find(({ name }) => name === peer.bfdProfile);
  if (profile === undefined) {
    if (peer.bfdProfile !== null)
      reporter.peer(
        'router-bfd-profile-unknown',
        peer,
        ['spec', 'bfdProfile'],
        `BFDProfile ${peer.bfdProfile} is not among the objects: the router gets no BFD`,
      );
    return null;
  }
  const { name, receiveIntervalMs, transmitIntervalMs, detectMultiplier, minimumTtl } = profile;
  // docs/decisions.md 18: what is on a connected subnet has single-hop BFD.
  const multihop = distance.type === 'multihop' || (distance.type === 'ttl-security' && distance.hops > 1);
  return {
    profile: name,
    id: ids.ofProfile(multihop ? `${name}-multihop` : name),
    receiveIntervalMs: transmitIntervalMs ?? DEFAULT_INTERVAL_MS,
    transmitIntervalMs: receiveIntervalMs ?? DEFAULT_INTERVAL_MS,
    detectMultiplier: detectMultiplier ?? DEFAULT_MULTIPLIER,
    multihop,
    minimumTtl: minimumTtl ?? DEFAULT_MINIMUM_TTL,
    // RFC 5883: no echo over several hops.
    echoIntervalMs: profile.echoMode && !multihop ? (profile.echoIntervalMs ?? DEFAULT_ECHO_MS) : null,
  };
}
