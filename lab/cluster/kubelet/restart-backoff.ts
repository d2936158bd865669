/**
 * How long a container that has ended waits until it is started again, as the kubelet does it: at once the first time, then twice as long from
 * time to time, and from the beginning again once it has run well.
 */

/** Kubelet's own figures; `maxMs` is its `crashLoopBackOff.maxContainerRestartPeriod`. */
export interface RestartPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
}

export const KUBELET_RESTARTS: RestartPolicy = { initialMs: 10_000, maxMs: 300_000 };

/** A run of this length makes the next end the first. */
const RAN_WELL_MS = 600_000;

export class RestartBackoff {
  readonly #policy: RestartPolicy;
  #nextMs = 0;

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  /** The wait after a run of this length. */
  after(ranMs: number): number {
    if (ranMs >= RAN_WELL_MS) this.#nextMs = 0;
    const wait = this.#nextMs;
    const { initialMs, maxMs } = this.#policy;
    this.#nextMs = wait === 0 ? Math.min(initialMs, maxMs) : Math.min(wait * 2, maxMs);
    return wait;
  }
}
