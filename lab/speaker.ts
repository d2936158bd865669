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
}

/** The command, to show and to run: `metallb speaker --from … --node …`. */
export function speakerCommand({ from, node }: Pick<SpeakerOptions, 'from' | 'node'>): readonly string[] {
  return ['speaker', ...from.flatMap((folder) => ['--from', folder]), '--node', node];
}

export function startSpeaker(options: SpeakerOptions): Daemon {
  const { sandbox, namespace, node, life } = options;
  return new Daemon({
    namespace,
    name: life === undefined ? node : `${node}-${life}`,
    directory: sandbox.subdirectory('speakers'),
    argv: [process.execPath, join(ROOT, 'bin/metallb.js'), ...speakerCommand(options)],
  });
}

/** What the speaker says of a session when it is sent SIGUSR1: as much of it as lab and tests read. */
export interface SessionState {
  readonly peer: string;
  readonly state: string;
  readonly cause: { readonly cause: string; readonly message: string; readonly help: string } | null;
}

export interface SpeakerState {
  /** The answer as it was printed. */
  readonly text: string;
  readonly sessions: readonly SessionState[];
}

/** Sends SIGUSR1 and reads the answer. */
export async function speakerState(speaker: Daemon): Promise<SpeakerState> {
  const before = (await speaker.stdout()).length;
  speaker.signal('SIGUSR1');
  const text = await until('the state', async () => (await speaker.stdout()).slice(before), {
    timeoutMs: 10_000,
    everyMs: 20,
    done: isJson,
  });
  const { speaker: state } = JSON.parse(text) as { readonly speaker: { readonly sessions: readonly SessionState[] } };
  return { text: text.trim(), sessions: state.sessions };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
