/** What is reported of a session, out of its engine: with the wall clock's time at which it came up or went down. */
import { sessionAsnOf } from '../../config/peer.ts';
import { formatIp } from '../../net/ip.ts';
import type { SessionNews, SpeakerSession } from '../session.ts';
import type { SessionReport } from './speaker-status.ts';

/** As the API writes times. */
export const timestamp = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

export class SessionReports {
  readonly #wallClock: () => Date;
  /** Since when a session is up, or is not. */
  readonly #since = new WeakMap<SpeakerSession, string>();

  constructor(wallClock: () => Date) {
    this.#wallClock = wallClock;
  }

  note(session: SpeakerSession, news: SessionNews): void {
    const isTurn = news.type === 'state' && (news.to === 'Established' || news.from === 'Established');
    if (isTurn) this.#since.set(session, timestamp(this.#wallClock()));
  }

  of(session: SpeakerSession): SessionReport {
    const { peer, engine, cause, lastReset, bfd, expectedFailover } = session;
    const { state, session: agreed, establishedCount, prefixes } = engine.status;
    return {
      peer: peer.name,
      peerAddress: peer.peerAddress === null ? null : formatIp(peer.peerAddress),
      peerPort: peer.peerPort,
      localASN: sessionAsnOf(peer),
      peerASN: agreed?.open.asn ?? peer.peerASN,
      state,
      since: this.#sinceOf(session),
      cause: cause?.cause ?? null,
      message: cause?.message ?? null,
      flaps: establishedCount - Number(state === 'Established'),
      lastReset: lastReset === null ? null : `${lastReset.cause}: ${lastReset.message}`,
      holdTimeSeconds: agreed?.holdTimeSeconds ?? peer.holdTimeSeconds,
      keepaliveSeconds: agreed?.keepaliveSeconds ?? peer.keepaliveSeconds,
      bfdState: bfd?.state ?? null,
      bfdMessage: bfd?.cause?.message ?? null,
      expectedFailoverMilliseconds: expectedFailover?.ms ?? null,
      prefixesWanted: prefixes.wanted,
      prefixesAnnounced: prefixes.advertised,
    };
  }

  #sinceOf(session: SpeakerSession): string {
    const known = this.#since.get(session);
    if (known !== undefined) return known;
    const now = timestamp(this.#wallClock());
    this.#since.set(session, now);
    return now;
  }
}
