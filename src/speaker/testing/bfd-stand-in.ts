/** BFD without a thread, for tests: it says what it is told to, and remembers what it was asked for. */
import type { SessionConfig, SessionStatus, StateChange } from '../../bfd/session.ts';
import type { State } from '../../bfd/state.ts';
import type { BfdHandle, BfdObserver, BfdSessionOptions } from '../../io/bfd-driver.ts';
import type { BfdRunner } from '../bfd/bfd-sessions.ts';

export class BfdStandIn implements BfdRunner {
  readonly view = { dropped: {}, realTime: true, deaths: 0 };
  /** `add`, `update`, `pathDown`, `remove`, each with the session's number. */
  readonly asked: string[] = [];
  readonly sessions: {
    readonly options: BfdSessionOptions;
    readonly observer: BfdObserver;
    config: SessionConfig;
    state: State;
    isThere: boolean;
  }[] = [];
  status: SessionStatus | null = null;

  add(options: BfdSessionOptions, observer: BfdObserver): BfdHandle {
    const id = this.sessions.length;
    const session: (typeof this.sessions)[number] = {
      options,
      observer,
      config: options.config,
      state: 'Down',
      isThere: true,
    };
    this.sessions.push(session);
    const ask = (what: string): void => void this.asked.push(`${what} ${id}`);
    ask('add');
    return {
      id,
      get state() {
        return session.state;
      },
      update: (config) => {
        session.config = config;
        ask('update');
      },
      disable: () => ask('disable'),
      enable: () => ask('enable'),
      pathDown: () => ask('pathDown'),
      remove: () => {
        session.isThere = false;
        ask('remove');
      },
    };
  }

  statusOf(): SessionStatus | null {
    return this.status;
  }

  refreshSoon(): void {
    // The test says when there is another status.
  }

  /** The last session that was begun goes there. */
  becomes(to: State, over: Partial<StateChange> = {}): void {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('there is no BFD session');
    const change = { from: session.state, to, localDiag: 0, remoteSessionState: to, remoteDiag: 0, ...over };
    session.state = to;
    session.observer.stateChanged(change);
  }
}
