/** Our speaker in a node's namespace, started as a user would start it. */
import { join } from 'node:path';
import { Daemon } from './daemon.ts';
import type { NetworkNamespace } from './netns.ts';
import { until } from './run.ts';
import type { Sandbox } from './sandbox.ts';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..');

export interface SpeakerOptions {
  readonly sandbox: Sandbox;
  readonly namespace: NetworkNamespace;
  readonly node: string;
  /** Folders of manifests. */
  readonly from: readonly string[];
  /** Tells the output files of several lives of one node's speaker apart; a lab's first needs none. */
  readonly life?: string;
  /** Further options of the command. */
  readonly flags?: readonly string[];
}

/** The command, to show and to run: `metallb speaker --from … --node …`. */
export function speakerCommand({ from, node }: Pick<SpeakerOptions, 'from' | 'node'>): readonly string[] {
  return ['speaker', ...from.flatMap((folder) => ['--from', folder]), '--node', node];
}

/** How a program of the lab runs our command line: what stands behind `metallb`. */
export const metallbCommand = (...args: readonly string[]): readonly string[] => [
  process.execPath,
  join(ROOT, 'bin/metallb.js'),
  ...args,
];

export function startSpeaker(options: SpeakerOptions): Daemon {
  const { sandbox, namespace, node, life } = options;
  return new Daemon({
    namespace,
    name: life === undefined ? node : `${node}-${life}`,
    directory: sandbox.subdirectory('speakers'),
    argv: metallbCommand(...speakerCommand(options), ...(options.flags ?? [])),
  });
}

/** A line of the speaker's log; the fields beside these depend on the event. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly event?: string;
  readonly [field: string]: unknown;
}

/** The log so far; a line that is still being written is left out. */
export async function speakerLog(speaker: Daemon): Promise<readonly LogLine[]> {
  const text = await speaker.stdout();
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
}

/** What the speaker says of a session when it is sent SIGUSR1: as much of it as lab and tests read. */
export interface SessionState {
  readonly peer: string;
  readonly peerAddress: string;
  /** What is used and where it comes from, never the key. */
  readonly authentication: string;
  readonly state: string;
  readonly cause: {
    readonly cause: string;
    readonly message: string;
    readonly help: string;
    readonly evidence: string | null;
  } | null;
}

/** Sends SIGUSR1 and reads the sessions in the answer, a line of the log. */
export async function speakerSessions(speaker: Daemon): Promise<readonly SessionState[]> {
  // Before a program has taken SIGUSR1 for itself, Node.js opens its debugger instead: wait until it surely has.
  await until('the first summary in the log', () => speakerLog(speaker), {
    timeoutMs: 30_000,
    everyMs: 20,
    done: (lines) => lines.some(({ event }) => event === 'sessionSummary'),
  });
  const answers = async () => (await speakerLog(speaker)).filter(({ event }) => event === 'state');
  const before = (await answers()).length;
  speaker.signal('SIGUSR1');
  const seen = await until('the state in the log', answers, {
    timeoutMs: 10_000,
    everyMs: 20,
    done: (lines) => lines.length > before,
  });
  const { state } = seen.at(-1) as unknown as { state: { speaker: { sessions: readonly SessionState[] } } };
  return state.speaker.sessions;
}

/** Whether an attempt has failed, so that the cause says more than that one is under way. */
export const hasFailed = ({ cause }: SessionState): boolean =>
  cause !== null && cause.cause !== 'connecting' && cause.cause !== 'heldBack';
