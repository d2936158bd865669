/** What the kubelet says of a Pod: a pure function of its containers. */
import type { Container, ContainerState, ContainerStatus } from './container.ts';
import type { Pod, PodCondition } from './pod.ts';
import { rfc3339 } from './rfc3339.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PodFacts {
  readonly startTime: string;
  readonly hostIps: readonly string[];
  /** Empty until the Pod has its network. */
  readonly podIps: readonly string[];
  readonly initContainers: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
  /** Where the init containers have all succeeded, or there are none. */
  readonly initialized: boolean;
  readonly now: string;
}

function stateObject(state: ContainerState, id: string): Readonly<Record<string, unknown>> {
  switch (state.type) {
    case 'waiting': {
      const { reason, message } = state;
      return { waiting: { reason, ...(message === undefined ? {} : { message }) } };
    }
    case 'running':
      return { running: { startedAt: rfc3339(state.startedAt) } };
    case 'terminated': {
      const { exitCode, startedAt, finishedAt } = state;
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      const times = { startedAt: rfc3339(startedAt), finishedAt: rfc3339(finishedAt) };
      return { terminated: { exitCode, reason, ...times, containerID: id } };
    }
  }
}

function containerObject(status: ContainerStatus, uid: string) {
  const { name, image, state, last, restartCount, ready, started } = status;
  const containerID = `lab://${uid}/${name}/${restartCount}`;
  return {
    name,
    image,
    imageID: image,
    containerID,
    state: stateObject(state, containerID),
    lastState: last === undefined ? {} : stateObject(last, `lab://${uid}/${name}/${restartCount - 1}`),
    restartCount,
    ready: ready && state.type === 'running',
    started: started && state.type === 'running',
  };
}

/** Kubernetes' rule: it is over when no container will run again, and it failed when one did. */
export function phaseOf(
  { containers, initContainers, initialized }: PodFacts,
  restartPolicy: Pod['spec']['restartPolicy'],
): Phase {
  const failed = ({ state }: ContainerStatus): boolean => state.type === 'terminated' && state.exitCode !== 0;
  if (restartPolicy === 'Never' && initContainers.some(failed)) return 'Failed';
  if (!initialized) return 'Pending';
  const ended = containers.every(({ state }) => state.type === 'terminated');
  if (ended && restartPolicy !== 'Always' && restartPolicy !== undefined) {
    if (!containers.some(failed)) return 'Succeeded';
    if (restartPolicy === 'Never') return 'Failed';
  }
  const began = containers.some(({ state, restartCount }) => state.type !== 'waiting' || restartCount > 0);
  return began ? 'Running' : 'Pending';
}

/** The `status` of the Pod; conditions of others (the scheduler's) are kept, and times of those that did not change. */
export function podStatus(pod: Pod, facts: PodFacts): Readonly<Record<string, unknown>> {
  const { containers, initContainers, hostIps, podIps, startTime, initialized, now } = facts;
  const phase = phaseOf(facts, pod.spec.restartPolicy);
  const uid = pod.metadata.uid ?? '';
  const before = pod.status?.conditions ?? [];
  const unready = containers.filter(({ ready, state }) => !ready || state.type !== 'running').map(({ name }) => name);
  const why =
    phase === 'Succeeded'
      ? { reason: 'PodCompleted' }
      : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const condition = (type: string, isTrue: boolean, reason: object): PodCondition => {
    const status = isTrue ? 'True' : 'False';
    const same = before.find((old) => old.type === type && old.status === status);
    return { type, status, lastTransitionTime: same?.lastTransitionTime ?? now, ...(isTrue ? {} : reason) };
  };
  const isReady = unready.length === 0;
  const ours = [
    condition('PodReadyToStartContainers', podIps.length > 0, {}),
    condition('Initialized', initialized, { reason: 'ContainersNotInitialized' }),
    condition('Ready', isReady, why),
    condition('ContainersReady', isReady, why),
  ];
  const others = before.filter(({ type }) => !ours.some((condition) => condition.type === type));
  return {
    phase,
    startTime,
    hostIP: hostIps[0],
    hostIPs: hostIps.map((ip) => ({ ip })),
    ...(podIps.length === 0 ? {} : { podIP: podIps[0], podIPs: podIps.map((ip) => ({ ip })) }),
    conditions: [...ours, ...others],
    ...(initContainers.length === 0
      ? {}
      : { initContainerStatuses: initContainers.map((status) => containerObject(status, uid)) }),
    containerStatuses: containers.map((status) => containerObject(status, uid)),
  };
}

/** In the order of the Pod's spec. */
export const statusesOf = (containers: readonly Container[]): readonly ContainerStatus[] =>
  containers.map(({ status }) => status);
