/**
 * One Pod from its binding to its end.
 *
 *   network → volumes → init containers, one after the other → containers → (deleted) → containers stopped → network gone → object gone
 *
 * Its status is told whenever it changes, the newest only, one write at a time.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../../../src/error-message.ts';
import type { EventRecorder } from '../../../src/kube/events.ts';
import { imageOf } from '../images.ts';
import { API_SERVICE_ADDRESS } from '../layout.ts';
import { Container } from './container.ts';
import { ContainerError } from './container-error.ts';
import type { ContainerPlan } from './container-start.ts';
import { containerEnvironment, expand } from './environment.ts';
import type { NodeApi } from './node-api.ts';
import { type ContainerSpec, downwardField, type Pod } from './pod.ts';
import { podHosts } from './pod-hosts.ts';
import type { PodNetwork, PodNetworks } from './pod-network.ts';
import { podStatus, statusesOf } from './pod-status.ts';
import { privilegesOf } from './privileges.ts';
import type { RestartPolicy } from './restart-backoff.ts';
import { rfc3339 } from './rfc3339.ts';
import { Volumes } from './volumes.ts';

export interface PodWorkerOptions {
  readonly pod: Pod;
  readonly directory: string;
  readonly hostIps: readonly string[];
  readonly networks: PodNetworks;
  readonly api: NodeApi;
  readonly events: EventRecorder;
  readonly restarts: RestartPolicy;
  readonly productRoot: string;
  readonly log: (message: string) => void;
  /** Everything of it has ended. */
  readonly onGone: () => void;
}

const RETRY_MS = 1_000;
const DEFAULT_GRACE_SECONDS = 30;

export class PodWorker {
  readonly #options: PodWorkerOptions;
  readonly #startTime = now();
  readonly #stop = new AbortController();
  readonly #containers: readonly Container[];
  readonly #initContainers: readonly Container[];
  readonly #volumes: Volumes;
  #pod: Pod;
  #network: PodNetwork | undefined;
  #initialized = false;
  #told: Promise<void> | undefined;
  #isStatusNew = false;
  /** The condition Ready, as it was told last. */
  #toldReady: string | undefined;
  #stopping: Promise<void> | undefined;
  #life: Promise<void>;

