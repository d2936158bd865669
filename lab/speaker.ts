/** Our speaker in a node's namespace, started as a user would start it. */
import { join } from 'node:path';
import { Daemon } from './daemon.ts';
import type { NetworkNamespace } from './netns.ts';
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
