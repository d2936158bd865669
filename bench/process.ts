/** A child process that prints events as JSON lines and takes commands as lines: receiver and speaker of the benchmarks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** As the launcher keeps it (`bin/metallb.js`): types are stripped once, and the stripper is not in a speaker's memory. */
export const COMPILED = resolve(import.meta.dirname, '../node_modules/.cache/metallb');

/** Of the events of `receiver.mjs`, `speaker.ts` and `bfd-end.ts` what is looked at; which fields there are says `type`. */
export interface ChildEvent {
  readonly type: string;
  readonly at?: number;
  readonly ms?: number;
  readonly sessions?: readonly SessionFigures[];
  readonly session?: number;
  readonly updates?: number;
  readonly announced?: number;
  readonly handedOver?: number;
  readonly residentMegabytes?: number;
  readonly pending?: readonly number[];
  readonly microseconds?: number;
  readonly policy?: string;
  readonly up?: number;
  readonly downs?: number;
  readonly packets?: number;
  readonly worstLatenessMs?: number;
}

/** What the receiver says of one session. */
export interface SessionFigures {
  readonly session: number;
  readonly open: boolean;
  readonly ms: number | null;
  readonly updates: number;
  readonly octets: number;
  readonly distinct: number;
  readonly announced: number;
  readonly withdrawn: number;
  readonly keepalives: number;
  readonly longestGapMs: number;
}

export class JsonChild implements AsyncDisposable {
  readonly events: ChildEvent[] = [];
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<void>;
  #running = true;
  #stderr = '';
  readonly #watchers = new Set<() => void>();

  constructor(name: string, argv: readonly string[]) {
    this.#name = name;
    const [file = '', ...args] = argv;
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#stderr += error.message;
        this.#running = false;
        resolve();
      });
      child.once('exit', () => {
        this.#running = false;
        resolve();
        this.#wake();
      });
    });
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line) as ChildEvent);
      this.#wake();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  send(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** The next event of this type that has not been asked for yet, waited for. */
  async event(
    type: string,
    timeoutMs: number,
    matches: (event: ChildEvent) => boolean = () => true,
  ): Promise<ChildEvent> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const at = this.events.findIndex((event) => event.type === type && matches(event));
      if (at >= 0) return this.events.splice(at, 1)[0] as ChildEvent;
      const left = deadline - performance.now();
      if (!this.#running) throw new Error(`${this.#name} has ended: ${this.#stderr.trim()}`);
      if (left <= 0) throw new Error(`${this.#name}: no ${type} within ${timeoutMs / 1000} s ${this.#stderr.trim()}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await Promise.race([promise, sleep(Math.min(left, 1_000))]);
      this.#watchers.delete(resolve);
    }
  }

  /** Drops events that nobody has asked for. */
  forget(type: string): void {
    for (let i = this.events.length - 1; i >= 0; i--) if (this.events[i]?.type === type) this.events.splice(i, 1);
  }

  /** Sends a command and waits for the event that answers it. */
  async ask(line: string, type: string, timeoutMs = 30_000): Promise<ChildEvent> {
    this.send(line);
    return await this.event(type, timeoutMs);
  }

  /** Its standard input ends, and with it the process; if not, it is killed. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    await Promise.race([this.#exited, sleep(3_000)]);
    if (this.#running) this.#child.kill('SIGKILL');
    await this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
