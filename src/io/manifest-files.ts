/** Which files an input path means, and in which order they are read (the contract of the offline commands). */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MANIFEST = /\.(?:yaml|yml|json)$/;

/** Deeper than any tree of manifests; ends a folder that contains itself by a symbolic link. */
const MAX_DEPTH = 32;

/**
 * The files of one path: a file is itself, whatever its name; a folder gives its `*.yaml`, `*.yml` and `*.json` at any depth, by path,
 * bytewise.
 *
 * Hidden folders and files are left out: a ConfigMap volume has its files twice, once under `..data`.
 *
 * @throws {Error} of `node:fs` where the path does not exist or cannot be read.
 */
export function manifestFilesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  const files: string[] = [];
  collect(path, 0, files);
  return files.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
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
