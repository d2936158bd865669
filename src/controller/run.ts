/** A controller as a process: what it is given, and what it can be asked. */
import { breathe } from '../daemon/breathe.ts';
import type { Logger } from '../io/logger.ts';
import type { KubeApi } from '../kube/types.ts';
import type { PlanOptions } from '../plan/snapshot.ts';
import type { Clock } from '../time/clock.ts';
import { Controller } from './controller.ts';
import type { ControllerView } from './metrics.ts';

export interface ControllerProcessOptions {
  readonly planOptions: PlanOptions;
  /** Of this process; empty where it is none. */
  readonly podName: string;
}

export interface ControllerProcess {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly wallClock: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Lets the event loop run; by default for a millisecond. */
  readonly breathe?: () => Promise<void>;
}

/** A controller that runs; it ends when it is told to. */
export interface RunningController {
  /** Caches are synced, and a first configuration was judged; of a standby all but the Services (docs/decisions.md 21). */
  ready(): boolean;
  /** Always: whatever the API does, a restart would not help. */
  live(): boolean;
  leading(): boolean;
  /** What the metrics are read from, but what is the process's. */
  metrics(): Omit<ControllerView, 'process'>;
  /** What it knows, as JSON, without a secret. */
  state(): unknown;
  /** Nothing more is written, and the lease is given up; bounded in time. */
  stop(): Promise<void>;
}

/** Starts a controller. It ends by itself for nothing: an API that is away is waited for. */
export function startController(options: ControllerProcessOptions, process: ControllerProcess): RunningController {
  const { planOptions, podName } = options;
  const { log, random } = process;
  const chance = Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const controller = new Controller({
    breathe,
    ...process,
    namespace: planOptions.namespace,
    podName,
    identity: `${podName === '' ? 'controller' : podName}_${chance}`,
    planOptions,
  });
  log.info(
    { event: 'starting', namespace: planOptions.namespace, lbClass: planOptions.lbClass },
    'controller starting',
  );
  controller.start();
  return {
    ready: () => controller.isReady,
    live: () => true,
    leading: () => controller.isLeading,
    metrics: () => controller.view,
    state: () => controller.state,
    stop: () => controller.stop(),
  };
}
