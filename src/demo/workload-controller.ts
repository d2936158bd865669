/**
 * Demo stand-in for kube-controller-manager and kube-scheduler: follows Deployments, ReplicaSets, DaemonSets, Services, Nodes and Pods, and keeps ReplicaSets, Pods,
 * EndpointSlices and statuses as `workloads.ts` works them out. What differs is written, and nothing else.
 */
import { objectAt, sameJson, textAt } from '../apiserver/json.ts';
import type { ApiObject, Json } from '../apiserver/types.ts';
import { errorMessage } from '../error-message.ts';
import { ENDPOINT_SLICE, NODE, POD, SERVICE } from '../kube/resource-types.ts';
import type { ResourceType } from '../kube/types.ts';
import type { Clock } from '../time/clock.ts';
import type { LocalApi } from './local-api.ts';
import {
  daemonSetStatus,
  deploymentStatus,
  isMadeOf,
  isReady,
  nodeFor,
  nodesOfDaemonSet,
  podsOfDaemonSet,
  podsOfReplicaSet,
  replicaSetOf,
  replicaSetStatus,
  sliceOf,
} from './workloads.ts';

const apps = (kind: string, plural: string): ResourceType => ({
  group: 'apps',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});
export const DEPLOYMENT = apps('Deployment', 'deployments');
export const REPLICA_SET = apps('ReplicaSet', 'replicasets');
export const DAEMON_SET = apps('DaemonSet', 'daemonsets');

const FOLLOWED = [NODE, POD, DEPLOYMENT, REPLICA_SET, DAEMON_SET, SERVICE, ENDPOINT_SLICE] as const;

const revisionOf = (metadata: ApiObject['metadata'] | undefined): string | undefined =>
  metadata?.labels?.['controller-revision-hash'];

export const keyOf = ({ metadata }: ApiObject): { readonly namespace: string; readonly name: string } => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

export interface WorkloadControllerOptions {
  readonly api: LocalApi;
  readonly clock: Clock;
  /** RFC 3339. */
  readonly time: () => string;
  /** What could not be written, and why. */
  readonly onError: (message: string) => void;
}

export class WorkloadController {
  readonly #options: WorkloadControllerOptions;
  readonly #objects = new Map<ResourceType, Map<string, ApiObject>>(FOLLOWED.map((type) => [type, new Map()]));
  readonly #stops: (() => void)[] = [];
  #cancel: (() => void) | null = null;

  constructor(options: WorkloadControllerOptions) {
    this.#options = options;
  }

