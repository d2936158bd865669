/**
 * How long a router goes on sending to a node that has died without a word: one computation for sessions that run, for what manifests promise, and for
 * lint. Pure.
 */
import { type BfdProfile, bfdParametersOf } from '../config/bfd-profile.ts';

/**
 * The least time after which the router declares us dead (RFC 5880 section 6.8.4): our Detect Mult times our transmit interval; the router's
 * own minimum may make it longer.
 */
export function detectionMsOf(profile: BfdProfile): number {
  const { transmitIntervalMs, detectMultiplier } = bfdParametersOf(profile);
  return transmitIntervalMs * detectMultiplier;
}

/** What decides how soon a router gives up a node. */
export interface FailoverFacts {
  /** After how long without a packet of ours the router's BFD is Down; null where none watches us, or it is not Up. */
  readonly bfdDetectionMs: number | null;
  /** Zero: for ever. */
  readonly holdTimeSeconds: number;
  /**
   * How long the router keeps the routes of a session that went (RFC 4724); null where the two sides have not agreed on it. It is added to either:
   * our BFD ends with our process and says so (the C bit is 0), and then the router cannot tell a restart from a death (RFC 5882 section 4.3).
   */
  readonly restartTimeSeconds: number | null;
}

export interface ExpectedFailover {
  /** Null: never, as nobody notices. */
  readonly ms: number | null;
  /** Who notices first. */
  readonly by: 'bfd' | 'holdTime' | 'nothing';
}

/** The time until the router stops sending to a node that died. */
export function expectedFailover({
  bfdDetectionMs,
  holdTimeSeconds,
  restartTimeSeconds,
}: FailoverFacts): ExpectedFailover {
  const holdMs = holdTimeSeconds === 0 ? null : holdTimeSeconds * 1_000;
  const keptMs = (restartTimeSeconds ?? 0) * 1_000;
  if (bfdDetectionMs !== null && (holdMs === null || bfdDetectionMs <= holdMs))
    return { ms: bfdDetectionMs + keptMs, by: 'bfd' };
  return holdMs === null ? { ms: null, by: 'nothing' } : { ms: holdMs + keptMs, by: 'holdTime' };
}

/** What the manifests promise for a session: with a router that agrees to all of it, and has BFD where the peer has a profile. */
export const promisedFailover = (holdTimeSeconds: number, profile: BfdProfile | null): ExpectedFailover =>
  expectedFailover({
    bfdDetectionMs: profile === null ? null : detectionMsOf(profile),
    holdTimeSeconds,
    // Graceful restart does not run yet.
    restartTimeSeconds: null,
  });

/** `after 900 ms (BFD)`. */
export function failoverText({ ms, by }: ExpectedFailover): string {
  if (ms === null) return 'never (hold time 0)';
  return `after ${durationText(ms)} (${by === 'bfd' ? 'BFD' : 'hold time'})`;
}

/** `900 ms`, `90 s`. */
export const durationText = (ms: number): string => (ms < 1000 || ms % 1000 > 0 ? `${ms} ms` : `${ms / 1000} s`);
