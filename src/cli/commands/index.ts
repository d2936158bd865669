/** The commands of `metallb`: one file each, and one line here. */
import type { Command } from 'commander';
import type { CommandContext } from '../io.ts';

export interface NamedCommand {
  readonly name: string;
  /** Loads what the command needs: a daemon keeps no linter in its memory. */
  readonly load: () => Promise<(context: CommandContext) => Command>;
}

/** In the order of the help text. */
export const COMMANDS: readonly NamedCommand[] = [
  { name: 'plan', load: async () => (await import('./plan.ts')).planCommand },
  { name: 'lint', load: async () => (await import('./lint.ts')).lintCommand },
  { name: 'decode', load: async () => (await import('./decode.ts')).decodeCommand },
  { name: 'router-config', load: async () => (await import('./router-config.ts')).routerConfigCommand },
  { name: 'document', load: async () => (await import('./document.ts')).documentCommand },
  { name: 'speaker', load: async () => (await import('./speaker.ts')).speakerCommand },
  { name: 'controller', load: async () => (await import('./controller.ts')).controllerCommand },
];
