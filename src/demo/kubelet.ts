/**
 * Demo stand-in for the kubelets of all nodes: gives Pods their addresses, starts what runs in them, says how they are, starts again what ended, and
 * ends what shall go.
 *
 * What runs in a Pod is a process of this machine, where it is a controller or a speaker; in any other Pod nothing runs, and it counts as ready.
 */
import { listAt, objectAt, sameJson, textAt } from '../apiserver/json.ts';
import type { ApiObject, Json } from '../apiserver/types.ts';
import type { LogProvider } from '../apiserver/verbs/logs.ts';
import { errorMessage } from '../error-message.ts';
import { NODE, POD } from '../kube/resource-types.ts';
import type { Clock } from '../time/clock.ts';
import { ContainerLog } from './container-log.ts';
import type { LocalApi } from './local-api.ts';
import { type ContainerEnd, type ContainerState, podStatus, waitingStatus } from './pod-status.ts';
import { keyOf } from './workload-controller.ts';
import { condition, STAND_IN } from './workloads.ts';

/** After how long what ended is started again; doubled each time, as by a kubelet, which begins with ten seconds. */
const RESTART_MS = 1_000;
const MAX_RESTART_MS = 10_000;
/** How long a process may take to end when it is told to. */
const GRACE_MS = 5_000;
const MAX_PROCESSES = 8;
const FIRST_HOST = 10;
const LAST_HOST = 254;

/** A process behind a Pod. */
export interface Process {
  end(signal: NodeJS.Signals): void;
}

export interface ProcessEvents {
  ready(isReady: boolean): void;
  /** @param exitCode - as shells count it. */
  ended(exitCode: number): void;
}

export interface Runtime {
  /** Whether a process of ours belongs into the Pod. */
  runs(pod: ApiObject): boolean;
  start(pod: ApiObject, log: ContainerLog, events: ProcessEvents): Process;
}

export interface KubeletOptions {
  readonly api: LocalApi;
  readonly runtime: Runtime;
  readonly clock: Clock;
  /** RFC 3339. */
  readonly time: () => string;
  readonly onError: (message: string) => void;
}

/** A Pod that was taken on. */
interface Admitted {
  pod: ApiObject;
  readonly podIP: string;
  readonly hostIP: string;
  readonly startTime: string;
  log: ContainerLog;
  /** Of the process before, where there was one. */
  previousLog: ContainerLog | null;
  container: ContainerState;
  restarts: number;
  lastEnd: ContainerEnd | null;
  process: Process | null;
  /** Ends the wait for the next start, or for an end that does not come. */
  cancel: (() => void) | null;
  ending: boolean;
}

type FollowCallbacks = Parameters<ContainerLog['follow']>;

export class Kubelet implements LogProvider {
  readonly #options: KubeletOptions;
  readonly #nodes = new Map<string, ApiObject>();
  /** By uid. */
  readonly #pods = new Map<string, ApiObject>();
  readonly #admitted = new Map<string, Admitted>();
  readonly #stops: (() => void)[] = [];
  #cancel: (() => void) | null = null;
  #onIdle: (() => void) | null = null;

  constructor(options: KubeletOptions) {
    this.#options = options;
  }

  start(): void {
    const { api } = this.#options;
    const follow = (type: typeof NODE, known: Map<string, ApiObject>): void => {
      const stop = api.watch(type, ({ type: change, object }) => {
        const { uid = '' } = object.metadata;
        if (change === 'DELETED') known.delete(uid);
        else known.set(uid, object);
        this.#changed();
      });
      this.#stops.push(stop);
    };
    follow(NODE, this.#nodes);
    follow(POD, this.#pods);
  }

  /** Ends all processes in good order, and at once those that take too long over it. Resolves when none is left. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    this.#cancel?.();
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    for (const admitted of this.#admitted.values()) this.#end(admitted);
    this.#tellIfIdle();
    await idle;
  }

  lines(pod: ApiObject): ReturnType<LogProvider['lines']> {
    return this.#admittedOf(pod)?.log.lines;
  }

  previousLines(pod: ApiObject): ReturnType<LogProvider['previousLines']> {
    return this.#admittedOf(pod)?.previousLog?.lines ?? null;
  }

  follow(pod: ApiObject, _container: string, ...on: FollowCallbacks): () => void {
    return this.#admittedOf(pod)?.log.follow(...on) ?? (() => {});
  }

  #admittedOf(pod: ApiObject): Admitted | undefined {
    return this.#options.runtime.runs(pod) ? this.#admitted.get(pod.metadata.uid ?? '') : undefined;
  }

  /** Does what follows from a change, later: we may be within somebody's write. */
  #changed(): void {
    if (this.#onIdle !== null) return;
    this.#cancel ??= this.#options.clock.after(0, () => {
      this.#cancel = null;
      this.#sync();
    });
  }

  #sync(): void {
    for (const node of this.#nodes.values()) this.#attempt(node, () => this.#vouchFor(node));
    for (const [uid, admitted] of this.#admitted)
      if (!this.#pods.has(uid)) {
        // Deleted without grace.
        if (admitted.process === null) this.#forget(uid, admitted);
        else this.#end(admitted);
      }
    for (const [uid, pod] of this.#pods) this.#attempt(pod, () => this.#syncPod(uid, pod));
  }

  #attempt(object: ApiObject, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onError(`${object.kind} ${object.metadata.name}: ${errorMessage(error)}`);
    }
  }

