/** What a router has to know of BFD: a BFDProfile, mirrored. */
import { type BfdProfile, bfdParametersOf } from '../config/bfd-profile.ts';
import type { Peer } from '../config/peer.ts';
import type { Ids } from './ids.ts';
import type { BfdNeed, Distance } from './model.ts';
import type { Reporter } from './reporter.ts';

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
  const { name } = profile;
  const { receiveIntervalMs, transmitIntervalMs, detectMultiplier, minimumTtl, echoIntervalMs } =
    bfdParametersOf(profile);
  // docs/decisions.md 18: what is on a connected subnet has single-hop BFD.
  const multihop = distance.type === 'multihop' || (distance.type === 'ttl-security' && distance.hops > 1);
  return {
    profile: name,
    id: ids.ofProfile(multihop ? `${name}-multihop` : name),
    receiveIntervalMs: transmitIntervalMs,
    transmitIntervalMs: receiveIntervalMs,
    detectMultiplier,
    multihop,
    minimumTtl,
    // RFC 5883: no echo over several hops.
    echoIntervalMs: profile.echoMode && !multihop ? echoIntervalMs : null,
  };
}
