/** Reads the inputs of the offline commands: files, folders, standard input. */
import { decodeText, manifestFilesOf, readText, reasonOf, type TextFault } from '../io/manifest-files.ts';
import { type ManifestFile, parseManifests } from '../manifest/manifest.ts';
import type { Result } from '../result.ts';
import { CannotRunError, type Io } from './io.ts';

/**
 * Reads and parses everything, in the order of the contract: inputs as given, inside a folder by path, bytewise.
 *
 * @throws {CannotRunError} naming file, line and column of everything that cannot be read or parsed.
 */
export async function readInputs(inputs: readonly string[], io: Io): Promise<readonly ManifestFile[]> {
  if (inputs.length === 0) throw new CannotRunError('no input: give files, folders, or - for standard input');
  if (inputs.filter((input) => input === '-').length > 1) throw new CannotRunError('standard input (-) is given twice');
  const files: ManifestFile[] = [];
  const faults: string[] = [];
  const take = (file: string, text: Result<string, TextFault>): void => {
    if (!text.ok) {
      const { line, message } = text.error;
      faults.push(line === null ? `${file}: ${message}` : `${file}:${line}:1: ${message}`);
      return;
    }
    const parsed = parseManifests(file, text.value);
    if (parsed.ok) files.push(parsed.value);
    else faults.push(`${parsed.error.file}:${parsed.error.line}:${parsed.error.column}: ${parsed.error.message}`);
  };
  for (const input of inputs) {
    if (input === '-') take('<stdin>', decodeText(await readAll(io)));
    else for (const file of filesOf(input, faults)) take(file, readText(file));
  }
  if (faults.length > 0) throw new CannotRunError(faults.join('\n'));
  return files;
}

function filesOf(input: string, faults: string[]): readonly string[] {
  try {
    return manifestFilesOf(input);
  } catch (error) {
    faults.push(`${input}: ${reasonOf(error)}`);
    return [];
  }
}

/** What standard input holds. */
export async function readAll(io: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of io.stdin) chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
  return Buffer.concat(chunks);
}
