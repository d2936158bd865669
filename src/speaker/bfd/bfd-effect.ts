/**
 * What a change of a BFD session does to the BGP session that it watches (RFC 5882 sections 3 and 10). Pure.
 *
 * BFD that goes down after it was Up ends the session. BFD that never came up does nothing, and neither does a router whose administrator shuts
 * BFD down: that is no failure of the path (RFC 5882 section 3.2).
 */
import type { StateChange } from '../../bfd/session.ts';

/** BFD that was Up for less than this before it failed is unsteady: the BGP session then waits out its pause, which grows. */
const STEADY_MS = 30_000;

export type BfdEffect =
  /** The path is gone: close the session now. */
  | 'endSession'
  /** The path is there again: whoever waits to try need not. */
  | 'retrySession'
  | 'nothing';

/** The rules, with what they have to remember. */
export class BfdWatch {
  #upAt: number | null = null;
  #isSteady = true;

  /** @param now - of the clock, in milliseconds. */
  changed({ to, remoteSessionState }: Pick<StateChange, 'to' | 'remoteSessionState'>, now: number): BfdEffect {
    const upAt = this.#upAt;
    if (to === 'Up') {
      this.#upAt = now;
      return upAt === null && this.#isSteady ? 'retrySession' : 'nothing';
    }
    this.#upAt = null;
    if (upAt === null) return 'nothing';
    // AdminDown of ours is what we wanted; of the router, what its administrator wanted.
    if (to === 'AdminDown' || remoteSessionState === 'AdminDown') return 'nothing';
    this.#isSteady = now - upAt >= STEADY_MS;
    return 'endSession';
  }
}
