/**
 * A Kubernetes control plane: etcd, kube-apiserver and, where it is asked for, kube-controller-manager.
 *
 * It runs on loopback, or on an address of a namespace, until its sandbox is closed or {@link ControlPlane.stop} is called. Keys and
 * certificates are its own: the API server signs its own certificate, which is the authority that clients trust; service account tokens
 * are signed with a key made here; the administrator has a random token. RBAC is on, Services are dual-stack, and etcd does not sync
 * its files, since nothing of it outlives the run.
 *
 * Unless it is told of nodes, there are none: Pods stay Pending, there is no admission of ServiceAccounts (Pods without one are fine), and no
 * kubernetes Endpoints (nobody dials the API from a Pod).
 */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Daemon } from '../daemon.ts';
import type { NetworkNamespace } from '../netns.ts';
import { tryRun, until, WaitError } from '../run.ts';
import type { Sandbox } from '../sandbox.ts';
import { missingPrograms, type Program, programFile } from './binaries.ts';
import { apiServerFlags, controllerFlags, etcdFlags, type NodeAccess, writeKeys } from './control-plane-flags.ts';
import { kubeconfig } from './kubeconfig.ts';

/**
 * Soft limits for Go's collector: without them the servers take what a large machine has. Far above what they need for a thousand Services: a collector that
 * is near its limit takes half of the processors.
 */
const MEMORY_LIMIT = { etcd: '1GiB', apiserver: '2GiB', controllers: '1GiB' };

const START_TIMEOUT_MS = 90_000;

export interface ControlPlaneOptions {
  readonly sandbox: Sandbox;
  readonly env: NodeJS.ProcessEnv;
  /** Left out: on the machine's own loopback. */
  readonly namespace?: NetworkNamespace;
  /** Where the API server listens; 127.0.0.1 unless told. */
  readonly address?: string;
  /** With kube-controller-manager: namespaces are emptied, dependents collected, Deployments rolled out. */
  readonly controllers?: boolean;
  /** A file for the audit log, one JSON event a line with the request's metadata. */
  readonly auditLog?: string;
  /** More flags for kube-apiserver, `--name=value`. */
  readonly apiServerFlags?: readonly string[];
  /** Where there will be nodes: whom else the API server knows, and how it reaches kubelets. */
  readonly nodes?: NodeAccess;
}

/** What {@link ControlPlane.start} needs, with the controllers. */
const NEEDED: readonly Program[] = ['kubectl', 'kube-apiserver', 'etcd', 'kube-controller-manager'];

/** Why a control plane cannot run here; undefined when it can. */
export function controlPlaneObstacle(env: NodeJS.ProcessEnv): string | undefined {
  const missing = missingPrograms(NEEDED, env);
  return missing.length === 0 ? undefined : `not built (npm run kubernetes -- --build-only): ${missing.join(' ')}`;
}

/** One program of it, which may have several lives. */
class ControlPlaneProgram {
  readonly #begin: () => Daemon;
  daemon: Daemon;

  constructor(begin: () => Daemon) {
    this.#begin = begin;
    this.daemon = begin();
  }

  startAgain(): void {
    this.daemon = this.#begin();
  }
}

export class ControlPlane {
  readonly url: string;
  /** The certificates that clients trust, as PEM. */
  readonly ca: string;
  /** Of a user in the group system:masters. */
  readonly token: string;
  /** A file. */
  readonly adminKubeconfig: string;
  /** The file of the key that service accounts' tokens are signed with. */
  readonly signingKey: string;
  /** Everything that the API server stores; to be looked at and replaced while etcd does not run. */
  readonly etcdDirectory: string;
  /** How long the API server took until it was ready, etcd's start included. */
  readonly readyAfterMs: number;
  readonly #etcdUrl: string;
  /** In the order in which they are ended: the API server before its storage. */
  readonly #programs: readonly ControlPlaneProgram[];
  readonly #namespace: NetworkNamespace | undefined;

