/** Performs a probe from time to time, and tells when its verdict changes. */
import { errorMessage } from '../../../src/error-message.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { pause } from '../../../src/time/pause.ts';
import type { Probe } from './pod.ts';
import { ProbeJudge } from './probe-judge.ts';

export interface ProbeLoopOptions {
  readonly probe: Probe;
  /** Rejects where the probe fails. */
  readonly perform: (signal: AbortSignal) => Promise<void>;
  readonly onVerdict: (verdict: boolean) => void;
  readonly onFailure: (message: string) => void;
}

export class ProbeLoop {
  readonly #options: ProbeLoopOptions;

  constructor(options: ProbeLoopOptions) {
    this.#options = options;
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { probe, onVerdict, onFailure } = this.#options;
    const { initialDelaySeconds = 0, periodSeconds = 10 } = probe;
    const judge = new ProbeJudge(probe);
    await pause(systemClock, initialDelaySeconds * 1_000, signal);
    while (!signal.aborted) {
      const failure = await this.#once(signal);
      if (signal.aborted) return;
      if (failure !== undefined) onFailure(failure);
      if (judge.take(failure === undefined)) onVerdict(failure === undefined);
      await pause(systemClock, periodSeconds * 1_000, signal);
    }
  }

  /** Why it failed; undefined where it did not. */
  async #once(signal: AbortSignal): Promise<string | undefined> {
    const { probe, perform } = this.#options;
    const timeout = new AbortController();
    const cancel = systemClock.after((probe.timeoutSeconds ?? 1) * 1_000, () => timeout.abort());
    try {
      await perform(AbortSignal.any([signal, timeout.signal]));
      return undefined;
    } catch (error) {
      return timeout.signal.aborted ? 'timeout' : errorMessage(error);
    } finally {
      cancel();
    }
  }
}
