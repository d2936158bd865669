/**
 * The programs of Kubernetes, built from their Go modules once and kept outside of the checkout.
 *
 * No package of a distribution carries an API server. Its sources are Go modules, so a build is `go build` in a module of ours that
 * requires `k8s.io/kubernetes` and, as Kubernetes itself does, replaces the modules that live in its `staging` folder by their released
 * versions. Each program is built beside its place and moved there whole; two builders wait for each other.
 *
 * The first build takes some 5 minutes of both of two idle cores and 2 GB of memory for the linker; later ones only link, as long as
 * Go's own build cache is kept.
 */
import { spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, homedir, setPriority } from 'node:os';
import { join } from 'node:path';
import { CommandError, run } from '../run.ts';
import { BuildError } from './build-error.ts';
import { lockFile } from './file-lock.ts';
import { findGo, type Go } from './go.ts';

export const KUBERNETES_VERSION = '1.36.3';

/** In the order in which they are built: what is wanted most comes first. */
export const PROGRAMS = [
  'kubectl',
  'kube-apiserver',
  'etcd',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
] as const;

export type Program = (typeof PROGRAMS)[number];

/** Where the programs of this version are kept. */
export function programDirectory(env: NodeJS.ProcessEnv): string {
  const cache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'metallb-ts', 'kubernetes', KUBERNETES_VERSION);
}

export const programFile = (program: Program, env: NodeJS.ProcessEnv): string => join(programDirectory(env), program);

/** Those that are not built yet. */
export function missingPrograms(programs: readonly Program[], env: NodeJS.ProcessEnv): readonly Program[] {
  return programs.filter((program) => {
    try {
      accessSync(programFile(program, env), constants.X_OK);
      return false;
    } catch {
      return true;
    }
  });
}

export interface BuildOptions {
  readonly programs: readonly Program[];
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  /** Ends the build; what was finished stays. */
  readonly signal: AbortSignal;
}

/**
 * Builds what is missing of the programs; returns at once where nothing is.
 *
 * @throws {BuildError} where it cannot, with the compiler's or the module proxy's own words.
 */
