/** The demo's processes: routers and speakers as children that are watched, awaited and never left behind. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FromRouter, NeighborState, RouteEvent, RouterConfig, ToRouter } from './router-protocol.ts';
import type { TableEntry } from './router-table.ts';

const ROUTER = fileURLToPath(new URL('./router-main.ts', import.meta.url));
const METALLB = fileURLToPath(new URL('../../bin/metallb.js', import.meta.url));

const children = new Set<ChildProcess>();

function adopt(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Ends whatever still runs; resolves when it has ended. */
export async function endChildren(): Promise<void> {
  await Promise.all(
    [...children].map((child) => {
      child.kill('SIGKILL');
      return new Promise((resolve) => child.once('exit', resolve));
    }),
  );
}

/** One router process, and what it last said. */
export class RouterProcess {
  readonly config: RouterConfig;
  table: readonly TableEntry[] = [];
  neighbors: readonly NeighborState[] = [];
  /** Every change of a route since the start, with the time at which the demo heard of it. */
  readonly events: (RouteEvent & { readonly at: number })[] = [];

  private constructor(config: RouterConfig) {
    this.config = config;
  }

  /** Starts the process; resolves when it listens. */
  static async start(config: RouterConfig, onChange: () => void): Promise<RouterProcess> {
    const router = new RouterProcess(config);
    const child = adopt(fork(ROUTER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`router ${config.name} ended with status ${code}`)));
      child.on('message', (message: FromRouter) => {
        if (message.type === 'listening') resolve();
        else if (message.type === 'failed')
          reject(new Error(`router ${config.name} cannot listen: ${message.message}`));
        else {
          router.table = message.table;
          router.neighbors = message.neighbors;
          const at = performance.now();
          for (const event of message.events) router.events.push({ ...event, at });
          onChange();
        }
      });
      child.send({ type: 'start', config } satisfies ToRouter);
    });
    return router;
  }
}

/** One line of a speaker's log. */
export interface LogLine {
  readonly event?: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** One speaker process: `metallb speaker`, as a user would start it. */
export class SpeakerProcess {
  readonly node: string;
  readonly log: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #onLine: (line: LogLine) => void;

  constructor(node: string, args: readonly string[], onLine: (line: LogLine) => void) {
    this.node = node;
    this.#onLine = onLine;
    const command = [METALLB, 'speaker', '--node', node, ...args];
    this.#child = adopt(spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] }));
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as LogLine;
        this.log.push(line);
        this.#onLine(line);
      });
  }

  /** Asks for the state (SIGUSR1) and waits for the answer. */
  state(): Promise<LogLine> {
    const before = this.#onLine;
    const answer = new Promise<LogLine>((resolve) => {
      this.#onLine = (line) => {
        if (line.event === 'state') resolve(line);
        before(line);
      };
    });
    this.#child.kill('SIGUSR1');
    return answer.finally(() => {
      this.#onLine = before;
    });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }
}
