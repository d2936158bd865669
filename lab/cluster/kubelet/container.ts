/**
 * A container over all of its runs: started, watched by probes, started again when it ends, stopped with grace.
 *
 *   waiting → running → terminated → (back-off) → running …
 *
 * Whoever owns it is told of every change and reads {@link Container.status}.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../../src/error-message.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { pause } from '../../../src/time/pause.ts';
import { ContainerError } from './container-error.ts';
import { ContainerLog } from './container-log.ts';
import { ContainerProcess, type Ending } from './container-process.ts';
import { beginCommand, type ContainerPlan, joinCommand, startScript } from './container-start.ts';
import { performHandler } from './handler.ts';
import type { ContainerSpec, Probe } from './pod.ts';
import { ProbeLoop } from './probe-loop.ts';
import { RestartBackoff, type RestartPolicy } from './restart-backoff.ts';

export type ContainerState =
  | { readonly type: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly type: 'running'; readonly startedAt: Date }
  | ({ readonly type: 'terminated' } & Ending);

export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  readonly last: ContainerState | undefined;
  readonly restartCount: number;
  /** Passed its startup probe, or has none. */
  readonly started: boolean;
  readonly ready: boolean;
}

export interface ContainerOptions {
  readonly spec: ContainerSpec;
  /** Of the machine, for its scripts and logs. */
  readonly directory: string;
  readonly networkNamespace: string;
  /** What probes and hooks dial where they name no host. */
  readonly address: string;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly backoff: RestartPolicy;
  /** Between SIGTERM and SIGKILL where a probe has given it up. */
  readonly graceMs: number;
  /** Made anew for each run: Secrets may have changed. */
  readonly plan: () => Promise<ContainerPlan>;
  readonly wallClock: () => Date;
  readonly onChange: () => void;
  readonly onEvent: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
}

/** How long until something that could not be made is tried again. */
const RETRY_MS = 2_000;

export class Container {
  readonly name: string;
  readonly #options: ContainerOptions;
  readonly #backoff: RestartBackoff;
  readonly #stop = new AbortController();
  #state: ContainerState = { type: 'waiting', reason: 'ContainerCreating' };
  #last: ContainerState | undefined;
  #runs = 0;
  #started = false;
  #ready = false;
  #process: ContainerProcess | undefined;
  #plan: ContainerPlan | undefined;

  constructor(options: ContainerOptions) {
    this.name = options.spec.name;
    this.#options = options;
    this.#backoff = new RestartBackoff(options.backoff);
    mkdirSync(options.directory, { recursive: true });
  }

