/** The row of a Pod: what its containers say of it, in kubectl's words (pkg/printers/internalversion, printPod). */
import { isObject, listAt, textAt, valueAt } from '../json.ts';
import type { ApiObject, Json } from '../types.ts';
import { age } from './age.ts';
import { AGE, count, entry, layout, NAME, wide } from './columns.ts';

const orNone = (text: string): string => (text === '' ? '<none>' : text);

export const POD = layout(
  NAME,
  entry('Ready', (pod) => {
    const { ready, total } = summary(pod);
    return `${ready}/${total}`;
  }),
  entry('Status', (pod) => summary(pod).reason),
  entry('Restarts', (pod, nowMs) => {
    const { restarts, lastRestart } = summary(pod);
    return restarts === 0 || lastRestart === '' ? String(restarts) : `${restarts} (${age(lastRestart, nowMs)} ago)`;
  }),
  AGE,
  wide('IP', (pod) => orNone(textAt(listAt(pod, 'status', 'podIPs')[0], 'ip'))),
  wide('Node', (pod) => orNone(textAt(pod, 'spec', 'nodeName'))),
  wide('Nominated Node', (pod) => orNone(textAt(pod, 'status', 'nominatedNodeName'))),
  wide('Readiness Gates', readinessGates),
);

interface Summary {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
  readonly restarts: number;
  readonly lastRestart: string;
}

const isRestartable = (container: unknown): boolean => textAt(container, 'restartPolicy') === 'Always';

const conditionOf = (pod: ApiObject, type: string): Json | undefined =>
  listAt(pod, 'status', 'conditions').find((entry): entry is Json => textAt(entry, 'type') === type);

const finishedAt = (status: unknown): string => textAt(status, 'lastState', 'terminated', 'finishedAt');

const later = (a: string, b: string): string => (b > a ? b : a);

function summary(pod: ApiObject): Summary {
  const phase = textAt(pod, 'status', 'phase');
  const inits = listAt(pod, 'spec', 'initContainers');
  const total = listAt(pod, 'spec', 'containers').length + inits.filter(isRestartable).length;
  let reason = textAt(pod, 'status', 'reason') || phase;
  if (textAt(conditionOf(pod, 'PodScheduled'), 'reason') === 'SchedulingGated') reason = 'SchedulingGated';
  const init = initialization(pod, inits);
  reason = init.reason ?? reason;
  const main = init.reason === undefined || textAt(conditionOf(pod, 'Initialized'), 'status') === 'True';
  const running = main ? containers(pod, reason) : { reason, ready: 0, restarts: 0, lastRestart: '' };
  reason = running.reason;
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (textAt(pod, 'status', 'reason') === 'NodeLost') reason = 'Unknown';
    else if (phase !== 'Failed' && phase !== 'Succeeded') reason = 'Terminating';
  }
  return {
    ready: init.ready + running.ready,
    total,
    reason,
    restarts: running.restarts + (main ? init.sidecarRestarts : init.restarts),
    lastRestart: later(running.lastRestart, main ? init.sidecarRestart : init.lastRestart),
  };
}

/** What the first init container that is not done says; and of those that go on running, how they do. */
function initialization(pod: ApiObject, inits: readonly unknown[]) {
  const result = {
    reason: undefined as string | undefined,
    ready: 0,
    restarts: 0,
    lastRestart: '',
    sidecarRestarts: 0,
    sidecarRestart: '',
  };
  for (const [index, status] of listAt(pod, 'status', 'initContainerStatuses').entries()) {
    result.restarts += count(valueAt(status, 'restartCount'));
    result.lastRestart = later(result.lastRestart, finishedAt(status));
    const sidecar = isRestartable(inits.find((container) => textAt(container, 'name') === textAt(status, 'name')));
    if (sidecar) {
      result.sidecarRestarts += count(valueAt(status, 'restartCount'));
      result.sidecarRestart = later(result.sidecarRestart, finishedAt(status));
    }
    const terminated = valueAt(status, 'state', 'terminated');
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    if (isObject(terminated) && count(terminated.exitCode) === 0) continue;
    if (sidecar && valueAt(status, 'started') === true) {
      if (valueAt(status, 'ready') === true) result.ready++;
      continue;
    }
    if (isObject(terminated)) result.reason = `Init:${endOf(terminated)}`;
    else if (waiting !== '' && waiting !== 'PodInitializing') result.reason = `Init:${waiting}`;
    else result.reason = `Init:${index}/${inits.length}`;
    break;
  }
  return result;
}

function endOf(terminated: Json): string {
  const reason = textAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = count(terminated.signal);
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${count(terminated.exitCode)}`;
}

function containers(pod: ApiObject, before: string) {
  let reason = before;
  let errorReason = '';
  let hasRunning = false;
  const result = { ready: 0, restarts: 0, lastRestart: '' };
  for (const status of [...listAt(pod, 'status', 'containerStatuses')].reverse()) {
    result.restarts += count(valueAt(status, 'restartCount'));
    result.lastRestart = later(result.lastRestart, finishedAt(status));
    const terminated = valueAt(status, 'state', 'terminated');
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    if (waiting !== '') reason = waiting;
    else if (isObject(terminated)) {
      reason = endOf(terminated);
      if (count(terminated.exitCode) !== 0) errorReason = reason;
    } else if (valueAt(status, 'ready') === true && isObject(valueAt(status, 'state', 'running'))) {
      hasRunning = true;
      result.ready++;
    }
  }
  if (reason === 'Completed') {
    if (hasRunning && textAt(conditionOf(pod, 'Ready'), 'status') === 'True') reason = 'Running';
    else if (errorReason !== '') reason = errorReason;
    else if (hasRunning) reason = 'NotReady';
  }
  return { ...result, reason };
}

function readinessGates(pod: ApiObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return '<none>';
  const passed = gates.filter((gate) => textAt(conditionOf(pod, textAt(gate, 'conditionType')), 'status') === 'True');
  return `${passed.length}/${gates.length}`;
}
