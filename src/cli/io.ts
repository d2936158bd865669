/** What a command may touch of the world: its streams and its environment. Tests hand in their own. */

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A stream to write to; `isTTY` where it is a terminal. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** 0 no error-level finding; 1 at least one; 2 the command line is wrong or an input cannot be read. */
export type ExitStatus = 0 | 1 | 2;

/** What a command is made with: its streams, and how it says how it ended (0 unless it says otherwise). */
export interface CommandContext {
  readonly io: Io;
  exit(status: ExitStatus): void;
}

/** Ends the command with exit status 2 and this message, which needs no stack. */
export class CannotRunError extends Error {
  override readonly name = 'CannotRunError';
  readonly code = 'cannot-run';
}

/** Whether what is written there may have colours (https://no-color.org). */
export const hasColour = (output: Output, env: Io['env']): boolean =>
  output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
