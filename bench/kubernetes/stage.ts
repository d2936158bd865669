/** Everything that a measurement runs: the API server, a controller, a speaker per node, and the routers of each, all processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../../deploy/image/base-image.ts';
import { kubeconfigAccess } from '../../src/kube/kubeconfig.ts';
import { RestClient } from '../../src/kube/rest.ts';
import { systemClock } from '../../src/time/clock.ts';
import { receiverCommand } from '../daemons.ts';
import { COMPILED, JsonChild, type SessionFigures } from '../process.ts';
import { NODES, PEERS, routerAddress } from './objects.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** What the image has: `npm run build`. */
const METALLB = join(ROOT, 'dist/metallb.js');
const PROBE = join(import.meta.dirname, 'loop-probe.mjs');
const PORT = 20_000 + (process.pid % 20_000);
const PATIENCE_MS = 120_000;

/** What the event loop of a daemon was held up by. */
export interface LoopFigures {
  /** The longest first. */
  readonly byTime: readonly LoopGap[];
  /** Those in which the thread computed longest. */
  readonly byCpu: readonly LoopGap[];
  readonly gcMs: number;
}

interface LoopGap {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Requests of one kind at the server. */
export interface RequestFigures {
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
  readonly userAgent: string;
  readonly code: number;
  readonly count: number;
  readonly changed: number;
}

/** A controller or a speaker. */
export class DaemonUnderTest {
  readonly #child: ChildProcess;
  readonly #probe: string;
  readonly log: string;

  constructor(folder: string, name: string, args: readonly string[]) {
    this.#probe = join(folder, `${name}.loop`);
    this.log = join(folder, `${name}.log`);
    const out = openSync(this.log, 'w');
    this.#child = spawn(process.execPath, [...NODE_FLAGS, '--import', PROBE, METALLB, ...args], {
      stdio: ['ignore', out, out],
      env: { ...process.env, ...NODE_ENVIRONMENT, NODE_COMPILE_CACHE: COMPILED, LOOP_PROBE: this.#probe },
    });
    closeSync(out);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * On a processor, all threads together, as the scheduler counts it: to the nanosecond. The times of /proc/PID/stat are sampled a hundred times a
   * second, which counts too much or too little of work that comes a hundred times a second.
   */
  get cpuSeconds(): number {
    const tasks = `/proc/${this.pid}/task`;
    const nanoseconds = readdirSync(tasks).map((task) => {
      const [running] = readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ');
      return Number(running);
    });
    return nanoseconds.reduce((a, b) => a + b, 0) / 1e9;
  }

  /** VmRSS or VmHWM. */
  megabytes(field: 'VmRSS' | 'VmHWM'): number {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(match?.[1] ?? Number.NaN) / 1024;
  }

