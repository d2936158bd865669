/** The `metallb` command: its commands put together, and what ends it. */
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands/index.ts';
import { CannotRunError, type ExitStatus, type Io } from './io.ts';
import { fromGoFlags } from './metallb-flags.ts';
import { printable } from './text/printable.ts';
import { version } from './version.ts';

/**
 * Runs one command line.
 *
 * @param args - without the names of the interpreter and of the script.
 * @returns the exit status; a command that stays (`speaker`) returns when it ends.
 */
export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  const context = {
    io,
    exit: (wanted: ExitStatus): void => {
      status = wanted;
    },
  };
  const program = new Command('metallb')
    .description('MetalLB in TypeScript: plan and check a configuration, announce it over BGP')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', '\nExit status: 0 nothing wrong; 1 at least one error found; 2 could not run.');
  // Inherited by the commands, so it comes before them.
  program.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  const flags = [...fromGoFlags(args)];
  // Help, and a name that is wrong, need all of them.
  const named = COMMANDS.filter(({ name }) => name === flags[0]);
  for (const { load } of named.length > 0 ? named : COMMANDS)
    program.addCommand((await load())(context).copyInheritedSettings(program));
  try {
    await program.parseAsync(flags, { from: 'user' });
  } catch (error) {
    // Help and version are errors to commander too, with exit code 0; what else is wrong it has printed.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CannotRunError)) throw error;
    for (const line of error.message.split('\n')) io.stderr.write(`metallb: ${printable(line)}\n`);
    return 2;
  }
  return status;
}
