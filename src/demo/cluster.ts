/**
 * The demo's cluster: the embedded API server, a stand-in for what a cluster does by itself, and our own controller and speakers in
 * it as processes.
 *
 * Demo stand-in are the nodes, and what `WorkloadController` and `Kubelet` make of workloads. The API, the controller and the speakers are what a
 * real cluster has.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PARTS } from '../apiserver/parts.ts';
import { type RunningApiServer, startApiServer } from '../apiserver/start.ts';
import { BGP_PEER, EVENT, IP_ADDRESS_POOL, POD, SERVICE, SPEAKER_STATUS } from '../kube/resource-types.ts';
import { systemClock } from '../time/clock.ts';
import { Kubelet } from './kubelet.ts';
import { LocalApi } from './local-api.ts';
import { apply, readManifests } from './manifests.ts';
import { MetallbRuntime } from './processes.ts';
import { CLUSTER_FILES, EXAMPLES, type Stage } from './stage.ts';
import { WorkloadController } from './workload-controller.ts';
import { STAND_IN } from './workloads.ts';

/** What a user applies to a cluster: definitions, roles, the controller's Deployment, the speakers' DaemonSet. */
export const INSTALLATION = 'deploy/metallb-ts.yaml';

/** What tells that the cluster has come further. */
const SHOWN = [SERVICE, POD, IP_ADDRESS_POOL, BGP_PEER, SPEAKER_STATUS, EVENT];

export class DemoCluster {
  readonly api: LocalApi;
  readonly url: string;
  readonly kubeconfig: string;
  readonly runtime: MetallbRuntime;
  readonly #server: RunningApiServer;
  readonly #workloads: WorkloadController;
  readonly #kubelet: Kubelet;
  readonly #onChange: () => void;
  #stops: readonly (() => void)[] = [];

  private constructor(server: RunningApiServer, kubeconfig: string, stage: Stage, onChange: () => void) {
    this.#server = server;
    this.url = server.url;
    this.kubeconfig = kubeconfig;
    // Under the name by which kubectl's own apply finds what it has set.
    this.api = new LocalApi(server.api, 'kubectl-client-side-apply');
    const options = {
      api: new LocalApi(server.api, STAND_IN),
      clock: systemClock,
      time: () => new Date().toISOString().replace(/\.\d+/, ''),
      onError: (message: string) => process.stderr.write(`${STAND_IN}: ${message}\n`),
    };
    this.runtime = new MetallbRuntime({ kubeconfig, transportMap: stage.transportMap }, onChange);
    this.#workloads = new WorkloadController(options);
    this.#kubelet = new Kubelet({ ...options, runtime: this.runtime });
    server.setLogs(this.#kubelet);
    this.#onChange = onChange;
  }

  /** @param onChange - is called when an object has changed that is shown, and when a process has said something. */
  static async start(stage: Stage, onChange: () => void): Promise<DemoCluster> {
    const server = await startApiServer({ parts: PARTS, clock: systemClock, wallClock: Date.now });
    const kubeconfig = join(stage.directory, 'kubeconfig');
    // It holds the token.
    writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 });
    return new DemoCluster(server, kubeconfig, stage, onChange);
  }

  /** The guide's first step: controller and speakers start. */
  install(): void {
    this.#workloads.start();
    this.#kubelet.start();
    for (const object of readManifests(fileURLToPath(new URL(`../../${INSTALLATION}`, import.meta.url))))
      apply(this.api, object);
    for (const file of CLUSTER_FILES) this.apply(file);
    this.#stops = SHOWN.map((type) => this.api.watch(type, this.#onChange));
  }

  /** `kubectl apply -f` of a file or folder of the guide's examples, with what somebody has changed of its text. */
  apply(path: string, change?: (text: string) => string): void {
    for (const object of readManifests(join(EXAMPLES, path), change)) apply(this.api, object);
  }

  /** The last lines of the logs of our own Pods, each with its Pod's name: for somebody who wants to know what went wrong. */
  lastWords(): readonly string[] {
    return this.api
      .list(POD)
      .flatMap((pod) => (this.#kubelet.lines(pod) ?? []).slice(-3).map(({ text }) => `${pod.metadata.name}: ${text}`));
  }

  /** Speakers end their sessions and the controller gives its lease up, before the API goes. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#workloads.stop();
    await this.#kubelet.stop();
    await this.#server.close();
  }
}
