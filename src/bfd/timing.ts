/** The arithmetic of RFC 5880's timers. Intervals in microseconds, as the variables of section 6.8.1; what a clock is given is in milliseconds. */

/** Section 6.8.3: while a session is not Up, bfd.DesiredMinTxInterval is at least this, so that what nobody answers costs little. */
export const SLOW_INTERVAL = 1_000_000;

/** bfd.RemoteMinRxInterval before the neighbor has said anything (section 6.8.1). */
export const INITIAL_REMOTE_MIN_RX = 1;

/** Section 6.8.7: neither side is asked for more than it wants. */
export const transmitInterval = (desiredMinTx: number, remoteMinRx: number): number =>
  Math.max(desiredMinTx, remoteMinRx);

/** Section 6.8.4, asynchronous mode: so many of the neighbor's intervals as it said. */
export const detectionTime = (remoteDetectMult: number, requiredMinRx: number, remoteDesiredMinTx: number): number =>
  remoteDetectMult * Math.max(requiredMinRx, remoteDesiredMinTx);

/**
 * Section 6.8.7: each interval is 75 to 100 % of its length, and to 90 % where Detect Mult is 1, since then one that is late is one that is missing.
 *
 * @param random - in [0, 1).
 * @param slackMs - by how much the clock may be late: that much of the range is its own.
 */
export const jittered = (intervalMs: number, detectMult: number, random: number, slackMs: number): number =>
  0.75 * intervalMs + Math.max(0, (detectMult === 1 ? 0.15 : 0.25) * intervalMs - slackMs) * random;

export const toMs = (microseconds: number): number => microseconds / 1_000;
