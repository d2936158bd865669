/**
 * The image's root file system: the base of Debian's packages and the bundle. The Dockerfile and the lab's cluster have the same one.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { baseImage, type Content, sizeOf } from './base-image.ts';
import { buildBundle } from './bundle.ts';
import { command, RootfsError } from './debian.ts';

/** Where the program is. */
const PROGRAM = 'usr/lib/metallb';

export interface Rootfs {
  readonly directory: string;
  /** The largest first. */
  readonly contents: readonly Content[];
  readonly bytes: number;
}

/**
 * Assembles it in a folder, which is emptied first.
 *
 * @throws {RootfsError} where a tool, a package or a library is missing, and says which.
 */
export async function assembleRootfs(directory: string, env: NodeJS.ProcessEnv): Promise<Rootfs> {
  if (existsSync(directory) && readdirSync(directory).length > 0 && !existsSync(join(directory, PROGRAM)))
    throw new RootfsError(`${directory} is no root file system of ours: it is left alone`);
  const base = baseImage(env);
  rmSync(directory, { recursive: true, force: true });
  command(['cp', '-a', '--reflink=auto', base.directory, directory]);
  const program = join(directory, PROGRAM);
  await buildBundle(program);
  const contents = [...base.contents, { name: 'metallb', bytes: sizeOf(program) }];
  contents.sort((a, b) => b.bytes - a.bytes);
  return { directory, contents, bytes: contents.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Which release's packages it is made of, for who reads the contents. */
export const releaseOf = (directory: string): string =>
  /^PRETTY_NAME="(.*)"$/m.exec(readFileSync(join(directory, 'etc/os-release'), 'utf8'))?.[1] ?? 'unknown';
