/** Paths inside of a root file system that is not our own: links in it lead nowhere else. */
import { lstatSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';

/** Links that lead on to links; the kernel's own limit. */
const MAX_LINKS = 40;

/**
 * Where a path of that root file system is, every link followed as if it were `/`; the path stays one of the root file system.
 *
 * What does not exist stays as it is. In Debian `/var/run` is a link to `/run`: seen from outside it would lead to the machine's own.
 *
 * @throws {Error} where links lead in a circle.
 */
export function resolveInRoot(root: string, path: string): string {
  let resolved = '/';
  const left = segments(path);
  let links = 0;
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    if (next === '..') {
      resolved = posix.dirname(resolved);
      continue;
    }
    const at = posix.join(resolved, next);
    const target = linkAt(posix.join(root, at));
    if (target === undefined) {
      resolved = at;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new Error(`${path}: too many links`);
    if (target.startsWith('/')) resolved = '/';
    left.unshift(...segments(target));
  }
  return resolved;
}

const segments = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

function linkAt(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

/** The full path of a program as a shell would find it in that root file system; undefined where it has none. */
export function findProgram(root: string, name: string, path: string): string | undefined {
  if (name.includes('/')) return name;
  return path
    .split(':')
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => posix.join(directory, name))
    .find((file) => isProgram(posix.join(root, resolveInRoot(root, file))));
}

function isProgram(file: string): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
}
