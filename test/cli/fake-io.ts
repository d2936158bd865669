/** A command line run in this process: what it writes, and how it ends. */
import { PassThrough, Readable } from 'node:stream';
import type { ExitStatus, Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';

export interface Outcome {
  readonly status: ExitStatus;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly stdin?: string;
  readonly env?: Io['env'];
  /** Whether standard output is a terminal. */
  readonly terminal?: boolean;
}

/** Runs `metallb` with these arguments. */
export async function metallb(args: readonly string[], given: Given = {}): Promise<Outcome> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const status = await run(args, {
    stdout: Object.assign(stdout, { isTTY: given.terminal ?? false }),
    stderr,
    stdin: Readable.from(given.stdin === undefined ? [] : [Buffer.from(given.stdin)]),
    env: given.env ?? {},
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

/** A stream that is full after every write, and takes more a moment later. */
class Collector extends PassThrough {
  readonly #chunks: Buffer[] = [];

  constructor() {
    super({ highWaterMark: 1 });
    this.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
