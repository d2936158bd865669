/** A speaker of a cluster as a process: what it is given, and what it can be asked. */
import { breathe } from '../../daemon/breathe.ts';
import type { KubeApi } from '../../kube/types.ts';
import type { PlanOptions } from '../../plan/snapshot.ts';
import { type EnvironmentOptions, type SpeakerProcess, speakerEnvironment } from '../environment.ts';
import type { RunningSpeaker } from '../run.ts';
import { ClusterSpeaker } from './cluster-speaker.ts';
import type { ReportingOptions } from './reporting.ts';

export interface ClusterSpeakerSettings
  extends EnvironmentOptions,
    Pick<ReportingOptions, 'node' | 'podName' | 'serviceStatuses'> {
  readonly planOptions: PlanOptions;
}

export interface ClusterSpeakerProcess extends SpeakerProcess {
  readonly api: KubeApi;
  readonly wallClock: () => Date;
  /** Lets the event loop run; by default for a millisecond. */
  readonly breathe?: () => Promise<void>;
}

/** A speaker of a cluster that runs; it ends when it is told to. */
export interface RunningClusterSpeaker extends RunningSpeaker {
  /** Caches are synced, and a first configuration was judged (docs/decisions.md 21); sessions have no part in it. */
  ready(): boolean;
  /** Always: whatever API and routers do, a restart would not help. */
  live(): boolean;
}

/** Starts the speaker of one node. It ends by itself for nothing: an API that is away is waited for. */
export function startClusterSpeaker(
  settings: ClusterSpeakerSettings,
  process: ClusterSpeakerProcess,
): RunningClusterSpeaker {
  const { node, planOptions, listenPort } = settings;
  const environment = speakerEnvironment(settings, process);
  const speaker = new ClusterSpeaker({ breathe, ...settings, ...process, ...environment });
  process.log.info(
    { event: 'starting', node, namespace: planOptions.namespace, lbClass: planOptions.lbClass, listenPort },
    'speaker starting',
  );
  speaker.start();
  return {
    ready: () => speaker.isReady,
    live: () => true,
    state: () => speaker.state,
    metrics: () => speaker.view,
    refresh: () => environment.bfd.refresh(),
    lineLogged: () => speaker.lineLogged(),
    stop: async () => {
      await Promise.all([speaker.stop(), environment.bfd.close()]);
      environment.links?.close();
    },
  };
}