export async function buildPrograms({ programs, env, print, signal }: BuildOptions): Promise<void> {
  if (missingPrograms(programs, env).length === 0) return;
  if (process.platform !== 'linux') throw new BuildError('Kubernetes servers run on Linux only');
  const go = await findGo(env.PATH ?? '', print);
  const directory = programDirectory(env);
  mkdirSync(directory, { recursive: true });
  await using _lock = await lockFile(join(directory, 'lock'), () =>
    print('Another build is under way: waiting for it'),
  );
  signal.throwIfAborted();
  // Whoever was waited for may have built the very same.
  const missing = missingPrograms(programs, env);
  if (missing.length === 0) return;
  const module = await ensureModule(go, directory, print);
  const building = mkdtempSync(join(directory, 'building-'));
  try {
    for (const program of missing) {
      const started = performance.now();
      await compile({ go, module, program, building, print, signal });
      renameSync(join(building, program), join(directory, program));
      print(`${program}: built in ${Math.round((performance.now() - started) / 1_000)} s`);
    }
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** etcd is built too: distributions have releases without what the API server needs for streamed lists (progress requests). */
const packageOf = (program: Program): string =>
  program === 'etcd' ? 'go.etcd.io/etcd/server/v3' : `k8s.io/kubernetes/cmd/${program}`;

/** What every call of Go here has in its environment: nothing that the user's own projects need may change this build. */
const environment = (go: Go): Record<string, string> => ({
  ...go.env,
  CGO_ENABLED: '0',
  GOFLAGS: '',
  GOWORK: 'off',
  GO111MODULE: 'on',
});

/** A module with go.mod and go.sum that hold every version and checksum of the build; made once. */
async function ensureModule(go: Go, directory: string, print: (line: string) => void): Promise<string> {
  const module = join(directory, 'module');
  if (existsSync(module)) return module;
  print('Fetching the modules of Kubernetes (130 MB)');
  const env = environment(go);
  const making = mkdtempSync(join(directory, 'module-'));
  try {
    const requirement = `k8s.io/kubernetes@v${KUBERNETES_VERSION}`;
    const downloaded = await run([go.file, 'mod', 'download', '-json', requirement], { env, timeoutMs: 10 * 60_000 });
    const { GoMod } = JSON.parse(downloaded) as { readonly GoMod: string };
    writeFileSync(join(making, 'go.mod'), moduleFile(readFileSync(GoMod, 'utf8')));
    const list = [go.file, '-C', making, 'list', '-mod=mod', '-deps', ...PROGRAMS.map(packageOf)];
    await run(list, { env, timeoutMs: 20 * 60_000 });
    renameSync(making, module);
    return module;
  } catch (cause) {
    rmSync(making, { recursive: true, force: true });
    if (cause instanceof CommandError) throw new BuildError(cause.message, { cause });
    throw cause;
  }
}

/**
 * The go.mod of the build.
 *
 * @param kubernetes - the go.mod of k8s.io/kubernetes, which says which Go it needs, and which modules it takes from its own
 *   `staging` folder: those are released with the same minor and patch number under major version 0. The etcd is of the release whose
 *   client the API server has.
 */
export function moduleFile(kubernetes: string): string {
  const goVersion = /^go (\S+)$/m.exec(kubernetes)?.[1];
  const staged = [...kubernetes.matchAll(/^\t(k8s\.io\/[a-z-]+) => \.\/staging\//gm)].map((match) => match[1]);
  const etcdVersion = /^\tgo\.etcd\.io\/etcd\/client\/v3 (\S+)$/m.exec(kubernetes)?.[1];
  if (goVersion === undefined || etcdVersion === undefined || staged.length === 0)
    throw new BuildError(
      'the go.mod of k8s.io/kubernetes is not as expected: no go line, no etcd or no staging modules',
    );
  const version = KUBERNETES_VERSION.replace(/^1\./, 'v0.');
  return [
    'module metallb-ts/kubernetes',
    `go ${goVersion}`,
    `require (\n\tk8s.io/kubernetes v${KUBERNETES_VERSION}\n\tgo.etcd.io/etcd/server/v3 ${etcdVersion}\n)`,
    // Named as tools, the commands are part of the module's needs.
    `tool (\n${PROGRAMS.map((program) => `\t${packageOf(program)}\n`).join('')})`,
    `replace (\n${staged.map((name) => `\t${name} => ${name} ${version}\n`).join('')})`,
    '',
  ].join('\n\n');
}

/** Without these a program calls itself v0.0.0-master, and clients refuse to compare versions. */
function linkerFlags(): string {
  const [major, minor] = KUBERNETES_VERSION.split('.');
  const values = { gitVersion: `v${KUBERNETES_VERSION}`, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const settings = packages.flatMap((name) =>
    Object.entries(values).map(([key, value]) => `-X ${name}.${key}=${value}`),
  );
  return ['-s', '-w', ...settings].join(' ');
}

interface CompileOptions {
  readonly go: Go;
  readonly module: string;
  readonly program: Program;
  readonly building: string;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

const PROGRESS_EVERY_MS = 15_000;

/** Lines of the compiler that are kept for the case that it fails. */
const LINES_KEPT = 30;

async function compile({ go, module, program, building, print, signal }: CompileOptions): Promise<void> {
  // -v names each package as it is compiled: the only progress that Go shows.
  const args = ['-C', module, 'build', '-v', '-p', String(availableParallelism()), '-mod=readonly', '-trimpath'];
  const child = spawn(
    go.file,
    [...args, '-ldflags', linkerFlags(), '-o', join(building, program), packageOf(program)],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment(go) },
      // A group of its own, so that its compilers end with it.
      detached: true,
    },
  );
  const started = performance.now();
  let lastLines: readonly string[] = [];
  let packages = 0;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = text.split('\n').filter((line) => line !== '');
    packages += lines.length;
    lastLines = [...lastLines, ...lines].slice(-LINES_KEPT);
  });
  const progress = setInterval(() => {
    print(`${program}: ${packages} packages compiled, ${Math.round((performance.now() - started) / 1_000)} s`);
  }, PROGRESS_EVERY_MS);
  const abort = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
      // Whatever else the machine does comes first.
      if (child.pid !== undefined) setPriority(child.pid, 10);
    });
    signal.throwIfAborted();
    if (status !== 0) throw new BuildError(`${program} cannot be built:\n${lastLines.join('\n')}`);
  } finally {
    clearInterval(progress);
    signal.removeEventListener('abort', abort);
  }
}
