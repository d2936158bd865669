/** One run of a container: from its first process's start to its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerLog } from './container-log.ts';

export interface Ending {
  /** 128+n for signal n, as everywhere in Kubernetes. */
  readonly exitCode: number;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** How often the first process is looked for; it is there a few milliseconds after its parent. */
const LOOK_EVERY_MS = 3;
const LOOK_MS = 10_000;

export class ContainerProcess {
  readonly startedAt: Date;
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #pid: Promise<number | undefined>;
  #running = true;

  /** @param argv - of `beginCommand`. */
  constructor(argv: readonly string[], log: ContainerLog, wallClock: () => Date) {
    const [file = '', ...args] = argv;
    this.startedAt = wallClock();
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true });
    const [, out, starter, err] = this.#child.stdio;
    out?.on('data', (bytes: Buffer) => log.write('stdout', bytes));
    err?.on('data', (bytes: Buffer) => log.write('stderr', bytes));
    let starterSaid = '';
    starter?.on('data', (bytes: Buffer) => {
      starterSaid += bytes;
    });
    this.ended = new Promise((resolve) => {
      const end = (exitCode: number): void => {
        this.#running = false;
        log.close();
        resolve({ exitCode, startedAt: this.startedAt, finishedAt: wallClock() });
      };
      this.#child.once('error', () => end(128));
      // Not `exit`: what it has written is still to be read then.
      this.#child.once('close', (status, signal) =>
        end(signal === null ? ownStatus(status ?? 128, starterSaid) : 128 + constants.signals[signal]),
      );
    });
    this.#pid = this.#findPid();
  }

  get running(): boolean {
    return this.#running;
  }

  /** Of its first process, as the machine counts; undefined where it has ended before it was seen. */
  get pid(): Promise<number | undefined> {
    return this.#pid;
  }

  /** Process 1 of the container takes only signals that it has asked for, and SIGKILL. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const pid = await this.#pid;
    if (pid === undefined || !this.#running) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It ended between the look and the signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** The one child of `unshare`, which becomes the container's program. */
  async #findPid(): Promise<number | undefined> {
    const { pid } = this.#child;
    if (pid === undefined) return undefined;
    for (let waited = 0; waited < LOOK_MS && this.#running; waited += LOOK_EVERY_MS) {
      try {
        const first = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0];
        if (first) return Number(first);
      } catch {
        return undefined;
      }
      await sleep(LOOK_EVERY_MS);
    }
    return undefined;
  }
}

/**
 * `unshare` ends as its child did. Of a child that was killed by SIGKILL it cannot take over the signal, complains of that (util-linux 2.38), and ends
 * with status 1.
 */
const ownStatus = (status: number, starterSaid: string): number =>
  status === 1 && starterSaid.includes('sigprocmask unblock failed') ? 128 + constants.signals.SIGKILL : status;
