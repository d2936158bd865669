/**
 * A sandbox: the namespaces, processes and files of one lab, and their end.
 *
 * Everything lies in a fresh temporary directory and in namespaces of its own, whose names begin with an id that no other run has;
 * the machine's own network is not touched. The end is the janitor's work (`janitor.ts`), which also sees the lab's death.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inodeOfProcess, record, recordJanitor, startTicksOf } from './ledger.ts';
import { NetworkNamespace, prepare } from './netns.ts';
import { run, tryRun } from './run.ts';

/** `root`: named namespaces. `unprivileged`: namespaces inside a user namespace, for who is not root. */
export type SandboxKind = 'root' | 'unprivileged';

/** Why a sandbox of this kind cannot be had here; undefined when it can. */
export async function sandboxObstacle(kind: SandboxKind): Promise<string | undefined> {
  if (kind === 'root') return process.getuid?.() === 0 ? undefined : 'not root';
  try {
    const { status, stderr } = await tryRun(['unshare', '-Urn', 'ip', 'link', 'show']);
    return status === 0 ? undefined : `unshare -Urn is not allowed here: ${stderr.trim()}`;
  } catch {
    return 'unshare (util-linux) or ip (iproute2) is not installed';
  }
}

export class Sandbox implements AsyncDisposable {
  /** Begins the names of this run's namespaces. */
  readonly id: string;
  /** Where the run's configurations, sockets and logs lie; gone after {@link close}. */
  readonly directory: string;
  readonly #kind: SandboxKind;
  readonly #janitor: ChildProcess;
  readonly #janitorGone: Promise<void>;
  /** The process in the user namespace that all anonymous namespaces belong to. */
  #first: ChildProcess | undefined;
  /** Namespaces that are being made. */
  readonly #making = new Set<Promise<unknown>>();
  #isClosing = false;

  constructor(kind: SandboxKind) {
    this.#kind = kind;
    this.id = `metallb-${randomBytes(3).toString('hex')}`;
    this.directory = mkdtempSync(join(tmpdir(), `${this.id}-`));
    // FRR's daemons run as a user of their own and must get through to their directories.
    chmodSync(this.directory, 0o755);
    this.#janitor = spawn(process.execPath, [join(import.meta.dirname, 'janitor.ts'), this.directory], {
      stdio: ['pipe', 'ignore', 'inherit'],
      // A session of its own: what the terminal sends to the lab does not reach it.
      detached: true,
    });
    if (this.#janitor.pid !== undefined) recordJanitor(this.directory, this.#janitor.pid);
    this.#janitorGone = new Promise((resolve) => this.#janitor.once('exit', () => resolve()));
    this.#janitor.unref();
  }

  /** A fresh directory of the sandbox. */
  subdirectory(name: string): string {
    this.#refuseWhenClosing();
    const path = join(this.directory, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** A new namespace, prepared. */
  async namespace(name: string): Promise<NetworkNamespace> {
    this.#refuseWhenClosing();
    const making = this.#kind === 'root' ? this.#named(name) : this.#anonymous(name);
    this.#making.add(making);
    const namespace = await making.finally(() => this.#making.delete(making));
    await prepare(namespace);
    return namespace;
  }

  /** Whoever was cut short may still be building: what comes now nobody would take away. */
  #refuseWhenClosing(): void {
    if (this.#isClosing) throw new Error('the sandbox is being closed');
  }

  async #named(name: string): Promise<NetworkNamespace> {
    const full = `${this.id}-${name}`;
    record(this.directory, { name: full });
    await run(['ip', 'netns', 'add', full]);
    return new NetworkNamespace(name, full, ['ip', 'netns', 'exec', full]);
  }

  async #anonymous(name: string): Promise<NetworkNamespace> {
    const enter = (pid: number | undefined) => ['nsenter', '--preserve-credentials', '--user', '--net', '-t', `${pid}`];
    const first = this.#first;
    const make = first === undefined ? ['unshare', '-Urn'] : [...enter(first.pid), 'unshare', '--net'];
    const holder = await startHolder(make);
    this.#first ??= holder;
    const inode = holder.pid === undefined ? undefined : inodeOfProcess(holder.pid);
    if (inode === undefined) throw new Error(`no namespace for ${name}`);
    record(this.directory, { inode });
    return new NetworkNamespace(name, `${holder.pid}`, enter(holder.pid));
  }

  /** Takes charge of a process that runs outside of the sandbox's namespaces: it ends with the sandbox too. */
  adopt(pid: number): void {
    const startTicks = startTicksOf(pid);
    if (startTicks !== undefined) record(this.directory, { pid, startTicks });
  }

  /** Ends every process in the sandbox's namespaces and every adopted one, removes those and the directory. Returns when all is gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.allSettled(this.#making);
    this.#janitor.ref();
    this.#janitor.stdin?.end();
    await this.#janitorGone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A process that keeps a namespace alive until its standard input, which only this process holds, comes to its end. */
function startHolder(make: readonly string[]): Promise<ChildProcess> {
  const [file = '', ...args] = [...make, 'sh', '-c', 'echo ready; exec cat'];
  const holder = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  holder.unref();
  return new Promise((resolve, reject) => {
    let said = '';
    holder.stderr.on('data', (bytes: Buffer) => {
      said += bytes;
    });
    holder.once('error', reject);
    holder.once('exit', (status) => reject(new Error(`${make.join(' ')}: status ${status}: ${said.trim()}`)));
    holder.stdout.once('data', () => {
      // Only its standard input still matters; open output pipes would keep this process waiting for more.
      holder.stdout.destroy();
      holder.stderr.destroy();
      resolve(holder);
    });
  });
}
