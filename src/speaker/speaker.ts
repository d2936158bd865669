/**
 * The speaker of one node: makes its sessions and their routes what the plan says, by the differences alone.
 *
 * It is level-triggered: {@link Speaker.apply} gets the whole wish for the node, and whatever already is so is left alone. A session
 * whose parameters stay is never touched by a change elsewhere.
 */
import type { Route } from '../announce/bgp.ts';
import type { Session } from '../announce/sessions.ts';
import { RouteTables } from '../bgp/route-tables.ts';
import type { Node } from '../cluster/node.ts';
import type { NodePlan } from '../plan/node-plan.ts';
import type { SessionRoutes } from '../plan/world/node-routes.ts';
import type { SessionView } from './metrics.ts';
import { sessionViewOf } from './metrics-view.ts';
import { type SessionEnvironment, type SessionNews, SpeakerSession } from './session.ts';
import { sessionStateOf } from './session-state.ts';

/** A quick succession of changes (three sessions coming up) is one summary. */
const SUMMARY_DELAY_MS = 250;
const SUMMARY_REPEAT_MS = 60_000;
/** Of a pod's log people see the last ten lines: while a session is not up, the summary is always among them (docs/decisions.md 19). */
const SUMMARY_REPEAT_LINES = 8;

/** `tables` of the environment are the speaker's own. */
export type SpeakerEnvironment = Omit<SessionEnvironment, 'tables'>;

export class Speaker {
  readonly #node: string;
  readonly #environment: SessionEnvironment;
  /** By name of the peer that holds the session. */
  #sessions = new Map<string, SpeakerSession>();
  /** Sessions that are closing; a new one towards the same router must not meet its predecessor. */
  readonly #closing = new Set<Promise<void>>();
  #summary: { readonly due: number; readonly cancel: () => void } | undefined;
  #linesSinceSummary = 0;
  #isHeld = false;
  #stopped = false;

  constructor(node: string, environment: SpeakerEnvironment) {
    this.#node = node;
    this.#environment = {
      ...environment,
      tables: new RouteTables(),
      onNews: (session, news) => {
        if (isForSummary(news)) this.#summarise(SUMMARY_DELAY_MS);
        environment.onNews(session, news);
      },
    };
  }

  /** Carries out this node's part of a plan. */
  apply(plan: NodePlan, node: Node): void {
    const routes = new Map(plan.sessions.map((planned) => [planned.session.peer.name, planned.routes]));
    const routesOf = (peer: string): readonly Route[] => routes.get(peer) ?? [];
    const sessions = plan.sessions.map(({ session }) => session);
    this.connect(sessions, node, routesOf);
    for (const [name, session] of this.#sessions) session.announce(routesOf(name));
  }

  /**
   * Makes the node's sessions these. One that goes on keeps what it announces, for {@link change} to change; one that is new, or has another
   * name, gets all its routes.
   */
  connect(sessions: readonly Session[], node: Node, routesOf: (peer: string) => readonly Route[]): void {
    if (this.#stopped) return;
    const before = this.#sessions;
    this.#sessions = new Map();
    const goesOn = (existing: SpeakerSession | undefined, wanted: Session): boolean => {
      const [name, next] = [existing?.peer.name, wanted.peer.name];
      if (existing === undefined || name === undefined || !existing.adopt(wanted, node)) return false;
      before.delete(name);
      this.#sessions.set(next, existing);
      if (name !== next) existing.announce(routesOf(next));
      return true;
    };
    const others = sessions.filter((wanted) => !goesOn(before.get(wanted.peer.name), wanted));
    // A peer that was renamed, or that another one supersedes, is the same session on the wire.
    const fresh = others.filter((wanted) => ![...before.values()].some((existing) => goesOn(existing, wanted)));
    const names = new Set(fresh.map(({ peer }) => peer.name));
    for (const [name, session] of before) this.#close(session, names.has(name) ? 'changed' : 'deconfigured');
    for (const wanted of fresh) {
      const session = new SpeakerSession(wanted, node, this.#environment);
      this.#sessions.set(session.peer.name, session);
      session.announce(routesOf(session.peer.name));
      if (!this.#isHeld) session.start();
    }
    if (fresh.length > 0 || before.size > 0) this.#summarise(SUMMARY_DELAY_MS);
  }

  /** From now until {@link release} sessions are made and given their routes, and not begun. */
  hold(): void {
    this.#isHeld = true;
  }

  /** All routes are known: the sessions begin. */
  release(): void {
    this.#isHeld = false;
    if (!this.#stopped) for (const session of this.#sessions.values()) session.start();
  }

  /** Sends what is different on one session. */
  change(routes: SessionRoutes): void {
    if (!this.#stopped) this.#sessions.get(routes.peer)?.change(routes);
  }

  /** By name of the peer. */
  get sessions(): readonly SpeakerSession[] {
    return [...this.#sessions.values()];
  }

  /** Ends every session with a Cease; resolves when all connections are gone, within a bounded time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#summary?.cancel();
    for (const session of this.#sessions.values()) this.#close(session, 'shutdown');
    this.#sessions.clear();
    await Promise.all(this.#closing);
  }

  /** Something was logged, by whomever. */
  lineLogged(): void {
    this.#linesSinceSummary += 1;
    if (this.#linesSinceSummary < SUMMARY_REPEAT_LINES) return;
    // Not at once: this is in the middle of somebody's logging.
    if ([...this.#sessions.values()].some((session) => !session.established)) this.#summarise(0);
  }

  /** What metrics say of each session that there is now. */
  sessionViews(): readonly SessionView[] {
    const now = this.#environment.clock.now();
    return [...this.#sessions.values()].map((session) => sessionViewOf(session, now));
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

  /**
   * One line that says how the sessions stand: after a change, and while one is not up every minute and every few lines (docs/decisions.md
   * 19). It has each session's error, so that who looks for "error" or for "session" finds both in it.
   */
  #summarise(delayMs: number): void {
    const { clock } = this.#environment;
    const due = clock.now() + delayMs;
    if (this.#stopped || (this.#summary !== undefined && this.#summary.due <= due)) return;
    this.#summary?.cancel();
    const cancel = clock.after(delayMs, () => {
      this.#summary = undefined;
      this.#linesSinceSummary = 0;
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
            error: session.cause?.message ?? null,
          })),
        },
        'BGP session summary',
      );
      if (down.length > 0) this.#summarise(SUMMARY_REPEAT_MS);
    });
    this.#summary = { due, cancel };
  }
}

/** What an attempt goes through is no news, and neither is a route. */
const isForSummary = (news: SessionNews): boolean =>
  news.type === 'failed' || (news.type === 'state' && (news.from === 'Established' || news.to === 'Established'));
