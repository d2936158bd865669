/** A BFDProfile as a session: MetalLB's defaults, its milliseconds as the wire's microseconds, and which kind of session a router's place makes it. */
import { echoLinkOf } from '../bfd/echo-path.ts';
import type { SessionConfig } from '../bfd/session.ts';
import type { SessionPath } from '../bfd/session-table.ts';
import { type BfdProfile, bfdParametersOf } from '../config/bfd-profile.ts';
import type { Ip } from '../net/ip.ts';

const microseconds = (ms: number): number => ms * 1_000;

/**
 * The parameters of a session with this profile.
 *
 * @param path - Echo packets go over one hop alone, in either direction.
 * @param kernelReturnsEcho - whether this node sends the router's Echo packets back: where it does not, none are asked for, whatever the profile says.
 */
export function sessionConfigOf(profile: BfdProfile, path: SessionPath, kernelReturnsEcho: boolean): SessionConfig {
  const { transmitIntervalMs, receiveIntervalMs, detectMultiplier, echoIntervalMs } = bfdParametersOf(profile);
  const echoMode = profile.echoMode && path.type === 'singleHop';
  return {
    desiredMinTxInterval: microseconds(transmitIntervalMs),
    requiredMinRxInterval: microseconds(receiveIntervalMs),
    detectMult: detectMultiplier,
    passive: profile.passiveMode,
    // This BFD ends with its process (RFC 5882 section 4.3).
    controlPlaneIndependent: false,
    requiredMinEchoRxInterval: echoMode && kernelReturnsEcho ? microseconds(echoIntervalMs) : 0,
    echoInterval: echoMode && typeof echoLinkOf(path) !== 'string' ? microseconds(echoIntervalMs) : null,
    authentication: null,
  };
}

/**
 * The path of a session: a single hop where the router is on a connected subnet, else over several hops.
 *
 * @param interfaceIndex - of the link whose subnet the router is in; null where it is in none.
 */
export const sessionPathOf = (
  profile: BfdProfile,
  remote: Ip,
  local: Ip | null,
  interfaceIndex: number | null,
): SessionPath =>
  interfaceIndex === null
    ? { type: 'multihop', remote, local, minimumTtl: bfdParametersOf(profile).minimumTtl }
    : { type: 'singleHop', remote, local, interfaceIndex };
