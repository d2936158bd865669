/** Reads the inputs of the offline commands: files, folders, standard input. */
import { readFile } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { manifestFilesOf } from '../io/manifest-files.ts';
import { type ManifestFile, parseManifests } from '../manifest/manifest.ts';
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
  for (const input of inputs)
    for (const { file, text } of await textsOf(input, io, faults)) {
      const parsed = parseManifests(file, text);
      if (parsed.ok) files.push(parsed.value);
      else faults.push(`${parsed.error.file}:${parsed.error.line}:${parsed.error.column}: ${parsed.error.message}`);
    }
  if (faults.length > 0) throw new CannotRunError(faults.join('\n'));
  return files;
}

interface InputText {
  readonly file: string;
  readonly text: string;
}

async function textsOf(input: string, io: Io, faults: string[]): Promise<readonly InputText[]> {
  if (input === '-') return decoded('<stdin>', await readAll(io), faults);
  const texts: InputText[] = [];
  try {
    for (const file of manifestFilesOf(input)) texts.push(...decoded(file, await readFile(file), faults));
  } catch (error) {
    faults.push(`${input}: ${reasonOf(error)}`);
  }
  return texts;
}

function decoded(file: string, bytes: Uint8Array, faults: string[]): readonly InputText[] {
  try {
    return [{ file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }];
  } catch {
    faults.push(`${file}:${lineOfBadByte(bytes)}:1: this line is not UTF-8 text`);
    return [];
  }
}

function lineOfBadByte(bytes: Uint8Array): number {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    line++;
    start = end + 1;
  }
  return line;
}

async function readAll(io: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of io.stdin) chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
  return Buffer.concat(chunks);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'it may not be read by this user',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link that leads to itself',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined && REASONS[code]) || message;
}
