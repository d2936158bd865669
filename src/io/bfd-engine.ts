/**
 * BFD in its thread: the session table, its sockets, and what the main thread asks for. The sockets are handed in, so that the engine runs on a virtual clock
 * as well.
 */
import { isDeepStrictEqual } from 'node:util';
import type { BfdSession, SessionConfig } from '../bfd/session.ts';
import { type Datagram, type SessionPath, SessionTable } from '../bfd/session-table.ts';
import { Secret } from '../secret.ts';
import type { Clock } from '../time/clock.ts';
import type {
  AddSession,
  ClonedSessionConfig,
  FromWorker,
  Legacy,
  Scheduling,
  SocketProblem,
  ToWorker,
} from './bfd-messages.ts';

/** RFC 5881 section 4 and RFC 5883 section 5. */
export const SINGLE_HOP_PORT = 3784;
export const MULTIHOP_PORT = 4784;
/** How often sockets that fail are opened anew, and what a successor would need is sent to the main thread where it has changed. */
const TICK_MS = 1_000;

/** A socket of one session. */
export interface Sender {
  readonly sourcePort: number;
  /** @throws {SocketError} */
  send(octets: Uint8Array): void;
  close(): void;
}

/** What a socket call may fail with: `libc.SystemError`, or a test's. */
export type SocketError = Error & SocketProblem;

/** Takes a datagram that came to the port of this kind of path; what it is given is valid until it returns. */
export type Receive = (type: SessionPath['type'], datagram: Datagram) => void;

/** The world, as far as BFD needs it. */
export interface BfdNetwork {
  /** Receives what this path needs, from now on; on its own address alone, or on every one. @throws {SocketError} where the port is taken. */
  listen(path: SessionPath, onOwnAddress: boolean): void;
  /** @throws {SocketError} */
  open(path: SessionPath, device: string | null, sourcePort: number | null): Sender;
  /** Hands in what has arrived and was not read yet. */
  readPending(): void;
  close(): void;
}

export interface EngineDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly scheduling: Scheduling;
  network(receive: Receive): BfdNetwork;
  tell(message: FromWorker): void;
  /** All is said and done. */
  ended(): void;
}

type Step = 'open' | 'send';

interface Entry {
  readonly id: number;
  readonly session: BfdSession;
  readonly path: SessionPath;
  readonly device: string | null;
  readonly onOwnAddress: boolean;
  config: ClonedSessionConfig;
  sender: Sender | null;
  /** Kept while the sender cannot be opened, and from the predecessor. */
  sourcePort: number | null;
  problem: (SocketProblem & { readonly step: Step }) | null;
  /** What the main thread was told last. */
  legacy: Legacy | null;
  /** It is told as AdminDown until then. */
  leaving: (() => void) | null;
}

export class BfdEngine {
  readonly #deps: EngineDependencies;
  readonly #table: SessionTable;
  readonly #network: BfdNetwork;
  readonly #entries = new Map<number, Entry>();
  #ending = false;
  #isOver = false;

  constructor(deps: EngineDependencies) {
    this.#deps = deps;
    this.#table = new SessionTable({ clock: deps.clock, random: deps.random });
    this.#network = deps.network((type, datagram) => void this.#table.receive(type, datagram));
    this.#tickLater();
  }

  handle(message: ToWorker): void {
    switch (message.type) {
      case 'add':
        this.#add(message);
        return;
      case 'end':
        this.#end(message.limitMs);
        return;
      case 'status':
        this.#tellStatus(message.request);
        return;
    }
    const entry = this.#entries.get(message.id);
    if (entry === undefined) return;
    if (message.type === 'update') {
      entry.config = message.config;
      this.#refusing(entry.id, () => entry.session.update(configOf(message.config)));
    } else if (message.type === 'remove') this.#remove(entry);
    else entry.session[message.type]();
  }

