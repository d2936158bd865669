/** How long it takes until a router notices that a node is dead. */
import type { BfdProfile } from '../config/bfd-profile.ts';

const DEFAULT_INTERVAL_MS = 300;
const DEFAULT_MULTIPLIER = 3;

/**
 * The least time after which the router declares us dead (RFC 5880 section 6.8.4): our Detect Mult times our transmit interval; the router's
 * own minimum may make it longer.
 */
export const detectionMsOf = ({ transmitIntervalMs, detectMultiplier }: BfdProfile): number =>
  (transmitIntervalMs ?? DEFAULT_INTERVAL_MS) * (detectMultiplier ?? DEFAULT_MULTIPLIER);

/** `900 ms`, `90 s`. */
export const durationText = (ms: number): string => (ms < 1000 || ms % 1000 > 0 ? `${ms} ms` : `${ms / 1000} s`);
