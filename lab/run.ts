/** Runs commands to their end, and waits for what they bring about. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a command left behind. */
export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After this the command is killed; 30 s unless told. */
  readonly timeoutMs?: number;
}

/** A command that did not succeed, with what it said. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code = 'COMMAND_FAILED';
  readonly finished: Finished | undefined;

  constructor(argv: readonly string[], finished: Finished | undefined, cause?: unknown) {
    const said = finished === undefined ? String(cause) : (finished.stderr || finished.stdout).trim();
    super(`${argv.join(' ')}: ${finished === undefined ? '' : `status ${finished.status}: `}${said}`, { cause });
    this.finished = finished;
  }
}

/**
 * Runs a command and returns what it left, whatever its status.
 *
 * @throws {CommandError} when it cannot be started at all.
 */
export function tryRun(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [file, ...args] = argv;
  if (file === undefined) return Promise.reject(new CommandError(argv, undefined, 'no command'));
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs ?? 30_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (cause) => reject(new CommandError(argv, undefined, cause)));
    child.on('close', (status, signal) =>
      resolve({ status: status ?? 128, stdout, stderr: signal === null ? stderr : `${stderr}ended by ${signal}` }),
    );
    // A command that ends without reading its input is judged by its status, not by the broken pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Runs a command and returns its standard output.
 *
 * @throws {CommandError} when its status is not 0.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const finished = await tryRun(argv, options);
  if (finished.status !== 0) throw new CommandError(argv, finished);
  return finished.stdout;
}

/** Something that was waited for in vain; the message says what was last seen. */
export class WaitError extends Error {
  override readonly name = 'WaitError';
  readonly code = 'WAIT_TIMEOUT';
}

export interface WaitOptions<T> {
  readonly timeoutMs: number;
  readonly everyMs?: number;
  readonly done: (value: T) => boolean;
}

/**
 * Probes until the value is as wanted, and returns it. A probe that throws counts as not yet.
 *
 * @throws {WaitError} with the last value, or the last error, when time is up.
 */
export async function until<T>(what: string, probe: () => Promise<T>, options: WaitOptions<T>): Promise<T> {
  const { timeoutMs, everyMs = 50, done } = options;
  const end = performance.now() + timeoutMs;
  for (;;) {
    let seen: string;
    try {
      const value = await probe();
      if (done(value)) return value;
      seen = typeof value === 'string' ? value : JSON.stringify(value);
    } catch (error) {
      seen = String(error);
    }
    if (performance.now() >= end) throw new WaitError(`${what}: not within ${timeoutMs} ms; last seen: ${seen}`);
    await sleep(everyMs);
  }
}
