/** What a SpeakerStatus says (docs/decisions.md 23): the sessions of a node, why they are not up, and the sums. Pure. */
import type { State } from '../../bgp/fsm.ts';
import { compareText } from '../../compare-text.ts';
import { cutText } from '../../kube/cut-text.ts';

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
  /** Null: without BFD. */
  readonly bfdState: string | null;
  readonly bfdMessage: string | null;
  readonly expectedFailoverMilliseconds: number | null;
  readonly prefixesWanted: number;
  readonly prefixesAnnounced: number;
}

/** Of a cause in words, part of which is the router's: with hundreds of sessions the object must stay one that the API takes. */
const MAX_TEXT = 512;

/** The status without the time at which it became what it is. Sessions are in the order of their names, in whichever order they came to be. */
export function speakerStatusOf(node: string, sessions: readonly SessionReport[], services: number): Json {
  return {
    node,
    sessions: [...sessions].sort((a, b) => compareText(a.peer, b.peer)).map(statusOfSession),
    counts: {
      sessions: sessions.length,
      established: sessions.filter(({ state }) => state === 'Established').length,
      services,
    },
  };
}

/** What there is not is left out: server-side apply takes it away. */
const statusOfSession = (session: SessionReport): Json =>
  Object.fromEntries(
    Object.entries(session).flatMap(([field, value]) =>
      value === null ? [] : [[field, typeof value === 'string' ? cutText(value, MAX_TEXT) : value]],
    ),
  );
