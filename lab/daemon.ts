/** A long-running program, inside a namespace or beside the lab, with its output in files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkNamespace } from './netns.ts';

export interface DaemonOptions {
  /** Left out: the namespace of the lab itself; then the sandbox must be told of it ({@link Sandbox.adopt}). */
  readonly namespace?: NetworkNamespace;
  /** Names its output files: `NAME.stdout`, `NAME.stderr`. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class Daemon {
  readonly name: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  readonly exited: Promise<number | NodeJS.Signals>;
  #running = true;
  readonly #child: ChildProcess;

  /** Starts it; what it needs before it can be asked something is the caller's business to wait for. */
  constructor({ namespace, name, argv, directory, env }: DaemonOptions) {
    this.name = name;
    this.stdoutFile = join(directory, `${name}.stdout`);
    this.stderrFile = join(directory, `${name}.stderr`);
    const [file = '', ...args] = namespace?.command(argv) ?? argv;
    const out = openSync(this.stdoutFile, 'a');
    const err = openSync(this.stderrFile, 'a');
    try {
      // A session of its own: Ctrl-C in the terminal ends the lab, which then ends this in its own order.
      this.#child = spawn(file, args, {
        cwd: directory,
        stdio: ['ignore', out, err],
        detached: true,
        env: { ...process.env, ...env },
      });
    } finally {
      closeSync(out);
      closeSync(err);
    }
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (status, signal) => {
        this.#running = false;
        resolve(signal ?? status ?? 0);
      });
    });
    this.exited.catch(() => {});
    this.#child.unref();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#running;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.#child.ref();
    this.signal(signal);
    return await this.exited;
  }

  stdout(): Promise<string> {
    return readFile(this.stdoutFile, 'utf8');
  }

  stderr(): Promise<string> {
    return readFile(this.stderrFile, 'utf8');
  }
}
