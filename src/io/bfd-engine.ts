/**
 * BFD in its thread: the session table, its sockets, and what the main thread asks for. The sockets are handed in, so that the engine runs on a virtual clock
 * as well.
 */
import { isDeepStrictEqual } from 'node:util';
import { type EchoLink, echoLinkOf } from '../bfd/echo-path.ts';
import type { BfdSession, SessionConfig } from '../bfd/session.ts';
import { type Datagram, type SessionPath, SessionTable } from '../bfd/session-table.ts';
import { Secret } from '../secret.ts';
import type { Clock } from '../time/clock.ts';
import { type EchoSender, SessionEcho } from './bfd-echo.ts';
import type { ReceiveEcho } from './bfd-echo-sockets.ts';
import type {
  AddSession,
  ClonedSessionConfig,
  FromWorker,
  Legacy,
  Scheduling,
  SocketProblem,
  ToWorker,
} from './bfd-messages.ts';
import { isSocketError, passesByItself } from './socket-error.ts';

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

/** Takes a datagram that came to the port of this kind of path; what it is given is valid until it returns. */
export type Receive = (type: SessionPath['type'], datagram: Datagram) => void;

/** The world, as far as BFD needs it. */
export interface BfdNetwork {
  /** Receives what this path needs, from now on; on its own address alone, or on every one. @throws {SocketError} where the port is taken. */
  listen(path: SessionPath, onOwnAddress: boolean): void;
  /** @throws {SocketError} */
  open(path: SessionPath, device: string | null, sourcePort: number | null): Sender;
  /** Sends and receives Echo packets over this link. @throws {SocketError} EPERM where that is not allowed. */
  openEcho(link: EchoLink): EchoSender;
  /** Hands in what has arrived and was not read yet. */
  readPending(): void;
  close(): void;
}

export interface EngineDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly scheduling: Scheduling;
  network(receive: Receive, receiveEcho: ReceiveEcho): BfdNetwork;
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
  readonly echo: SessionEcho;
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
    this.#network = deps.network(
      (type, datagram) => void this.#table.receive(type, datagram),
      (arrival) => void this.#table.receiveEcho(arrival),
    );
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
      entry.echo.want(message.config.echoInterval !== null);
      this.#configure(entry);
    } else if (message.type === 'neighbor') entry.echo.reach(message.linkAddress);
    else if (message.type === 'remove') this.#remove(entry);
    else entry.session[message.type]();
  }

  #add({ id, path, device, onOwnAddress, config, legacy, linkAddress }: AddSession): void {
    // One that is leaving makes room for its successor at once.
    for (const other of this.#entries.values())
      if (other.leaving !== null && sameEnds(other, path)) this.#forget(other);
    const session = this.#refusing(id, () =>
      this.#table.add(
        path,
        configOf(config, false),
        {
          transmit: (octets) => this.#transmit(id, octets),
          transmitEcho: (octets) => this.#entries.get(id)?.echo.send(octets) ?? false,
          stateChanged: (change) => {
            if (this.#entries.get(id)?.leaving !== null) return;
            this.#deps.tell({ type: 'stateChanged', id, change });
            this.#tellLegacy(id);
          },
          echoChanged: (state) => {
            if (this.#entries.get(id)?.leaving !== null) return;
            this.#deps.tell({ type: 'echoChanged', id, state });
            // What the neighbor may go by is another, as Control packets become rare.
            this.#tellLegacy(id);
          },
          readPending: () => this.#network.readPending(),
        },
        legacy?.localDiscr ?? null,
      ),
    );
    if (session === null) return;
    const sourcePort = legacy?.sourcePort ?? null;
    const link = echoLinkOf(path);
    const echo = new SessionEcho({
      link: typeof link === 'string' ? null : link,
      open: (way) => this.#network.openEcho(way),
      problemChanged: (problem) => this.#deps.tell({ type: 'echoProblem', id, problem }),
      readyChanged: () => this.#configure(entry),
    });
    const entry: Entry = {
      ...{ id, session, path, device, onOwnAddress, config, sourcePort, echo },
      ...{ sender: null, problem: null, legacy: null, leaving: null },
    };
    this.#entries.set(id, entry);
    this.#open(entry);
    echo.want(config.echoInterval !== null);
    if (linkAddress !== null) echo.reach(linkAddress);
    session.start(legacy?.snapshot ?? null);
    this.#tellLegacy(id);
  }

  /** Echo packets that cannot leave are none: then Control packets watch the path. */
  #configure({ id, session, config, echo }: Entry): void {
    this.#refusing(id, () => session.update(configOf(config, echo.isReady)));
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
      if (!passesByItself(error)) this.#setProblem(entry, { step, syscall: error.syscall, code: error.code });
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
    entry.echo.want(false);
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
        entry.echo.prepare();
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

function configOf({ authentication, ...cloned }: ClonedSessionConfig, sendsEcho: boolean): SessionConfig {
  const config = { ...cloned, echoInterval: sendsEcho ? cloned.echoInterval : null };
  if (authentication === null) return { ...config, authentication };
  const keys = authentication.keys.map(({ id, secret }) => ({ id, secret: new Secret(secret) }));
  return { ...config, authentication: { ...authentication, keys } };
}
