/** The kubelet of one node: a worker for each Pod that is bound to it, from its binding to its end. */
import { join } from 'node:path';
import { EventRecorder } from '../../../src/kube/events.ts';
import { Reflector, type ReflectorEvent } from '../../../src/kube/reflector.ts';
import { POD } from '../../../src/kube/resource-types.ts';
import type { RestClient } from '../../../src/kube/rest.ts';
import { systemClock } from '../../../src/time/clock.ts';
import type { Container } from './container.ts';
import { NodeApi } from './node-api.ts';
import { type Pod, podOf } from './pod.ts';
import { PodNetworks } from './pod-network.ts';
import { PodWorker } from './pod-worker.ts';
import type { KubeletSettings } from './settings.ts';

export class Kubelet {
  readonly #settings: KubeletSettings;
  readonly #api: NodeApi;
  readonly #networks: PodNetworks;
  readonly #events: EventRecorder;
  readonly #reflector: Reflector<Pod>;
  readonly #log: (message: string) => void;
  /** By uid: a Pod that is deleted and made anew under its name is another one. */
  readonly #workers = new Map<string, PodWorker>();

  constructor(settings: KubeletSettings, rest: RestClient, log: (message: string) => void) {
    const { node, namespace, prefix, ledger } = settings;
    this.#settings = settings;
    this.#log = log;
    this.#api = new NodeApi(rest, settings.shortTokens);
    this.#networks = new PodNetworks({ node, namespace, prefix, ledger });
    this.#events = new EventRecorder({
      api: rest,
      component: 'kubelet',
      host: node.name,
      clock: systemClock,
      wallClock: () => new Date(),
      random: Math.random,
      onError: (error) => log(`event: ${error}`),
    });
    this.#reflector = new Reflector<Pod>({
      api: rest,
      type: POD,
      selection: { namespace: '', fieldSelector: `spec.nodeName=${node.name}` },
      transform: podOf,
      handler: { changed: (events) => this.#take(events), synced: () => log('synced') },
      clock: systemClock,
      random: Math.random,
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      onHealth: ({ error }) => {
        if (error !== null) log(`Pods: ${error}`);
      },
    });
  }

  start(): void {
    this.#reflector.start();
  }

  /** Of the Pod of that name which is not on its way out, else of the newest one. */
  container(namespace: string, pod: string, container: string): Container | undefined {
    const named = [...this.#workers.values()].filter(
      ({ pod: { metadata } }) => metadata.namespace === namespace && metadata.name === pod,
    );
    return named.at(-1)?.container(container);
  }

  #take(events: readonly ReflectorEvent<Pod>[]): void {
    for (const event of events)
      if (event.type === 'upsert') this.#upsert(event.value);
      // Deleted without grace, or while nobody was watching: what runs of it has no right to.
      else
        for (const worker of this.#workers.values()) {
          const { namespace, name } = worker.pod.metadata;
          if (namespace === event.object.namespace && name === event.object.name) void worker.stop(0);
        }
  }

  #upsert(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const worker = this.#workers.get(uid);
    if (worker !== undefined) {
      worker.update(pod);
      return;
    }
    for (const other of this.#workers.values())
      if (other.pod.metadata.namespace === pod.metadata.namespace && other.pod.metadata.name === pod.metadata.name)
        void other.stop(0);
    // Of a Pod that we have never run nothing is to be stopped.
    if (pod.metadata.deletionTimestamp !== undefined) {
      void this.#api.finish(pod);
      return;
    }
    const begun = new PodWorker({
      pod,
      directory: join(this.#settings.directory, uid),
      hostIps: this.#settings.node.addresses,
      networks: this.#networks,
      api: this.#api,
      events: this.#events,
      restarts: this.#settings.restarts,
      productRoot: this.#settings.productRoot,
      log: this.#log,
      onGone: () => this.#workers.delete(uid),
    });
    this.#workers.set(uid, begun);
  }
}
