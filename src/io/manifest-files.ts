/** Manifests on disk: which files a path means, in which order, and their text (the contract of the offline commands). */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TextDecoder } from 'node:util';
import { compareText } from '../compare-text.ts';
import { err, ok, type Result } from '../result.ts';

const MANIFEST = /\.(?:yaml|yml|json)$/;

/** Deeper than any tree of manifests; ends a folder that contains itself by a symbolic link. */
const MAX_DEPTH = 32;

/**
 * The files of one path: a file is itself, whatever its name; a folder gives its `*.yaml`, `*.yml` and `*.json` at any depth, by path,
 * bytewise.
 *
 * Hidden folders and files are left out: a ConfigMap volume has its files twice, once under `..data`.
 *
 * @throws {Error} of `node:fs` where the path does not exist or cannot be read; {@link reasonOf} says it in words.
 */
export function manifestFilesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  const files: string[] = [];
  collect(path, 0, files);
  return files.sort(compareText);
}

function collect(folder: string, depth: number, files: string[]): void {
  if (depth > MAX_DEPTH) return;
  for (const name of readdirSync(folder)) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    // Followed, not looked at: in a ConfigMap volume each file is a symbolic link. One that leads nowhere is no manifest.
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) collect(path, depth + 1, files);
    else if (stat?.isFile() === true && MANIFEST.test(name)) files.push(path);
  }
}

/** Why a file's text cannot be had; the line is 1-based, and null where there is none to name. */
export interface TextFault {
  readonly line: number | null;
  readonly message: string;
}

/** Reads a file as UTF-8 text. */
export function readText(file: string): Result<string, TextFault> {
  try {
    return decodeText(readFileSync(file));
  } catch (error) {
    return err({ line: null, message: reasonOf(error) });
  }
}

/** Decodes UTF-8 strictly: a replaced octet in a password or a name would be another password or name. */
export function decodeText(bytes: Uint8Array): Result<string, TextFault> {
  const text = decoded(bytes);
  return text === undefined ? err({ line: lineOfBadByte(bytes), message: 'this line is not UTF-8 text' }) : ok(text);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function lineOfBadByte(bytes: Uint8Array): number {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    if (decoded(bytes.subarray(start, end)) === undefined) return line;
    line++;
    start = end + 1;
  }
  return line;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'it may not be read by this user',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link that leads to itself',
};

/** An error of `node:fs` in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined && REASONS[code]) || message;
}

/** A text that differs whenever a file under the paths was added, edited or removed, as far as the file system tells. */
export function fingerprintOf(paths: readonly string[]): string {
  return paths.map(fingerprintOfPath).join('\n');
}

function fingerprintOfPath(path: string): string {
  try {
    return manifestFilesOf(path)
      .map((file) => {
        const { ino, size, mtimeNs } = statSync(file, { bigint: true });
        return `${file} ${ino} ${size} ${mtimeNs}`;
      })
      .join('\n');
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`;
  }
}
