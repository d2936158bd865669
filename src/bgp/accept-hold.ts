/**
 * How long a peer's own connections are not taken after a session that we had to end for what the peer did: what IdleHold is to our dialling
 * (RFC 4271 section 8.1.1), so that a peer that offends at each session does not get one after the other.
 */
import { Damping, type DampingPolicies } from './damping.ts';
import { ErrorCode } from './packet/constants.ts';
import type { DownReason } from './peer-types.ts';

export class AcceptHold {
  readonly #damping: Damping;
  #until = 0;

  constructor(policies: DampingPolicies, random: () => number) {
    this.#damping = new Damping(policies, random);
  }

  /** Whether a connection that comes now is not to be taken. */
  holds(now: number): boolean {
    return now < this.#until;
  }

  established(now: number): void {
    this.#damping.established(now);
  }

  /** A session or an attempt has ended; only the peer's fault begins a pause. */
  ended(reason: DownReason, now: number): void {
    if (isPeersFault(reason)) this.#until = now + this.#damping.failed(now, 'session');
  }

  /** An operator's start: whatever was before does not count. */
  reset(): void {
    this.#damping.reset();
    this.#until = 0;
  }
}

/** Whether we had to end a session that was up for what the peer sent; silence (hold timer) may be the network's fault and does not count. */
const isPeersFault = (reason: DownReason): boolean =>
  reason.type === 'notificationSent' &&
  reason.state === 'Established' &&
  reason.notification.code !== ErrorCode.HoldTimerExpired &&
  reason.notification.code !== ErrorCode.SendHoldTimerExpired;
