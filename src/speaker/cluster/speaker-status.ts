/** What a SpeakerStatus says (docs/decisions.md 23): the sessions of a node, why they are not up, and the sums. Pure. */
import type { State } from '../../bgp/fsm.ts';

type Json = Readonly<Record<string, unknown>>;

/** One session, as it is reported. */
export interface SessionReport {
  readonly peer: string;
  readonly peerAddress: string | null;
  readonly peerPort: number;
  readonly localASN: number;
  /** Null as long as nobody knows. */
  readonly peerASN: number | null;
  readonly state: State;
  /** RFC 3339: since when it is Established, or is not. */
  readonly since: string;
  readonly cause: string | null;
  readonly message: string | null;
  readonly flaps: number;
  readonly lastReset: string | null;
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  readonly prefixesWanted: number;
  readonly prefixesAnnounced: number;
}

/** The status without the time at which it became what it is. */
export function speakerStatusOf(node: string, sessions: readonly SessionReport[], services: number): Json {
  return {
    node,
    sessions: sessions.map(statusOfSession),
    counts: {
      sessions: sessions.length,
      established: sessions.filter(({ state }) => state === 'Established').length,
      services,
    },
  };
}

/** What there is not is left out: server-side apply takes it away. */
const statusOfSession = (session: SessionReport): Json =>
  Object.fromEntries(Object.entries(session).filter(([, value]) => value !== null));