  private constructor(fields: {
    url: string;
    ca: string;
    token: string;
    adminKubeconfig: string;
    readyAfterMs: number;
    etcdUrl: string;
    programs: readonly ControlPlaneProgram[];
    signingKey: string;
    etcdDirectory: string;
    namespace: NetworkNamespace | undefined;
  }) {
    this.url = fields.url;
    this.ca = fields.ca;
    this.token = fields.token;
    this.adminKubeconfig = fields.adminKubeconfig;
    this.readyAfterMs = fields.readyAfterMs;
    this.#etcdUrl = fields.etcdUrl;
    this.#programs = fields.programs;
    this.signingKey = fields.signingKey;
    this.etcdDirectory = fields.etcdDirectory;
    this.#namespace = fields.namespace;
  }

  /** @throws {WaitError} when it does not become ready, with the last words of the server. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const { sandbox, env, namespace, address = '127.0.0.1', controllers = false } = options;
    const directory = sandbox.subdirectory(`control-plane${namespace === undefined ? '' : `-${namespace.name}`}`);
    const started = performance.now();
    const inside = namespace === undefined ? {} : { namespace };
    const start = (name: string, argv: readonly string[], memory: string): ControlPlaneProgram =>
      new ControlPlaneProgram(() => {
        const daemon = new Daemon({ ...inside, name, argv, directory, env: { GOMEMLIMIT: memory } });
        if (namespace === undefined && daemon.pid !== undefined) sandbox.adopt(daemon.pid);
        return daemon;
      });
    // In a namespace of its own every port is free.
    const [clientPort, peerPort, apiPort] = namespace === undefined ? await freePorts(3) : [2379, 2380, 6443];
    const etcdUrl = `http://127.0.0.1:${clientPort}`;
    const etcd = start(
      'etcd',
      [programFile('etcd', env), ...etcdFlags(directory, etcdUrl, `http://127.0.0.1:${peerPort}`)],
      MEMORY_LIMIT.etcd,
    );

    const token = randomBytes(24).toString('base64url');
    const keys = writeKeys(directory, [
      { user: 'admin', groups: ['system:masters'], token },
      ...(options.nodes?.identities ?? []),
    ]);
    const url = `https://${address}:${apiPort}`;
    const flags = apiServerFlags({
      ...{ directory, keys, etcdUrl, address, port: Number(apiPort) },
      ...{ auditLog: options.auditLog, nodes: options.nodes, more: options.apiServerFlags ?? [] },
    });
    const apiServer = start('kube-apiserver', [programFile('kube-apiserver', env), ...flags], MEMORY_LIMIT.apiserver);
    const adminKubeconfig = join(directory, 'admin.kubeconfig');
    const ready = async (): Promise<string> => {
      for (const { daemon } of [etcd, apiServer])
        if (!daemon.running) throw new WaitError(`${daemon.name} has ended: ${lastLines(await daemon.stderr())}`);
      if (!existsSync(keys.certificate)) return 'no certificate yet';
      writeFileSync(adminKubeconfig, kubeconfig({ url, ca: readFileSync(keys.certificate, 'utf8'), token }), {
        mode: 0o600,
      });
      const kubectl = [programFile('kubectl', env), '--kubeconfig', adminKubeconfig, 'get', '--raw', '/readyz'];
      const { stdout, stderr } = await tryRun(namespace?.command(kubectl) ?? kubectl);
      return stdout || stderr;
    };
    const waiting = { timeoutMs: START_TIMEOUT_MS, everyMs: 100, done: (said: string) => said === 'ok' };
    await until('the API server', ready, waiting);
    const readyAfterMs = Math.round(performance.now() - started);

    const programs = [apiServer, etcd];
    if (controllers) {
      const argv = [programFile('kube-controller-manager', env), ...controllerFlags(adminKubeconfig, keys)];
      programs.unshift(start('kube-controller-manager', argv, MEMORY_LIMIT.controllers));
    }
    const ca = readFileSync(keys.certificate, 'utf8');
    const { signingKey } = keys;
    const etcdDirectory = join(directory, 'etcd');
    return new ControlPlane({
      ...{ url, ca, token, adminKubeconfig, readyAfterMs, etcdUrl, programs, namespace, signingKey, etcdDirectory },
    });
  }

  /** Forgets the history up to now, as etcd otherwise does every five minutes: what continues an older list is then refused. */
  async compact(): Promise<void> {
    const ask = async (path: string, body: unknown): Promise<{ readonly header?: { readonly revision?: string } }> => {
      const argv = ['curl', '-sSf', '--max-time', '10', '-d', JSON.stringify(body), `${this.#etcdUrl}/v3/kv/${path}`];
      const { status, stdout, stderr } = await tryRun(this.#namespace?.command(argv) ?? argv);
      if (status !== 0) throw new Error(`etcd: ${path}: ${stderr}`);
      return JSON.parse(stdout);
    };
    const { header } = await ask('range', { key: Buffer.from('/').toString('base64') });
    await ask('compaction', { revision: header?.revision, physical: true });
  }

  /** The processes, by name, for measurements. */
  get processes(): readonly { readonly name: string; readonly pid: number | undefined }[] {
    return this.#programs.map(({ daemon: { name, pid } }) => ({ name, pid }));
  }

  /** Ends one of them without warning, as a fault does. */
  async kill(name: Program): Promise<void> {
    await this.#program(name).daemon.stop('SIGKILL');
  }

  /** Starts one that was killed, on what it has stored; when it can be asked is the caller's business to wait for. */
  startAgain(name: Program): void {
    this.#program(name).startAgain();
  }

  /**
   * A copy of all that is stored, as of this moment. etcd stands still meanwhile, some milliseconds: so the copy is what a loss of power would
   * leave, which etcd goes on from.
   */
  async backUp(directory: string): Promise<void> {
    const { daemon } = this.#program('etcd');
    daemon.signal('SIGSTOP');
    try {
      const state = async (): Promise<string> => readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
      await until('etcd to stand still', state, {
        timeoutMs: 5_000,
        everyMs: 2,
        done: (text) => /^State:\tT/m.test(text),
      });
      cpSync(this.etcdDirectory, directory, { recursive: true });
    } finally {
      daemon.signal('SIGCONT');
    }
  }

  /**
   * Puts a backup in the place of what is stored, as Kubernetes' administrators are told to: API server and controllers are ended before, and
   * started after. Nodes and what runs on them are told nothing; resourceVersions go back. Resolves when the API server answers.
   */
  async restore(directory: string): Promise<void> {
    for (const { daemon } of this.#programs) await daemon.stop('SIGKILL');
    rmSync(this.etcdDirectory, { recursive: true });
    cpSync(directory, this.etcdDirectory, { recursive: true });
    for (const name of ['etcd', 'kube-apiserver'] as const) this.startAgain(name);
    await this.#untilReady();
    // It ends where there is no API server within ten seconds.
    this.startAgain('kube-controller-manager');
  }

  #untilReady(): Promise<string> {
    const argv = ['curl', '-sSk', '--max-time', '5', `${this.url}/readyz`];
    const ready = async (): Promise<string> => (await tryRun(this.#namespace?.command(argv) ?? argv)).stdout;
    return until('the API server', ready, {
      timeoutMs: START_TIMEOUT_MS,
      everyMs: 100,
      done: (said) => said === 'ok',
    });
  }

  #program(name: Program): ControlPlaneProgram {
    const program = this.#programs.find(({ daemon }) => daemon.name === name);
    if (program === undefined) throw new Error(`${name} is not part of this control plane`);
    return program;
  }

  /** Ends it, the API server before its storage; the files go with the sandbox. */
  async stop(): Promise<void> {
    for (const { daemon } of this.#programs) {
      if (!daemon.running) continue;
      // It drains connections for up to a minute; nobody here waits for answers any more.
      const timer = setTimeout(() => daemon.signal('SIGKILL'), 3_000);
      await daemon.stop();
      clearTimeout(timer);
    }
  }
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-5).join('\n');

/** Ports of loopback that nobody listens on now. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const bound = server.address();
            if (typeof bound === 'object' && bound !== null) resolve(bound.port);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