  /** A node that nobody says anything of has a kubelet: us. */
  #vouchFor(node: ApiObject): void {
    const conditions = listAt(node, 'status', 'conditions');
    if (conditions.some((one) => textAt(one, 'type') === 'Ready')) return;
    const message = 'the demo stand-in vouches for it';
    const ready = condition(node, this.#options.time(), 'Ready', true, { reason: 'KubeletReady', message });
    const nodeInfo = { ...objectAt(node, 'status', 'nodeInfo'), kubeletVersion: STAND_IN };
    this.#options.api.patch(NODE, keyOf(node), { status: { conditions: [...conditions, ready], nodeInfo } }, 'status');
  }

  #syncPod(uid: string, pod: ApiObject): void {
    const admitted = this.#admitted.get(uid);
    if (admitted !== undefined) admitted.pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (admitted?.process !== null && admitted !== undefined) this.#end(admitted);
      else {
        if (admitted !== undefined) this.#forget(uid, admitted);
        this.#options.api.remove(POD, keyOf(pod), 0);
      }
    } else if (admitted === undefined) this.#admit(uid, pod);
    else this.#say(pod, podStatus(pod, admitted, this.#options.time()));
  }

  #admit(uid: string, pod: ApiObject): void {
    const nodeName = textAt(pod, 'spec', 'nodeName');
    const node = [...this.#nodes.values()].find(({ metadata }) => metadata.name === nodeName);
    if (node === undefined) return;
    const { runtime, time } = this.#options;
    const runs = runtime.runs(pod);
    const processes = [...this.#admitted.values()].filter(({ process }) => process !== null).length;
    if (runs && processes >= MAX_PROCESSES) {
      this.#say(pod, waitingStatus(pod, time(), `${STAND_IN}: at most ${MAX_PROCESSES} processes run at a time`));
      return;
    }
    const hostIP = internalIpOf(node);
    const podIP = objectAt(pod, 'spec').hostNetwork === true ? hostIP : this.#freeAddressOn(nodeName);
    const admitted: Admitted = {
      pod,
      podIP,
      hostIP,
      startTime: time(),
      log: new ContainerLog(),
      previousLog: null,
      container: { type: 'running', startedAt: time(), ready: !runs },
      restarts: 0,
      lastEnd: null,
      process: null,
      cancel: null,
      ending: false,
    };
    this.#admitted.set(uid, admitted);
    if (runs) this.#run(uid, admitted);
    this.#say(pod, podStatus(pod, admitted, time()));
  }

  #run(uid: string, admitted: Admitted): void {
    const { runtime, clock, time } = this.#options;
    const startedAt = time();
    admitted.container = { type: 'running', startedAt, ready: false };
    admitted.process = runtime.start(admitted.pod, admitted.log, {
      ready: (ready) => {
        if (admitted.container.type !== 'running') return;
        admitted.container = { ...admitted.container, ready };
        this.#changed();
      },
      ended: (exitCode) => {
        admitted.process = null;
        admitted.log.end();
        admitted.cancel?.();
        admitted.cancel = null;
        const end = { startedAt, finishedAt: time(), exitCode };
        admitted.container = { type: 'ended', end };
        if (!admitted.ending) {
          const wait = Math.min(RESTART_MS * 2 ** admitted.restarts, MAX_RESTART_MS);
          admitted.cancel = clock.after(wait, () => {
            admitted.cancel = null;
            admitted.restarts++;
            admitted.lastEnd = end;
            admitted.previousLog = admitted.log;
            admitted.log = new ContainerLog();
            this.#run(uid, admitted);
            this.#changed();
          });
        }
        this.#changed();
        this.#tellIfIdle();
      },
    });
  }

  /** Asks the process to end, and does not ask a second time: that would mean "at once". */
  #end(admitted: Admitted): void {
    if (admitted.ending) return;
    admitted.ending = true;
    admitted.cancel?.();
    admitted.cancel = null;
    if (admitted.process === null) return;
    admitted.process.end('SIGTERM');
    admitted.cancel = this.#options.clock.after(GRACE_MS, () => admitted.process?.end('SIGKILL'));
  }

  #forget(uid: string, admitted: Admitted): void {
    admitted.cancel?.();
    this.#admitted.delete(uid);
  }

  #tellIfIdle(): void {
    if ([...this.#admitted.values()].every(({ process }) => process === null)) this.#onIdle?.();
  }

  #say(pod: ApiObject, status: Json): void {
    const present = objectAt(pod, 'status');
    if (!sameJson({ ...present, ...status }, present)) this.#options.api.patch(POD, keyOf(pod), { status }, 'status');
  }

  /** The first address of the node's Pod network that no Pod has. */
  #freeAddressOn(nodeName: string): string {
    const names = [...this.#nodes.values()].map(({ metadata }) => metadata.name).sort();
    const network = `10.244.${names.indexOf(nodeName) + 1}`;
    const taken = new Set([...this.#admitted.values()].map(({ podIP }) => podIP));
    for (let host = FIRST_HOST; host <= LAST_HOST; host++)
      if (!taken.has(`${network}.${host}`)) return `${network}.${host}`;
    throw new Error(`no address is left on ${nodeName}`);
  }
}

const internalIpOf = (node: ApiObject): string =>
  textAt(
    listAt(node, 'status', 'addresses').find((address) => textAt(address, 'type') === 'InternalIP'),
    'address',
  );
