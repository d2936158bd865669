/** Demo stand-in: the status of a Pod with one container, as a kubelet writes it. */
import { listAt, textAt } from '../apiserver/json.ts';
import type { ApiObject, Json } from '../apiserver/types.ts';
import { condition } from './workloads.ts';

/** How the container is. Times are RFC 3339. */
export type ContainerState =
  | { readonly type: 'running'; readonly startedAt: string; readonly ready: boolean }
  /** It has ended and is started again by and by. */
  | { readonly type: 'ended'; readonly end: ContainerEnd };

export interface ContainerEnd {
  readonly startedAt: string;
  readonly finishedAt: string;
  /** As shells count it: 128 and the signal's number for one that a signal ended. */
  readonly exitCode: number;
}

export interface PodState {
  readonly podIP: string;
  readonly hostIP: string;
  readonly startTime: string;
  readonly container: ContainerState;
  readonly restarts: number;
  /** How it ended the last time before this; null where it did not. */
  readonly lastEnd: ContainerEnd | null;
}

const terminated = (end: ContainerEnd): Json => ({
  terminated: { ...end, reason: end.exitCode === 0 ? 'Completed' : 'Error' },
});

export function podStatus(pod: ApiObject, state: PodState, now: string): Json {
  const { podIP, hostIP, startTime, container, restarts, lastEnd } = state;
  const ready = container.type === 'running' && container.ready;
  const notReady = ready ? {} : { reason: 'ContainersNotReady', message: 'containers with unready status' };
  const conditionOf = (type: string, holds = true, more: Json = {}): Json => condition(pod, now, type, holds, more);
  return {
    phase: 'Running',
    conditions: [
      conditionOf('PodReadyToStartContainers'),
      conditionOf('Initialized'),
      conditionOf('Ready', ready, notReady),
      conditionOf('ContainersReady', ready, notReady),
      conditionOf('PodScheduled'),
    ],
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP,
    podIPs: [{ ip: podIP }],
    startTime,
    containerStatuses: listAt(pod, 'spec', 'containers').map((one) => ({
      name: textAt(one, 'name'),
      image: textAt(one, 'image'),
      imageID: '',
      ready,
      started: container.type === 'running',
      restartCount: restarts,
      state: container.type === 'running' ? { running: { startedAt: container.startedAt } } : terminated(container.end),
      lastState: lastEnd === null ? {} : terminated(lastEnd),
    })),
  };
}

/** Of a Pod that has to wait for room. */
export const waitingStatus = (pod: ApiObject, now: string, message: string): Json => ({
  phase: 'Pending',
  conditions: [condition(pod, now, 'PodScheduled', false, { reason: 'Unschedulable', message })],
});
