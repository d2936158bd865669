/** One row at work: network, daemons and speaker, and what a check can ask of them. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Daemon } from '../../../../lab/daemon.ts';
import { until } from '../../../../lab/run.ts';
import type { Sandbox } from '../../../../lab/sandbox.ts';
import { type LogLine, type SessionState, speakerLog, speakerSessions, startSpeaker } from '../../../../lab/speaker.ts';
import type { Capability, Subjects } from './capability.ts';
import { buildNetwork, type DaemonName, type Network, NODE } from './network.ts';
import type { Subject } from './subject.ts';
import { BirdSubject } from './subject-bird.ts';
import { ExabgpSubject } from './subject-exabgp.ts';
import { FrrSubject } from './subject-frr.ts';
import { GobgpSubject } from './subject-gobgp.ts';

export const MATRIX = join(import.meta.dirname, '..');

/** The file of each daemon in a row's folder. */
export const CONFIG_FILES: Readonly<Record<DaemonName, string>> = {
  frr: 'frr.conf',
  bird: 'bird.conf',
  gobgp: 'gobgpd.toml',
  exabgp: 'exabgp.conf',
};

/** How long anything may take that must happen; long, since rows share two cores. */
export const PATIENCE_MS = 30_000;

/** A session of ours as SIGUSR1 shows it, as far as the matrix reads it. */
export interface OurSession extends SessionState {
  readonly negotiated: null | {
    readonly direction: 'outgoing' | 'incoming';
    readonly holdTimeSeconds: number;
    readonly fourOctetAS: boolean;
    readonly [field: string]: unknown;
  };
  readonly establishedCount: number;
  readonly lastDown: { readonly reason: string } | null;
  readonly messagesReceived: Readonly<Record<string, number>>;
  readonly messagesSent: Readonly<Record<string, number>>;
  /** The flight recorder: the last messages and decisions, oldest first. */
  readonly recorder: readonly { readonly event: string; readonly [field: string]: unknown }[];
  readonly prefixes: { readonly advertised: number; readonly received: number };
}

export class Bench {
  readonly network: Network;
  readonly #sandbox: Sandbox;
  readonly #folder: string;
  readonly #manifests: string;
  readonly #capability: Capability;
  readonly #established = new Map<DaemonName, number>();
  #speaker: Daemon | undefined;
  #lives = 0;

  private constructor(sandbox: Sandbox, network: Network, folder: string, capability: Capability) {
    this.#sandbox = sandbox;
    this.network = network;
    this.#folder = folder;
    this.#capability = capability;
    this.#manifests = sandbox.subdirectory('manifests');
    copyFileSync(join(MATRIX, 'base.yaml'), join(this.#manifests, 'base.yaml'));
    copyFileSync(join(folder, 'speaker.yaml'), join(this.#manifests, 'speaker.yaml'));
  }

  /** The network of a row; nothing runs in it yet. */
  static async build(
    sandbox: Sandbox,
    name: string,
    capability: Capability,
    daemons: readonly DaemonName[],
  ): Promise<Bench> {
    const network = await buildNetwork(sandbox, capability.topology ?? 'segment', daemons);
    return new Bench(sandbox, network, join(MATRIX, name), capability);
  }

  /** Changes the text of the row's speaker.yaml for the speaker, which watches it. */
  edit(change: (manifests: string) => string): void {
    const file = join(this.#manifests, 'speaker.yaml');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }

  /** Starts it, also anew after its end. */
  startSpeaker(): void {
    this.#lives += 1;
    this.#speaker = startSpeaker({
      sandbox: this.#sandbox,
      namespace: this.network.node,
      node: NODE.name,
      from: [this.#manifests],
      life: `${this.#lives}`,
    });
  }

  get speaker(): Daemon {
    if (this.#speaker === undefined) throw new Error('the speaker has not been started');
    return this.#speaker;
  }

  async startDaemon<D extends DaemonName>(name: D): Promise<Subjects[D]>;
  async startDaemon(name: DaemonName): Promise<Subjects[DaemonName]> {
    const namespace = this.network.daemons.get(name);
    if (namespace === undefined) throw new Error(`${name} is not on the network of this row`);
    const { session = 'ipv4', configure } = this.#capability;
    const neighbor = NODE[session];
    const text = readFileSync(join(this.#folder, CONFIG_FILES[name]), 'utf8');
    const options = {
      sandbox: this.#sandbox,
      namespace,
      address: neighbor,
      config: configure?.[name]?.(text) ?? text,
    };
    switch (name) {
      case 'frr':
        return await FrrSubject.start(options, neighbor);
      case 'bird':
        return await BirdSubject.start(options, neighbor);
      case 'gobgp':
        return await GobgpSubject.start(options, neighbor);
      case 'exabgp':
        return await ExabgpSubject.start(options, neighbor);
    }
  }

  /** Our session towards a daemon, by SIGUSR1. */
  async session(name: DaemonName): Promise<OurSession> {
    const sessions = (await speakerSessions(this.speaker)) as readonly OurSession[];
    const session = sessions.find(({ peer }) => peer === name);
    if (session === undefined) throw new Error(`the speaker has no session ${name}`);
    return session;
  }

  /** The speaker's log of that session. */
  async log(name: DaemonName): Promise<readonly LogLine[]> {
    return (await speakerLog(this.speaker)).filter(({ peer }) => peer === name);
  }

  /** Remembers how often the session has come up so far. */
  async note(name: DaemonName): Promise<void> {
    this.#established.set(name, await this.#timesUp(name));
  }

  /** Throws when the session has come up again since {@link note}. */
  async unbroken(name: DaemonName): Promise<void> {
    const [before, now] = [this.#established.get(name), await this.#timesUp(name)];
    if (now !== before) throw new Error(`the session had come up ${before} times, and now has ${now} times`);
  }

  async #timesUp(name: DaemonName): Promise<number> {
    return (await this.log(name)).filter(({ event }) => event === 'sessionUp').length;
  }

  /** Waits for our session to be as wanted. */
  ours(name: DaemonName, what: string, done: (session: OurSession) => boolean): Promise<OurSession> {
    return until(`${what} of our session`, () => this.session(name), {
      timeoutMs: PATIENCE_MS,
      everyMs: 250,
      done,
    });
  }
}

/** Waits for something a daemon says. */
export function eventually<T>(what: string, probe: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  return until(what, probe, { timeoutMs: PATIENCE_MS, everyMs: 200, done });
}

/** A check that the daemon's log comes to match. */
export const says =
  (pattern: RegExp) =>
  async (subject: Subject): Promise<void> => {
    await eventually(
      `${pattern} in the log of ${subject.name}`,
      () => subject.log(),
      (text) => pattern.test(text),
    );
  };

/** A check that what the daemon tells of the neighbor comes to match. */
export const tells =
  (pattern: RegExp) =>
  async (subject: Subject): Promise<void> => {
    await eventually(
      `${pattern} in what ${subject.name} tells`,
      () => subject.about(),
      (text) => pattern.test(text),
    );
  };
