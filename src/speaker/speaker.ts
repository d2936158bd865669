/**
 * The speaker of one node: makes its sessions and their routes what the plan says, by the differences alone.
 *
 * It is level-triggered: {@link Speaker.apply} gets the whole wish for the node, and whatever already is so is left alone. A session
 * whose parameters stay is never touched by a change elsewhere.
 */
import type { Node } from '../cluster/node.ts';
import type { NodePlan, PlannedSession } from '../plan/node-plan.ts';
import { type SessionEnvironment, SpeakerSession } from './session.ts';
import { sessionStateOf } from './session-state.ts';

/** A quick succession of changes (three sessions coming up) is one summary. */
const SUMMARY_DELAY_MS = 250;
const SUMMARY_REPEAT_MS = 60_000;

/** `onChange` of the environment is the speaker's own. */
export type SpeakerEnvironment = Omit<SessionEnvironment, 'onChange'>;

export class Speaker {
  readonly #node: string;
  readonly #environment: SessionEnvironment;
  /** By name of the peer that holds the session. */
  #sessions = new Map<string, SpeakerSession>();
  /** Sessions that are closing; a new one towards the same router must not meet its predecessor. */
  readonly #closing = new Set<Promise<void>>();
  #cancelSummary: (() => void) | undefined;
  #stopped = false;

  constructor(node: string, environment: SpeakerEnvironment) {
    this.#node = node;
    this.#environment = { ...environment, onChange: () => this.#summarise(SUMMARY_DELAY_MS) };
  }

  /** Carries out this node's part of a plan. */
  apply(plan: NodePlan, node: Node): void {
    if (this.#stopped) return;
    const before = this.#sessions;
    this.#sessions = new Map();
    const fresh: PlannedSession[] = [];
    for (const planned of plan.sessions) {
      const { name } = planned.session.peer;
      const existing = before.get(name);
      if (existing?.serves(planned.session, node) === true) {
        before.delete(name);
        this.#sessions.set(name, existing);
        existing.announce(planned.routes);
      } else fresh.push(planned);
    }
    const wanted = new Set(fresh.map(({ session }) => session.peer.name));
    for (const [name, session] of before) this.#close(session, wanted.has(name) ? 'changed' : 'deconfigured');
    for (const planned of fresh) {
      const session = new SpeakerSession(planned.session, node, this.#environment);
      this.#sessions.set(session.peer.name, session);
      session.announce(planned.routes);
      session.start();
    }
    if (fresh.length > 0 || before.size > 0) this.#summarise(SUMMARY_DELAY_MS);
  }

  /** Ends every session with a Cease; resolves when all connections are gone, within a bounded time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSummary?.();
    for (const session of this.#sessions.values()) this.#close(session, 'shutdown');
    this.#sessions.clear();
    await Promise.all(this.#closing);
  }

  /** Everything that the speaker knows of its sessions, as JSON, without a secret. */
  state(): unknown {
    const now = this.#environment.clock.now();
    return { node: this.#node, sessions: [...this.#sessions.values()].map((session) => sessionStateOf(session, now)) };
  }

  #close(session: SpeakerSession, why: 'shutdown' | 'deconfigured' | 'changed'): void {
    const closed = session.stop(why).finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  /** One line that says how the sessions stand: after a change, and every minute while one is not up (docs/decisions.md 19). */
  #summarise(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancelSummary?.();
    this.#cancelSummary = this.#environment.clock.after(delayMs, () => {
      this.#cancelSummary = undefined;
      const sessions = [...this.#sessions.values()];
      const down = sessions.filter((session) => !session.established);
      this.#environment.log.info(
        {
          event: 'sessionSummary',
          sessions: sessions.length,
          established: sessions.length - down.length,
          notEstablished: down.map((session) => ({
            peer: session.peer.name,
            state: session.engine.status.state,
            cause: session.cause?.cause ?? null,
          })),
        },
        'BGP session summary',
      );
      if (down.length > 0) this.#summarise(SUMMARY_REPEAT_MS);
    });
  }
}