  /** Since it began, or was asked last. */
  async loop(): Promise<LoopFigures> {
    rmSync(this.#probe, { force: true });
    this.#child.kill('SIGUSR2');
    for (let waited = 0; waited < 5_000; waited += 20) {
      await sleep(20);
      try {
        return JSON.parse(readFileSync(this.#probe, 'utf8')) as LoopFigures;
      } catch {
        // It is not written yet.
      }
    }
    throw new Error('no figures of the event loop');
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((done) => this.#child.once('exit', done));
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(late);
  }
}

export class Stage implements AsyncDisposable {
  readonly api: RestClient;
  readonly controller: DaemonUnderTest;
  readonly speakers: DaemonUnderTest[] = [];
  readonly #server: JsonChild;
  readonly #receiver: JsonChild;
  readonly #folder: string;
  readonly kubeconfig: string;

  private constructor(folder: string, kubeconfig: string, server: JsonChild, receiver: JsonChild, api: RestClient) {
    this.#folder = folder;
    this.kubeconfig = kubeconfig;
    this.#server = server;
    this.#receiver = receiver;
    this.api = api;
    this.controller = new DaemonUnderTest(folder, 'controller', [
      'controller',
      ...['--kubeconfig', kubeconfig, '--health-probe-port', '0', '--metrics-port', '0', '--port', '0'],
    ]);
  }

  /**
   * The controller runs from the beginning.
   *
   * @param seeds - Services that are there before anybody starts. @param nodes - how many have a speaker.
   * @param speakers - `later`: {@link startSpeaker} starts them.
   */
  static async create(
    seeds: number,
    nodes: number = NODES.length,
    speakers: 'started' | 'later' = 'started',
  ): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'metallb-bench-'));
    const kubeconfig = join(folder, 'kubeconfig');
    const server = new JsonChild('API server', [
      process.execPath,
      join(import.meta.dirname, 'server-main.ts'),
      JSON.stringify({ kubeconfig }),
    ]);
    await server.event('listening', 20_000);
    if (seeds > 0) await server.ask(`seed ${seeds}`, 'seeded', PATIENCE_MS);
    const addresses = NODES.slice(0, nodes).flatMap((_, node) => routersOf(node));
    const receiver = new JsonChild('receiver', receiverCommand(addresses, 0, { port: PORT }));
    await receiver.event('listening', 10_000);
    const access = kubeconfigAccess(kubeconfig);
    if (!access.ok) throw new Error(access.error);
    const api = await RestClient.create({ access: access.value, clock: systemClock, userAgent: 'bench' });
    const stage = new Stage(folder, kubeconfig, server, receiver, api);
    if (speakers === 'started') for (let node = 0; node < nodes; node++) stage.startSpeaker(node);
    return stage;
  }

  /** A speaker with its own stand-ins for the routers: each session ends at an address of its own. */
  startSpeaker(node: number): DaemonUnderTest {
    const name = NODES[node] ?? '';
    const map = join(this.#folder, `${name}.map`);
    const peers = Object.fromEntries(
      routersOf(node).map((address, i) => [`${routerAddress(i)}:179`, `${address}:${PORT}`]),
    );
    writeFileSync(map, JSON.stringify({ peers, nodes: { [name]: `127.98.${node}.1` } }));
    const speaker = new DaemonUnderTest(this.#folder, name, [
      'speaker',
      ...['--kubeconfig', this.kubeconfig, '--node-name', name, '--transport-map', map, '--bgp-listen-port', '0'],
      ...['--health-probe-port', '0', '--metrics-port', '0', '--port', '0'],
    ]);
    this.speakers[node] = speaker;
    return speaker;
  }

  async sessions(): Promise<readonly SessionFigures[]> {
    return (await this.#receiver.ask('report', 'report')).sessions ?? [];
  }

  /** Waits until each router of each speaker holds so many prefixes; the number is performance.now() of when it was seen. */
  async everywhere(prefixes: number, timeoutMs = PATIENCE_MS): Promise<number> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const sessions = await this.sessions();
      if (sessions.every(({ announced, withdrawn }) => announced - withdrawn === prefixes)) return performance.now();
      if (performance.now() > deadline)
        throw new Error(
          `not ${prefixes} prefixes everywhere: ${sessions.map(({ announced, withdrawn }) => announced - withdrawn)}`,
        );
      await sleep(10);
    }
  }

  async resetRequests(): Promise<void> {
    await this.#server.ask('reset', 'reset');
  }

  async requests(): Promise<readonly RequestFigures[]> {
    const answer = (await this.#server.ask('stats', 'stats')) as unknown as { readonly requests: RequestFigures[] };
    return answer.requests;
  }

  /** Waits until the product has written so often to Services. */
  async serviceWrites(count: number, timeoutMs = PATIENCE_MS): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (let seen = -1; seen < count; await sleep(100)) {
      if (performance.now() > deadline) throw new Error(`${seen} writes to Services, not ${count}`);
      const writes = (await this.requests()).filter((request) => isWrite(request) && request.resource === 'services');
      seen = writes.reduce((total, request) => total + request.count, 0);
    }
  }

  /** Server-side time of a process is not counted: this is the API server's process, to wait until it is quiet. */
  async quiet(ms = 1_500): Promise<void> {
    let before = '';
    for (let calm = 0; calm < ms; calm += 250) {
      await sleep(250);
      const writes = JSON.stringify((await this.requests()).filter(isWrite));
      if (writes !== before) calm = 0;
      before = writes;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.controller, ...this.speakers].map((daemon) => daemon.end()));
    this.api.close();
    await this.#server.close();
    await this.#receiver.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const routersOf = (node: number): readonly string[] =>
  Array.from({ length: PEERS }, (_, peer) => `127.98.${node}.${101 + peer}`);

/** A write of the product, to whatever but its lease. */
export const isWrite = ({ verb, resource, userAgent }: RequestFigures): boolean =>
  !['get', 'list', 'watch'].includes(verb) && resource !== 'leases' && userAgent !== 'bench';
