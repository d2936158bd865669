/**
 * Connection collision (RFC 4271 section 6.8, RFC 6286 section 2.3): two connections to one peer, of which one has to go.
 *
 * The rule is the RFC's: the connection that the speaker with the higher BGP identifier opened survives, and a session that is up
 * is left alone. One case needs more. The two ends see a connection become Established at different moments; when one end already
 * has the losing connection Established while the other end still has it in OpenConfirm, the first would close the winner and the
 * second the loser, and both are gone. So where the newer connection would win and was there before the session came up, this end
 * says `undecided`: it lets both live, and the peer's next message tells which one the peer kept. A KEEPALIVE on the newer one means that
 * it was chosen; a NOTIFICATION on either that it was not.
 */
import type { State } from './fsm.ts';

/** What identifies a side of the session. */
export interface Speaker {
  readonly bgpIdentifier: number;
  readonly asn: number;
}

/** One of the two connections. */
export interface Contender {
  readonly direction: 'outgoing' | 'incoming';
  readonly state: State;
  /** Clock milliseconds. */
  readonly connectedAt: number;
  readonly establishedAt: number | null;
}

/** Who goes. */
export type CollisionVerdict = 'close-existing' | 'close-newer' | 'undecided';

/** Which of our connections survives: the one that the higher identifier opened; of equal identifiers the higher AS decides. */
export function preferredDirection(local: Speaker, remote: Speaker): 'outgoing' | 'incoming' {
  const order = local.bgpIdentifier - remote.bgpIdentifier || local.asn - remote.asn;
  return order > 0 ? 'outgoing' : 'incoming';
}

/**
 * To be asked when an OPEN has come in over `newer`, for each other connection. One that is not yet in OpenConfirm is no contender: its
 * OPEN will ask again.
 */
export function resolveCollision(
  local: Speaker,
  remote: Speaker,
  existing: Contender,
  newer: Contender,
): CollisionVerdict {
  if (existing.state !== 'OpenConfirm' && existing.state !== 'Established') return 'undecided';
  const newerWins =
    existing.direction === newer.direction
      ? existing.state !== 'Established' // the peer opened a second one, so it has given up the first
      : newer.direction === preferredDirection(local, remote);
  if (!newerWins) return 'close-newer';
  if (existing.state === 'OpenConfirm') return 'close-existing';
  const overlapped = existing.establishedAt !== null && newer.connectedAt <= existing.establishedAt;
  return overlapped ? 'undecided' : 'close-newer';
}
