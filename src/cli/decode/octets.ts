/** The octets that a user gives: hex as an argument, lines of hex, or raw octets on standard input. */
import { errorMessage } from '../../error-message.ts';
import { hex } from '../../wire/hex.ts';
import { CannotRunError, type Io } from '../io.ts';

/**
 * Runs of octets, each with one message or several: what is cut in one run says nothing of the next.
 *
 * @throws {CannotRunError} for what is no hex, naming the line, and where there is nothing at all.
 */
export async function octetRuns(argument: string | undefined, raw: boolean, io: Io): Promise<readonly Uint8Array[]> {
  const runs =
    argument === undefined
      ? raw
        ? [await readAll(io)]
        : hexLines(new TextDecoder().decode(await readAll(io)))
      : [hexArgument(argument, raw)];
  const some = runs.filter((run) => run.length > 0);
  if (some.length === 0) throw new CannotRunError('no octets: give hex as an argument or on standard input');
  return some;
}

function hexArgument(text: string, raw: boolean): Uint8Array {
  if (raw) throw new CannotRunError('--raw reads standard input: leave out the hex argument');
  return octetsOf(text, 'the argument');
}

const hexLines = (text: string): readonly Uint8Array[] =>
  text.split('\n').map((line, i) => octetsOf(line, `<stdin>:${i + 1}`));

function octetsOf(text: string, place: string): Uint8Array {
  try {
    return hex(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CannotRunError(`${place}: ${error.message}`);
  }
}

async function readAll(io: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of io.stdin) {
      chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
    }
  } catch (error) {
    throw new CannotRunError(`standard input: ${errorMessage(error)}`);
  }
  return Buffer.concat(chunks);
}
