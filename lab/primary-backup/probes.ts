/** The probes from the client, sent and answered by programs in the lab's namespaces, as they come. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../daemon.ts';
import { SERVICE_ADDRESS } from '../guide.ts';
import type { NetworkNamespace } from '../netns.ts';
import { until } from '../run.ts';
import type { Sandbox } from '../sandbox.ts';
import { isThrough, type Passage, type Probe, passageOf } from './passage.ts';

/** The port that the client asks, and those that the routers make of it: the router is told by the answer's port. */
export const PROBE_PORT = 7_000;
export const ROUTER_PORTS: Readonly<Record<string, number>> = { 'router-primary': 7_001, 'router-backup': 7_002 };

const FLOWS = 16;
const FLOW_INTERVAL_MS = 20;
export const PROBES_PER_SECOND = (FLOWS * 1_000) / FLOW_INTERVAL_MS;

/** An answer that has not come after this time does not come. */
const ANSWER_MS = 250;

export class Probes {
  readonly #client: Daemon;
  readonly #probes = new Map<number, Probe>();
  #read = 0;
  #rest = '';

  constructor(sandbox: Sandbox, client: NetworkNamespace) {
    const program = join(import.meta.dirname, 'probe-client.ts');
    this.#client = new Daemon({
      namespace: client,
      name: 'client',
      directory: sandbox.subdirectory('probes'),
      argv: [process.execPath, program, SERVICE_ADDRESS, `${PROBE_PORT}`, `${FLOWS}`, `${FLOW_INTERVAL_MS}`],
    });
  }

  /** What became of the probes that were sent in a span; waits until their answers are surely there. */
  async passage(fromMs: number, toMs: number): Promise<Passage> {
    await until('probes of that time', async () => Date.now(), {
      timeoutMs: 600_000,
      done: (now) => now >= toMs + ANSWER_MS,
    });
    return passageOf(this.#update(), fromMs, toMs);
  }

  /**
   * Waits until every probe of a while was answered, and went through this router.
   *
   * @returns the end of that while.
   */
  async untilThrough(router: string, options: { readonly forMs: number; readonly timeoutMs: number }): Promise<number> {
    const { forMs, timeoutMs } = options;
    const start = Date.now();
    let toMs = start;
    await until(
      `all probes through ${router}`,
      async () => {
        toMs = Date.now() - ANSWER_MS;
        const recent = passageOf(this.#update(), toMs - forMs, toMs);
        return { ...recent, settled: isThrough([...this.#probes.values()], router, toMs - forMs, toMs) };
      },
      { timeoutMs, done: ({ settled }) => settled && toMs - forMs >= start },
    );
    return toMs;
  }

  stop(): Promise<unknown> {
    return this.#client.stop();
  }

  #update(): readonly Probe[] {
    const text = this.#rest + this.#more();
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
    return [...this.#probes.values()];
  }

  #more(): string {
    const file = openSync(this.#client.stdoutFile, 'r');
    try {
      const buffer = Buffer.alloc(fstatSync(file).size - this.#read);
      const length = readSync(file, buffer, 0, buffer.length, this.#read);
      this.#read += length;
      return buffer.toString('utf8', 0, length);
    } finally {
      closeSync(file);
    }
  }

  #take(line: string): void {
    const [what, number = '', a = '', b = ''] = line.split(' ');
    if (what === 'sent') {
      const sentMs = Number(line.split(' ').at(-1));
      this.#probes.set(Number(number), { number: Number(number), flow: Number(a), sentMs, answer: null });
      return;
    }
    const probe = this.#probes.get(Number(number));
    const router = Object.entries(ROUTER_PORTS).find(([, port]) => port === Number(a))?.[0];
    if (probe !== undefined) probe.answer = { router: router ?? `port ${a}`, node: b };
  }
}
