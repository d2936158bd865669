/**
 * A Go toolchain for building Kubernetes: the one that is there, or the one that Go's module proxy has.
 *
 * Any Go can fetch a newer one as a module. From 1.21 on it does so by itself (GOTOOLCHAIN); an older one, such as Debian's, downloads
 * the module like any other, and what a module cannot carry, that its programs are executable, is added here.
 */
import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, tryRun } from '../run.ts';
import { BuildError } from './build-error.ts';

/** What Kubernetes 1.36 says in its go.mod, `go 1.26.0`, in its newest patch release. */
const GO_VERSION = '1.26.8';

const OWN_DIRECTORY = '/usr/local/go/bin';

export interface Go {
  /** The program. */
  readonly file: string;
  /** What it must have in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds a Go that is new enough, or fetches it.
 *
 * @throws {BuildError} where there is no Go at all, or the download fails.
 */
export async function findGo(path: string, print: (line: string) => void): Promise<Go> {
  const file = [...path.split(delimiter), OWN_DIRECTORY].map((folder) => join(folder, 'go')).find(existsSync);
  if (file === undefined)
    throw new BuildError('Go is not installed (any version will do; on Debian and Ubuntu: apt-get install golang-go)');
  const local = { GOTOOLCHAIN: 'local' };
  const version = /go(\d+)\.(\d+)/.exec(await run([file, 'version'], { env: local }));
  const minor = version?.[1] === '1' ? Number(version[2]) : 0;
  const [, wanted = 0] = GO_VERSION.split('.').map(Number);
  if (minor >= wanted) return { file, env: local };
  print(`Go 1.${minor} is too old: fetching ${GO_VERSION} as a module`);
  return minor >= 21 ? { file, env: { GOTOOLCHAIN: `go${GO_VERSION}` } } : await fetchToolchain(file);
}

async function fetchToolchain(file: string): Promise<Go> {
  const platform = process.arch === 'arm64' ? 'linux-arm64' : 'linux-amd64';
  const module = `golang.org/toolchain@v0.0.1-go${GO_VERSION}.${platform}`;
  const { status, stdout, stderr } = await tryRun([file, 'mod', 'download', '-json', module], {
    timeoutMs: 10 * 60_000,
    env: { GO111MODULE: 'on', GOFLAGS: '' },
  });
  const { Dir, Error: said } = status === 0 || stdout !== '' ? JSON.parse(stdout) : { Dir: undefined, Error: stderr };
  if (typeof Dir !== 'string') throw new BuildError(`${module} cannot be fetched: ${said}`);
  for (const folder of ['bin', `pkg/tool/${platform.replace('-', '_')}`]) {
    const directory = join(Dir, folder);
    // The tools are built on demand in newer releases; then the folder has not all of them, or is not there.
    if (!existsSync(directory)) continue;
    for (const name of readdirSync(directory)) {
      const program = join(directory, name);
      if (statSync(program).isFile()) chmodSync(program, 0o755);
    }
  }
  return { file: join(Dir, 'bin', 'go'), env: { GOTOOLCHAIN: 'local', GOROOT: Dir } };
}