  constructor(options: PodWorkerOptions) {
    this.#options = options;
    this.#pod = options.pod;
    const { spec } = options.pod;
    this.#volumes = new Volumes(join(options.directory, 'volumes'), this.#volumeSources(), (message) =>
      this.#event('Warning', 'FailedMount', message),
    );
    this.#containers = spec.containers.map((container) => this.#container(container, spec.restartPolicy ?? 'Always'));
    this.#initContainers = (spec.initContainers ?? []).map((container) =>
      this.#container(container, spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure'),
    );
    this.#life = this.#run().catch((error: unknown) => options.log(`${spec.nodeName}: ${errorMessage(error)}`));
  }

  get pod(): Pod {
    return this.#pod;
  }

  container(name: string): Container | undefined {
    return [...this.#containers, ...this.#initContainers].find((container) => container.name === name);
  }

  /** Takes what is new of the object; one that is to be deleted is stopped. */
  update(pod: Pod): void {
    this.#pod = pod;
    // Pods of a node that was silent for long are taken for not ready, by kube-controller-manager: that is put right here, as by any kubelet.
    if (this.#toldReady !== undefined && readyIn(pod.status) !== this.#toldReady) this.#changed();
    if (pod.metadata.deletionTimestamp === undefined) return;
    const { deletionGracePeriodSeconds } = pod.metadata;
    void this.stop((deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1_000);
  }

  /** Ends it; once begun, the first grace counts. Resolves when all is gone. */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#end(graceMs);
    return this.#stopping;
  }

  async #run(): Promise<void> {
    this.#changed();
    this.#network = await this.#makeNetwork();
    if (this.#network === undefined) return;
    await this.#volumes.mount(this.#pod, this.#stop.signal);
    for (const container of this.#initContainers) {
      if (this.#stop.signal.aborted) return;
      await container.run();
      const { state } = container.status;
      if (state.type !== 'terminated' || state.exitCode !== 0) return;
    }
    this.#initialized = true;
    this.#changed();
    if (this.#stop.signal.aborted) return;
    await Promise.all(this.#containers.map((container) => container.run()));
  }

  async #makeNetwork(): Promise<PodNetwork | undefined> {
    const { networks } = this.#options;
    if (this.#pod.spec.hostNetwork === true) return networks.hosts;
    while (!this.#stop.signal.aborted) {
      try {
        return await networks.make();
      } catch (error) {
        this.#event('Warning', 'FailedCreatePodSandBox', errorMessage(error));
        await sleep(RETRY_MS);
      }
    }
    return undefined;
  }

  async #end(graceMs: number): Promise<void> {
    const { api, directory, onGone } = this.#options;
    this.#stop.abort();
    await Promise.all([...this.#containers, ...this.#initContainers].map((container) => container.stop(graceMs)));
    await this.#life;
    this.#changed();
    await this.#told;
    await this.#network?.remove();
    rmSync(directory, { recursive: true, force: true });
    await api.finish(this.#pod);
    onGone();
  }

  #container(spec: ContainerSpec, restartPolicy: 'Always' | 'OnFailure' | 'Never'): Container {
    const worker = this;
    const { directory, restarts } = this.#options;
    return new Container({
      spec,
      directory: join(directory, spec.name),
      // Known only when the container begins.
      get networkNamespace() {
        return worker.#network?.file ?? '';
      },
      get address() {
        return worker.#network?.addresses[0] ?? '';
      },
      restartPolicy,
      backoff: restarts,
      graceMs: (this.#options.pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1_000,
      plan: () => this.#plan(spec),
      wallClock: () => new Date(),
      onChange: () => this.#changed(),
      onEvent: (type, reason, message) => this.#event(type, reason, message),
    });
  }

  /** @throws {ContainerError} where the container cannot be made as things are. */
  async #plan(spec: ContainerSpec): Promise<ContainerPlan> {
    const image = imageOf(spec.image, this.#options.productRoot);
    if (image === undefined)
      throw new ContainerError(
        'ErrImagePull',
        `image "${spec.image}" is not in the table of this lab (lab/cluster/images.ts)`,
      );
    const { name, namespace = '' } = this.#pod.metadata;
    const { hostNetwork = false, nodeName } = this.#pod.spec;
    const base = {
      ...image.environment,
      // A runtime gives the host name, which of a Pod in the node's network is the node's; who measures finds processes by their Pods.
      HOSTNAME: name,
      KUBERNETES_SERVICE_HOST: API_SERVICE_ADDRESS,
      KUBERNETES_SERVICE_PORT: '443',
      KUBERNETES_SERVICE_PORT_HTTPS: '443',
    };
    const environment = await containerEnvironment(spec, base, {
      field: (path) => this.#field(path),
      object: async (kind, object) => {
        const data = await this.#options.api.data(kind, namespace, object);
        return data && Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value.toString('utf8')]));
      },
    });
    const command = spec.command ?? image.entrypoint;
    const args = spec.args ?? (spec.command === undefined ? image.command : []);
    const directory = join(this.#options.directory, spec.name);
    const hosts = podHosts(directory, hostNetwork ? nodeName : name, this.#network?.addresses ?? []);
    return {
      directory: join(directory, 'fs'),
      image: image.root,
      readOnlyRoot: spec.securityContext?.readOnlyRootFilesystem === true,
      mounts: [...image.mounts, ...hosts, ...this.#volumes.mountsOf(spec)],
      ...(hostNetwork ? {} : { hostname: name }),
      argv: [...command, ...args].map((text) => expand(text, environment)),
      environment,
      privileges: privilegesOf(spec, this.#pod.spec),
      workingDirectory: spec.workingDir ?? '/',
    };
  }

  #volumeSources() {
    const { api } = this.#options;
    return {
      object: (kind: 'Secret' | 'ConfigMap', name: string) => api.data(kind, this.#pod.metadata.namespace ?? '', name),
      token: (audience: string | undefined, seconds: number) => api.token(this.#pod, audience, seconds),
      field: (path: string) => this.#field(path),
    };
  }

  #field(path: string): string | undefined {
    return downwardField(this.#pod, { podIps: this.#network?.addresses ?? [], hostIps: this.#options.hostIps }, path);
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { namespace = '', name, uid = '' } = this.#pod.metadata;
    this.#options.events.record({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid }, type, reason, message);
  }

  #changed(): void {
    this.#isStatusNew = true;
    this.#told ??= this.#tell().finally(() => {
      this.#told = undefined;
    });
  }

  async #tell(): Promise<void> {
    while (this.#isStatusNew) {
      this.#isStatusNew = false;
      const status = podStatus(this.#pod, {
        startTime: this.#startTime,
        hostIps: this.#options.hostIps,
        podIps: this.#network?.addresses ?? [],
        initContainers: statusesOf(this.#initContainers),
        containers: statusesOf(this.#containers),
        initialized: this.#initialized,
        now: now(),
      });
      try {
        if (!(await this.#options.api.tellStatus(this.#pod, status))) return;
        this.#toldReady = readyIn(status);
      } catch (error) {
        this.#options.log(`status of ${this.#pod.metadata.name}: ${errorMessage(error)}`);
        this.#isStatusNew = true;
        await sleep(RETRY_MS);
      }
    }
  }
}

const readyIn = (status: Pod['status']): string | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status;

const now = (): string => rfc3339(new Date());
