/**
 * BFD for the main thread: sessions by their observers, and the worker thread that runs them.
 *
 * The worker is started with the first session. One that dies is started again, and goes on where it was: what it told last is handed to its
 * successor, so that a neighbor notices nothing and no session is Down that is not. Only where no successor is there within a session's Detection
 * Time is the session called Down here.
 */
import { Worker } from 'node:worker_threads';
import type { EchoState } from '../bfd/echo.ts';
import { echoLinkOf } from '../bfd/echo-path.ts';
import type { SessionConfig, StateChange } from '../bfd/session.ts';
import type { SessionPath } from '../bfd/session-table.ts';
import { Diagnostic, type State } from '../bfd/state.ts';
import { type BackoffPolicy, backoffMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import {
  BFD_PRIORITY,
  type ClonedSessionConfig,
  type FromWorker,
  type Legacy,
  type Scheduling,
  type SocketProblem,
  type ToWorker,
  type WorkerReport,
} from './bfd-messages.ts';
import { BfdNeighbors } from './bfd-neighbors.ts';
import { hurryEngineThreads } from './linux/engine-threads.ts';
import { close as closeDescriptor, SystemError, withRealTimePriority } from './linux/libc.ts';
import { NeighborMonitor, type Neighbors } from './linux/neighbor-monitor.ts';

export type { SocketProblem } from './bfd-messages.ts';

/** After a worker that died. The first one is replaced at once: sessions wait for it. */
const RESTART: BackoffPolicy = { initialMs: 50, maxMs: 5_000 };
/** A worker that has lived for so long is not counted among those that died at once. */
const HEALTHY_AFTER_MS = 60_000;
/** How long {@link BfdDriver.close} waits for neighbors to hear AdminDown. */
const END_LIMIT_MS = 3_500;

/** A small nursery: what a packet leaves behind is garbage at once, and with 100 sessions the process is smaller by 20 MB. */
const LIMITS = { maxYoungGenerationSizeMb: 2 };

/** What happens to one session. Called on the main thread's event loop. */
export interface BfdObserver {
  /** `remoteSessionState` AdminDown is an administrator's wish, not a failure of the path (RFC 5882 section 3.2). */
  stateChanged(change: StateChange): void;
  /** It cannot send or receive; null when it can again. */
  problem(problem: SocketProblem | null): void;
  /** The session cannot be as it was asked for, and is not. */
  refused(because: string): void;
  /** Who sends no Echo packets needs none. */
  readonly echo?: EchoObserver;
}

export interface EchoObserver {
  stateChanged(state: EchoState): void;
  /** Echo packets cannot be sent or received, and Control packets watch the path alone; null when they can again. */
  problem(problem: SocketProblem | null): void;
}

/** What happens to all of BFD. */
export interface BfdDriverObserver {
  ready(scheduling: Scheduling): void;
  /** The worker has died and is started again. */
  workerDied(error: Error | null, restartInMs: number): void;
}

export interface BfdSessionOptions {
  readonly path: SessionPath;
  /** The name of the interface to send by; null: by route. A single hop should have one. */
  readonly device: string | null;
  /** Receives on the path's own address alone, as demonstrations need it whose routers and nodes are one machine; unset: on every address. */
  readonly onOwnAddress?: boolean;
  readonly config: SessionConfig;
}

/** A session that runs until it is removed. */
export interface BfdHandle {
  /** By which a {@link WorkerReport} has it. */
  readonly id: number;
  /** The last that was told. */
  readonly state: State;
  /** Other parameters, negotiated without a flap. */
  update(config: SessionConfig): void;
  /** AdminDown, and out of it. */
  disable(): void;
  enable(): void;
  /** The link has lost its carrier: the session is Down at once. */
  pathDown(): void;
  /** Tells the neighbor AdminDown and ends the session; its observer hears no more. */
  remove(): void;
}

/** Where a worker comes from: a thread, or a test's stand-in. */
export type StartWorker = () => BfdWorkerThread;

export interface BfdWorkerThread {
  postMessage(message: ToWorker): void;
  on(event: 'message', listener: (message: FromWorker) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (status: number) => void): unknown;
}

/** The thread of `bfd-worker.ts`. It is before others from its first moment on, where it may be: sessions wait for one that replaces another. */
export const startBfdThread = (): Worker => {
  const start = (): Worker =>
    new Worker(new URL('./bfd-worker.ts', import.meta.url), { name: 'bfd', resourceLimits: LIMITS });
  try {
    hurryEngineThreads();
    return withRealTimePriority(BFD_PRIORITY, start);
  } catch (error) {
    // The worker tries for itself as well, and says why it has none.
    if (error instanceof SystemError) return start();
    throw error;
  }
};

interface Session {
  readonly id: number;
  readonly options: Omit<BfdSessionOptions, 'config'>;
  readonly observer: BfdObserver;
  config: ClonedSessionConfig;
  disabled: boolean;
  state: State;
  legacy: Legacy | null;
  detectionTimeMs: number;
  /** Runs while there is no worker: then the session is Down. */
  expiry: (() => void) | null;
}

export interface BfdDriverDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: BfdDriverObserver;
  readonly startWorker?: StartWorker;
  /** Where Echo packets go. */
  readonly neighbors?: Neighbors;
}