  get status(): ContainerStatus {
    const { name, image } = this.#options.spec;
    return {
      name,
      image,
      state: this.#state,
      last: this.#last,
      restartCount: Math.max(0, this.#runs - 1),
      started: this.#started,
      ready: this.#ready,
    };
  }

  /** The file of the run that is under way, or of the one before. */
  logFile(previous = false): string {
    return join(this.#options.directory, `${Math.max(0, this.#runs - (previous ? 2 : 1))}.log`);
  }

  get running(): boolean {
    return this.#process?.running === true;
  }

  /** Runs it as often as the Pod's restart policy says; resolves when it will not run again. */
  async run(): Promise<void> {
    const { restartPolicy, onEvent } = this.#options;
    while (!this.#stop.signal.aborted) {
      const process = await this.#begin();
      if (process === undefined) continue;
      const probes = new AbortController();
      const probing = this.#probe(process, probes.signal);
      const ending = await process.ended;
      probes.abort();
      await probing;
      this.#started = false;
      this.#ready = false;
      this.#change({ type: 'terminated', ...ending });
      if (this.#stop.signal.aborted || restartPolicy === 'Never') return;
      if (restartPolicy === 'OnFailure' && ending.exitCode === 0) return;
      const waitMs = this.#backoff.after(ending.finishedAt.getTime() - ending.startedAt.getTime());
      if (waitMs === 0) continue;
      const message = `back-off ${Math.round(waitMs / 1_000)}s restarting failed container=${this.name}`;
      onEvent('Warning', 'BackOff', `Back-off restarting failed container ${this.name}`);
      this.#last = this.#state;
      this.#change({ type: 'waiting', reason: 'CrashLoopBackOff', message });
      await pause(systemClock, waitMs, this.#stop.signal);
    }
  }

  /** SIGTERM, after the hook that comes before it; SIGKILL when the grace is over. Resolves when nothing of it runs. */
  async stop(graceMs: number): Promise<void> {
    this.#stop.abort();
    const process = this.#process;
    if (process === undefined || !process.running) return;
    const kill = setTimeout(() => void process.signal('SIGKILL'), graceMs);
    this.#options.onEvent('Normal', 'Killing', `Stopping container ${this.name}`);
    const { preStop } = this.#options.spec.lifecycle ?? {};
    if (preStop !== undefined) await this.#preStop(preStop, process);
    await process.signal('SIGTERM');
    await process.ended;
    clearTimeout(kill);
  }

  /** The command line that runs a program in it; undefined where it does not run. */
  async command(argv: readonly string[]): Promise<readonly string[] | undefined> {
    const pid = await this.#process?.pid;
    if (pid === undefined || !this.running || this.#plan === undefined) return undefined;
    return joinCommand(this.#plan, pid, argv);
  }

  /** Undefined where it could not be begun; then it has been waited already. */
  async #begin(): Promise<ContainerProcess | undefined> {
    const { directory, networkNamespace, wallClock, onEvent } = this.#options;
    try {
      const plan = await this.#options.plan();
      if (this.#stop.signal.aborted) return undefined;
      const script = join(directory, 'start.sh');
      // The environment may hold a Secret's value.
      writeFileSync(script, startScript(plan), { mode: 0o600 });
      mkdirSync(plan.directory, { recursive: true });
      const log = new ContainerLog(join(directory, `${this.#runs}.log`), wallClock);
      rmSync(join(directory, `${this.#runs - 2}.log`), { force: true });
      this.#process = new ContainerProcess(
        beginCommand(networkNamespace, script, plan.hostname !== undefined),
        log,
        wallClock,
      );
      this.#plan = plan;
    } catch (error) {
      const reason = error instanceof ContainerError ? error.reason : 'CreateContainerError';
      onEvent('Warning', 'Failed', `Error: ${errorMessage(error)}`);
      this.#change({ type: 'waiting', reason, message: errorMessage(error) });
      await pause(systemClock, RETRY_MS, this.#stop.signal);
      return undefined;
    }
    this.#runs += 1;
    if (this.#state.type === 'terminated') this.#last = this.#state;
    this.#started = this.#options.spec.startupProbe === undefined;
    this.#ready = this.#started && this.#options.spec.readinessProbe === undefined;
    onEvent('Normal', 'Started', `Started container ${this.name}`);
    this.#change({ type: 'running', startedAt: this.#process.startedAt });
    return this.#process;
  }

  /** The startup probe first; the other two once it has succeeded. Resolves when the probes have ended. */
  async #probe(process: ContainerProcess, signal: AbortSignal): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = this.#options.spec;
    if (startupProbe !== undefined) {
      const passed = await new Promise<boolean>((resolve) => {
        signal.addEventListener('abort', () => resolve(false), { once: true });
        void this.#loop(startupProbe, 'Startup', signal, (verdict) => resolve(verdict));
      });
      if (signal.aborted) return;
      if (!passed) return this.#killUnhealthy(process, 'startup');
      this.#started = true;
      this.#ready = readinessProbe === undefined;
      this.#options.onChange();
    }
    const loops: Promise<void>[] = [];
    if (readinessProbe !== undefined)
      loops.push(
        this.#loop(readinessProbe, 'Readiness', signal, (verdict) => {
          if (this.#ready === verdict) return;
          this.#ready = verdict;
          this.#options.onChange();
        }),
      );
    if (livenessProbe !== undefined)
      loops.push(
        this.#loop(livenessProbe, 'Liveness', signal, (verdict) => {
          if (!verdict) void this.#killUnhealthy(process, 'liveness');
        }),
      );
    await Promise.all(loops);
  }

  #loop(probe: Probe, name: string, signal: AbortSignal, onVerdict: (verdict: boolean) => void): Promise<void> {
    const perform = (abort: AbortSignal) => performHandler(probe, this.#handlerContext(), abort);
    const onFailure = (message: string) =>
      this.#options.onEvent('Warning', 'Unhealthy', `${name} probe failed: ${message}`);
    return new ProbeLoop({ probe, perform, onVerdict, onFailure }).run(signal);
  }

  async #killUnhealthy(process: ContainerProcess, probe: string): Promise<void> {
    const message = `Container ${this.name} failed ${probe} probe, will be restarted`;
    this.#options.onEvent('Normal', 'Killing', message);
    const kill = setTimeout(() => void process.signal('SIGKILL'), this.#options.graceMs);
    await process.signal('SIGTERM');
    void process.ended.then(() => clearTimeout(kill));
  }

  async #preStop(
    preStop: NonNullable<NonNullable<ContainerSpec['lifecycle']>['preStop']>,
    process: ContainerProcess,
  ): Promise<void> {
    const over = new AbortController();
    void process.ended.then(() => over.abort());
    try {
      await performHandler(preStop, this.#handlerContext(), over.signal);
    } catch (error) {
      this.#options.onEvent('Warning', 'FailedPreStopHook', `PreStopHook failed: ${errorMessage(error)}`);
    }
  }

  #handlerContext() {
    const { spec, address } = this.#options;
    return { spec, address, command: (argv: readonly string[]) => this.command(argv) };
  }

  #change(state: ContainerState): void {
    this.#state = state;
    this.#options.onChange();
  }
}