  start(): void {
    for (const type of FOLLOWED) {
      const known = this.#objects.get(type) as Map<string, ApiObject>;
      const stop = this.#options.api.watch(type, ({ type: change, object }) => {
        const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
        if (change === 'DELETED') known.delete(key);
        else known.set(key, object);
        // Later: we are within somebody's write.
        this.#cancel ??= this.#options.clock.after(0, () => {
          this.#cancel = null;
          this.#reconcile();
        });
      });
      this.#stops.push(stop);
    }
  }

  stop(): void {
    this.#cancel?.();
    for (const stop of this.#stops) stop();
  }

  #all(type: ResourceType): readonly ApiObject[] {
    return [...(this.#objects.get(type)?.values() ?? [])].filter(
      ({ metadata }) => type === POD || metadata.deletionTimestamp === undefined,
    );
  }

  #podsOf(owner: ApiObject): readonly ApiObject[] {
    return this.#all(POD).filter((pod) => isMadeOf(pod, owner));
  }

  #reconcile(): void {
    for (const deployment of this.#all(DEPLOYMENT)) this.#attempt(deployment, () => this.#deploy(deployment));
    for (const set of this.#all(REPLICA_SET))
      this.#attempt(set, () => {
        this.#havePods(set, podsOfReplicaSet(set));
        this.#say(REPLICA_SET, set, replicaSetStatus(set, this.#podsOf(set)));
      });
    for (const set of this.#all(DAEMON_SET))
      this.#attempt(set, () => {
        const nodes = nodesOfDaemonSet(set, this.#all(NODE));
        this.#havePods(set, podsOfDaemonSet(set, nodes));
        this.#say(DAEMON_SET, set, daemonSetStatus(set, this.#podsOf(set), nodes.length));
      });
    for (const pod of this.#all(POD)) this.#attempt(pod, () => this.#schedule(pod));
    for (const service of this.#all(SERVICE)) this.#attempt(service, () => this.#slice(service));
  }

  /** One object that cannot be served keeps none of the others waiting. */
  #attempt(object: ApiObject, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onError(`${object.kind} ${object.metadata.name}: ${errorMessage(error)}`);
    }
  }

  #deploy(deployment: ApiObject): void {
    const { api, time } = this.#options;
    const wanted = replicaSetOf(deployment);
    const sets = this.#all(REPLICA_SET).filter((set) => isMadeOf(set, deployment));
    const present = sets.find(({ metadata }) => metadata.name === wanted.metadata.name);
    const replicas = objectAt(wanted, 'spec').replicas;
    if (present === undefined) api.create(REPLICA_SET, wanted);
    else if (objectAt(present, 'spec').replicas !== replicas)
      api.patch(REPLICA_SET, keyOf(present), { spec: { replicas } });
    const pods = present === undefined ? [] : this.#podsOf(present);
    // Those of another template go when the new ones can do their work.
    if (pods.filter(isReady).length === replicas)
      for (const set of sets) if (set !== present) api.remove(REPLICA_SET, keyOf(set));
    this.#say(DEPLOYMENT, deployment, deploymentStatus(deployment, pods, time()));
  }

  /** Makes the Pods that are missing, and lets go those that should not be; those of another template one after the other. */
  #havePods(owner: ApiObject, wanted: readonly ApiObject[]): void {
    const { api } = this.#options;
    const byName = new Map(wanted.map((pod) => [pod.metadata.name, pod]));
    const pods = this.#podsOf(owner).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const unwanted = pods.filter(({ metadata }) => !byName.has(metadata.name));
    const outdated = pods.filter(
      ({ metadata }) => revisionOf(byName.get(metadata.name)?.metadata) !== revisionOf(metadata),
    );
    const next = outdated.find((pod) => !isReady(pod)) ?? outdated[0];
    const others = pods.filter((pod) => pod !== next && isReady(pod));
    if (next !== undefined && others.length >= wanted.length - 1) unwanted.push(next);
    for (const pod of new Set(unwanted)) api.remove(POD, keyOf(pod));
    // A name that is taken, be it by a Pod that is on its way out, comes free with an event.
    const taken = this.#objects.get(POD);
    for (const pod of wanted)
      if (taken?.has(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`) === false) api.create(POD, pod);
  }

  #schedule(pod: ApiObject): void {
    if (textAt(pod, 'spec', 'nodeName') !== '' || pod.metadata.deletionTimestamp !== undefined) return;
    const nodeName = nodeFor(pod, this.#all(NODE), this.#all(POD));
    if (nodeName !== undefined) this.#options.api.patch(POD, keyOf(pod), { spec: { nodeName } });
  }

  #slice(service: ApiObject): void {
    const { api } = this.#options;
    const mine = this.#all(ENDPOINT_SLICE).find((slice) => isMadeOf(slice, service));
    const wanted = sliceOf(service, this.#all(POD));
    if (wanted === null) {
      if (mine !== undefined) api.remove(ENDPOINT_SLICE, keyOf(mine));
    } else if (mine === undefined) api.create(ENDPOINT_SLICE, wanted);
    else {
      const { endpoints, ports } = wanted;
      if (!sameJson(mine.endpoints, endpoints) || !sameJson(mine.ports, ports))
        api.patch(ENDPOINT_SLICE, keyOf(mine), { endpoints, ports });
    }
  }

  #say(type: ResourceType, object: ApiObject, status: Json): void {
    if (!sameJson(object.status, status)) this.#options.api.patch(type, keyOf(object), { status }, 'status');
  }
}