  #add({ id, path, device, onOwnAddress, config, legacy }: AddSession): void {
    // One that is leaving makes room for its successor at once.
    for (const other of this.#entries.values())
      if (other.leaving !== null && sameEnds(other, path)) this.#forget(other);
    const session = this.#refusing(id, () =>
      this.#table.add(
        path,
        configOf(config),
        {
          transmit: (octets) => this.#transmit(id, octets),
          transmitEcho: () => undefined,
          stateChanged: (change) => {
            if (this.#entries.get(id)?.leaving !== null) return;
            this.#deps.tell({ type: 'stateChanged', id, change });
            this.#tellLegacy(id);
          },
          readPending: () => this.#network.readPending(),
        },
        legacy?.localDiscr ?? null,
      ),
    );
    if (session === null) return;
    const sourcePort = legacy?.sourcePort ?? null;
    const entry: Entry = {
      ...{ id, session, path, device, onOwnAddress, config, sourcePort },
      ...{ sender: null, problem: null, legacy: null, leaving: null },
    };
    this.#entries.set(id, entry);
    this.#open(entry);
    session.start(legacy?.snapshot ?? null);
    this.#tellLegacy(id);
  }

  /** What is wrong with the configuration is said, not thrown: the thread has other sessions. */
  #refusing<T>(id: number, run: () => T): T | null {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#deps.tell({ type: 'refused', id, because: error.message });
      return null;
    }
  }

  #open(entry: Entry): void {
    entry.sender?.close();
    entry.sender = null;
    this.#trying(entry, 'open', () => {
      this.#network.listen(entry.path, entry.onOwnAddress);
      entry.sender = this.#network.open(entry.path, entry.device, entry.sourcePort);
      entry.sourcePort = entry.sender.sourcePort;
    });
  }

  #transmit(id: number, octets: Uint8Array): void {
    const entry = this.#entries.get(id);
    const sender = entry?.sender;
    // A socket that failed once is tried with the next packet again, and opened anew with the next tick.
    if (entry !== undefined && sender != null) this.#trying(entry, 'send', () => sender.send(octets));
  }

  /**
   * Runs what may fail, and tells when that begins and when it is over. A socket that opens says nothing of whether it sends: what has failed to send is over
   * when something was sent.
   */
  #trying(entry: Entry, step: Step, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!isSocketError(error)) throw error;
      // A queue that is full is emptied by itself.
      if (error.code !== 'EAGAIN' && error.code !== 'ENOBUFS') {
        this.#setProblem(entry, { step, syscall: error.syscall, code: error.code });
      }
      return;
    }
    if (entry.problem !== null && (step === 'send' || entry.problem.step === 'open')) this.#setProblem(entry, null);
  }

  #setProblem(entry: Entry, problem: Entry['problem']): void {
    if (isDeepStrictEqual(problem, entry.problem)) return;
    entry.problem = problem;
    const said = problem === null ? null : { syscall: problem.syscall, code: problem.code };
    this.#deps.tell({ type: 'problem', id: entry.id, problem: said });
  }

  #remove(entry: Entry): void {
    if (entry.leaving !== null) return;
    // Whom nobody has heard of, nobody has to be told anything.
    if (entry.session.status.remoteDiscr === 0) {
      this.#forget(entry);
      return;
    }
    entry.leaving = this.#deps.clock.after(entry.session.adminDownMs, () => this.#forget(entry));
    entry.session.disable();
  }

  #forget(entry: Entry): void {
    entry.leaving?.();
    entry.sender?.close();
    this.#table.remove(entry.session);
    this.#entries.delete(entry.id);
    if (this.#ending && this.#entries.size === 0) this.#ended();
  }

  #end(limitMs: number): void {
    this.#ending = true;
    for (const entry of this.#entries.values()) this.#remove(entry);
    if (this.#entries.size === 0) this.#ended();
    else {
      this.#deps.clock.after(limitMs, () => {
        for (const entry of this.#entries.values()) this.#forget(entry);
      });
    }
  }

  #ended(): void {
    this.#ending = false;
    this.#isOver = true;
    this.#network.close();
    this.#deps.ended();
  }

  #tellStatus(request: number): void {
    const sessions = [...this.#entries.values()]
      .filter(({ leaving }) => leaving === null)
      .map(({ id, session, sourcePort }) => ({ id, status: session.status, sourcePort }));
    const { dropped } = this.#table;
    this.#deps.tell({ type: 'status', request, report: { sessions, dropped, scheduling: this.#deps.scheduling } });
  }

  #tickLater(): void {
    this.#deps.clock.after(TICK_MS, () => {
      for (const entry of this.#entries.values()) {
        if (entry.sender === null || entry.problem !== null) this.#open(entry);
        else this.#trying(entry, 'open', () => this.#network.listen(entry.path, entry.onOwnAddress));
        this.#tellLegacy(entry.id);
      }
      if (!this.#isOver) this.#tickLater();
    });
  }

  #tellLegacy(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.leaving !== null) return;
    const legacy = legacyOf(entry);
    if (isDeepStrictEqual(legacy, entry.legacy)) return;
    entry.legacy = legacy;
    const detectionTimeMs = entry.session.status.detectionTimeMs ?? 0;
    this.#deps.tell({ type: 'legacy', id, legacy, detectionTimeMs });
  }
}

/** A sequence number that rises with every packet cannot be guessed by a successor: such a session begins anew. */
function legacyOf({ session, sourcePort, config }: Entry): Legacy | null {
  const { snapshot, localDiscr } = session;
  if (snapshot === null || config.authentication?.type.startsWith('meticulous') === true) return null;
  return { localDiscr, sourcePort, snapshot };
}

const sameEnds = ({ path }: Entry, other: SessionPath): boolean =>
  path.type === other.type && isDeepStrictEqual([path.remote, path.local], [other.remote, other.local]);

function configOf({ authentication, ...config }: ClonedSessionConfig): SessionConfig {
  if (authentication === null) return { ...config, authentication };
  const keys = authentication.keys.map(({ id, secret }) => ({ id, secret: new Secret(secret) }));
  return { ...config, authentication: { ...authentication, keys } };
}

const isSocketError = (error: unknown): error is SocketError =>
  error instanceof Error && 'syscall' in error && 'code' in error;