export class BfdDriver {
  readonly #deps: BfdDriverDependencies;
  readonly #sessions = new Map<number, Session>();
  readonly #neighbors: BfdNeighbors;
  readonly #requests = new Map<number, (report: WorkerReport | null) => void>();
  /** What the worker has open: descriptors are the process's and outlive their thread. */
  readonly #descriptors = new Set<number>();
  #worker: BfdWorkerThread | null = null;
  #ready = false;
  #startedAt = 0;
  #deaths = 0;
  #restart: (() => void) | null = null;
  #lastId = 0;
  #closed: (() => void) | null = null;

  constructor(deps: BfdDriverDependencies) {
    this.#deps = deps;
    this.#neighbors = new BfdNeighbors(deps.neighbors ?? new NeighborMonitor(deps.clock), (id, linkAddress) =>
      this.#tell({ type: 'neighbor', id, linkAddress }),
    );
  }

  /** Begins a session. */
  add(options: BfdSessionOptions, observer: BfdObserver): BfdHandle {
    const session: Session = {
      ...{ id: ++this.#lastId, options, observer, config: cloned(options.config), disabled: false },
      ...{ state: 'Down', legacy: null, detectionTimeMs: 0, expiry: null },
    };
    this.#sessions.set(session.id, session);
    this.#watchNeighbor(session);
    this.#announce(session);
    if (this.#worker === null && this.#restart === null) this.#start();
    const { id } = session;
    return {
      id,
      get state() {
        return session.state;
      },
      update: (config) => {
        session.config = cloned(config);
        this.#watchNeighbor(session);
        this.#tell({ type: 'update', id, config: session.config });
      },
      disable: () => {
        session.disabled = true;
        this.#tell({ type: 'disable', id });
      },
      enable: () => {
        session.disabled = false;
        this.#tell({ type: 'enable', id });
      },
      pathDown: () => {
        if (this.#ready) this.#tell({ type: 'pathDown', id });
        else this.#expire(session, Diagnostic.PathDown);
      },
      remove: () => {
        session.expiry?.();
        this.#neighbors.forget(id);
        if (this.#sessions.delete(id)) this.#tell({ type: 'remove', id });
      },
    };
  }

  /** Where all sessions stand; null while there is no worker. */
  async report(): Promise<WorkerReport | null> {
    if (!this.#ready) return null;
    const request = ++this.#lastId;
    return await new Promise((resolve) => {
      this.#requests.set(request, resolve);
      this.#tell({ type: 'status', request });
    });
  }

  /** Tells every neighbor AdminDown and ends the worker. */
  async close(): Promise<void> {
    this.#restart?.();
    this.#restart = null;
    for (const session of this.#sessions.values()) session.expiry?.();
    this.#sessions.clear();
    this.#neighbors.close();
    if (this.#worker === null) return;
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      this.#tell({ type: 'end', limitMs: END_LIMIT_MS });
    });
  }

  #start(): void {
    this.#restart = null;
    this.#startedAt = this.#deps.clock.now();
    const worker: BfdWorkerThread = (this.#deps.startWorker ?? startBfdThread)();
    let failure: Error | null = null;
    this.#worker = worker;
    worker.on('message', (message) => this.#heard(message));
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('exit', () => this.#gone(failure));
  }

  /** Echo packets go to the neighbor's link address. */
  #watchNeighbor({ id, config, options: { path } }: Session): void {
    if (config.echoInterval === null) this.#neighbors.forget(id);
    else this.#neighbors.watch(id, path.remote, echoLinkOf(path));
  }

  #announce(session: Session): void {
    const { id, options, config, legacy } = session;
    const { path, device, onOwnAddress = false } = options;
    const linkAddress = this.#neighbors.linkAddressOf(id);
    this.#tell({ type: 'add', id, path, device, onOwnAddress, config, legacy, linkAddress });
    if (session.disabled) this.#tell({ type: 'disable', id });
  }

  /** Before it is ready, a worker is told nothing: then it is told of everything. */
  #tell(message: ToWorker): void {
    if (this.#ready) this.#worker?.postMessage(message);
  }

  #heard(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#becameReady(message.scheduling);
        return;
      case 'opened':
        this.#descriptors.add(message.fd);
        return;
      case 'closing':
        this.#descriptors.delete(message.fd);
        return;
      case 'status':
        this.#answer(message.request, message.report);
        return;
    }
    const session = this.#sessions.get(message.id);
    if (session === undefined) return;
    if (message.type === 'legacy') {
      session.legacy = message.legacy;
      session.detectionTimeMs = message.detectionTimeMs;
    } else if (message.type === 'problem') session.observer.problem(message.problem);
    else if (message.type === 'refused') session.observer.refused(message.because);
    else if (message.type === 'echoChanged') session.observer.echo?.stateChanged(message.state);
    else if (message.type === 'echoProblem') session.observer.echo?.problem(message.problem);
    else this.#changed(session, message.change);
  }

  /** The sessions are the worker's business from now on. */
  #becameReady(scheduling: Scheduling): void {
    this.#ready = true;
    for (const session of this.#sessions.values()) {
      session.expiry?.();
      session.expiry = null;
      this.#announce(session);
    }
    if (this.#closed !== null) this.#tell({ type: 'end', limitMs: END_LIMIT_MS });
    else this.#deps.observer.ready(scheduling);
  }

  #changed(session: Session, change: StateChange): void {
    session.state = change.to;
    session.observer.stateChanged(change);
  }

  #answer(request: number, report: WorkerReport | null): void {
    this.#requests.get(request)?.(report);
    this.#requests.delete(request);
  }

  #gone(failure: Error | null): void {
    this.#worker = null;
    this.#ready = false;
    for (const fd of this.#descriptors) closeDescriptor(fd);
    this.#descriptors.clear();
    for (const request of [...this.#requests.keys()]) this.#answer(request, null);
    if (this.#closed !== null) {
      this.#closed();
      return;
    }
    const { clock, random, observer } = this.#deps;
    this.#deaths = clock.now() - this.#startedAt > HEALTHY_AFTER_MS ? 1 : this.#deaths + 1;
    const delayMs = this.#deaths === 1 ? 0 : backoffMs(RESTART, this.#deaths - 1, random());
    for (const session of this.#sessions.values()) this.#orphan(session);
    observer.workerDied(failure, delayMs);
    this.#restart = clock.after(delayMs, () => this.#start());
  }

  /** Without a worker a session lives as long as its Detection Time, or not at all where a successor could not go on with it. */
  #orphan(session: Session): void {
    if (session.expiry !== null || (session.state !== 'Up' && session.state !== 'Init')) return;
    const wait = session.legacy === null ? 0 : session.detectionTimeMs;
    const expired = (): void => this.#expire(session, Diagnostic.ControlDetectionTimeExpired);
    session.expiry = this.#deps.clock.after(wait, expired);
  }

  #expire(session: Session, localDiag: Diagnostic): void {
    session.expiry?.();
    session.expiry = null;
    session.legacy = null;
    const { state } = session;
    if (state === 'Down' || state === 'AdminDown') return;
    this.#changed(session, { from: state, to: 'Down', localDiag, remoteSessionState: 'Down', remoteDiag: 0 });
  }
}

function cloned({ authentication, ...config }: SessionConfig): ClonedSessionConfig {
  if (authentication === null) return { ...config, authentication };
  const keys = authentication.keys.map(({ id, secret }) => ({ id, secret: secret.reveal() }));
  return { ...config, authentication: { ...authentication, keys } };
}
