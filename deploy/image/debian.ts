/**
 * Debian's packages, taken apart without being installed: no root, no container engine, no maintainer scripts.
 *
 * apt finds them and checks their signed hashes; what was fetched before is kept, by name, which has the version in it.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What cannot be done here, in words for the user. */
export class RootfsError extends Error {
  override readonly name = 'RootfsError';
}

/** Runs a command. @throws {RootfsError} with its own words. */
export function command(
  argv: readonly [string, ...string[]],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): string {
  const [file, ...args] = argv;
  const { status, stdout, stderr, error }: SpawnSyncReturns<string> = spawnSync(file, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw new RootfsError(`${file} cannot be started: ${error.message}`);
  if (status !== 0) throw new RootfsError(`${argv.join(' ')}: status ${status}: ${stderr.trim()}`);
  return stdout;
}

/** A package as a file. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly file: string;
}

const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'metallb-ts', 'debian');

/** @throws {RootfsError} where apt is not there, or does not know a package. */
export function fetchPackages(names: readonly string[], env: NodeJS.ProcessEnv): readonly DebianPackage[] {
  const folder = cacheFolder(env);
  mkdirSync(folder, { recursive: true });
  // As root apt would change to a user of its own, who may not write here.
  const apt = ['-o', 'APT::Sandbox::User=root', 'download'] as const;
  const listed = command(['apt-get', ...apt, '--print-uris', ...names]);
  // 'URI' FILE SIZE HASH
  const files = [...listed.matchAll(/^'\S+' (\S+\.deb) /gm)].map((match) => match[1] as string);
  const packages = files.map((file) => packageOf(join(folder, file)));
  const lacking = names.filter((name) => !packages.some((one) => one.name === name));
  if (lacking.length > 0) throw new RootfsError(`apt knows nothing of ${lacking.join(', ')}: run apt-get update`);
  const missing = packages.filter(({ file }) => !existsSync(file));
  if (missing.length > 0) {
    const fetching = mkdtempSync(join(folder, 'fetching-'));
    try {
      command(['apt-get', ...apt, '-q', ...missing.map(({ name }) => name)], { cwd: fetching });
      for (const name of readdirSync(fetching)) renameSync(join(fetching, name), join(folder, name));
    } finally {
      rmSync(fetching, { recursive: true, force: true });
    }
  }
  return packages;
}

/** By its file's name: NAME_VERSION_ARCHITECTURE.deb, with a colon of the version escaped. */
function packageOf(file: string): DebianPackage {
  const [, name = '', version = ''] = /([^/_]+)_([^_]+)_[^_]+\.deb$/.exec(file) ?? [];
  return { name, version: decodeURIComponent(version), file };
}

/** Lays a package's files into a root file system, but those that match a pattern of tar's. */
export function extract({ file }: DebianPackage, root: string, without: readonly string[]): void {
  const exclude = without.map((pattern) => `--exclude=${pattern}`);
  // /bin, /lib and so on are links into /usr, and stay links where a package has a folder there.
  const script =
    'set -o pipefail; f=$1 d=$2; shift 2; dpkg-deb --fsys-tarfile "$f" | tar -x -C "$d" --keep-directory-symlink --no-same-owner "$@"';
  command(['bash', '-c', script, 'bash', file, root, ...exclude]);
}
