/** The demo's processes: routers, controllers and speakers as children that are watched, awaited and never left behind. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FromRouter, NeighborState, RouteEvent, RouterConfig, ToRouter } from './router-protocol.ts';
import type { TableEntry } from './router-table.ts';

const ROUTER = fileURLToPath(new URL('./router-main.ts', import.meta.url));
const WARDEN = fileURLToPath(new URL('./warden-main.ts', import.meta.url));
const METALLB = fileURLToPath(new URL('../../bin/metallb.js', import.meta.url));

/** In a process group of its own: Ctrl-C goes to the demo alone, which ends them in its order. */
const OWN_GROUP = { detached: true } as const;

/** What the demo tells its warden. */
export type ToWarden =
  | { readonly type: 'started'; readonly pid: number }
  | { readonly type: 'ended'; readonly pid: number }
  /** To be removed. */
  | { readonly type: 'folder'; readonly path: string };

const children = new Set<ChildProcess>();
let warden: ChildProcess | undefined;

/** Starts the process that ends the others, should this one be killed. @param folder - the demo's own, which is removed then. */
export function startWarden(folder: string): void {
  warden = fork(WARDEN, { ...OWN_GROUP, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  warden.on('error', () => {
    // It is for an emergency: the demo does without.
  });
  warden.send({ type: 'folder', path: folder } satisfies ToWarden);
}

function adopt(child: ChildProcess): ChildProcess {
  children.add(child);
  const tell = (type: 'started' | 'ended'): void => {
    if (child.pid !== undefined && warden?.connected) warden.send({ type, pid: child.pid } satisfies ToWarden);
  };
  tell('started');
  child.once('exit', () => {
    children.delete(child);
    tell('ended');
  });
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
    const child = adopt(fork(ROUTER, { ...OWN_GROUP, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
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

/** One line of a process's log. */
export interface LogLine {
  readonly event?: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A `metallb` process, as a user would start it. */
export class MetallbProcess {
  readonly #child: ChildProcess;
  #onState: ((line: LogLine) => void) | null = null;

  /**
   * @param onText - is told each line of its output.
   * @param onEnd - is told its exit status, as shells count it.
   */
  constructor(args: readonly string[], onText: (text: string) => void, onEnd: (exitCode: number) => void) {
    const child = adopt(
      spawn(process.execPath, [METALLB, ...args], { ...OWN_GROUP, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    this.#child = child;
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on('line', (text) => {
        // The answer to a question of the demo's own is for nobody else: it would fill the log that users read.
        const line = parsed(text);
        if (line?.event === 'state' && this.#onState !== null) this.#onState(line);
        else onText(text);
      });
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on('line', (text) => {
        // A process of ours that has something to say there has failed: whoever looks at the demo wants to know.
        process.stderr.write(`${args[0]}: ${text}\n`);
        onText(text);
      });
    // Not its exit: what it said last is read before this.
    child.once('close', (code, signal) => onEnd(code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0)));
  }

  /** Asks for the state (SIGUSR1) and waits for the answer. */
  state(): Promise<LogLine> {
    return new Promise((resolve) => {
      this.#onState = (line) => {
        this.#onState = null;
        resolve(line);
      };
      this.#child.kill('SIGUSR1');
    });
  }

  end(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

function parsed(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
