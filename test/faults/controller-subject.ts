/** A controller as the subject of faults: what it holds are the addresses of Services. */
import { CONTROLLER_METRICS } from '../../src/controller/metrics.ts';
import { type RunningController, startController } from '../../src/controller/run.ts';
import { metricsText } from '../../src/daemon/metrics-text.ts';
import { DEFAULT_PLAN_OPTIONS } from '../../src/plan/snapshot.ts';
import type { Clock } from '../../src/time/clock.ts';
import type { FaultStage } from './stage.ts';
import type { RunningSubject, Subject } from './subject.ts';

/** Starts a controller under a name of its own, on the stage's clock or on another. */
export async function controllerOn(
  stage: FaultStage,
  name: string,
  clock: Clock = stage.clock,
): Promise<RunningController> {
  return startController(
    { podName: name, planOptions: DEFAULT_PLAN_OPTIONS },
    {
      api: await stage.connect(name, clock),
      clock,
      wallClock: stage.wallClock,
      random: stage.random,
      breathe: stage.breathe,
      log: stage.log(name),
    },
  );
}

export const controllerSubject: Subject = {
  name: 'controller',
  async start(stage): Promise<RunningSubject> {
    const controller = await controllerOn(stage, 'controller');
    // Kubernetes events are told behind the addresses, 25 a second: they are all to be there before anything goes wrong.
    await stage.run(30_000, 500);
    const text = metricsText(CONTROLLER_METRICS, () => ({
      ...controller.metrics(),
      process: { residentBytes: 0, cpuSeconds: 0 },
    }));
    return { holds: () => stage.addresses(), metrics: text, stop: () => controller.stop() };
  },
};
