/** Pods and what makes them (Deployment, DaemonSet, ReplicaSet): the defaults that one sees, and the checks that one runs into (apis/apps, apis/core). */
import { type Draft, draftAt, draftsIn, isObject, listAt, objectAt, sameJson, setDefault, textAt } from '../json.ts';
import { type FieldError, invalidValue, required } from '../status.ts';
import type { ApiObject, Json } from '../types.ts';
import { nameProblem } from './names.ts';
import { PLAIN, type Strategy } from './strategy.ts';

function preparePodSpec(spec: Draft): void {
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'schedulerName', 'default-scheduler');
  setDefault(spec, 'securityContext', {});
  for (const container of [...draftsIn(spec, 'containers'), ...draftsIn(spec, 'initContainers')]) {
    const image = textAt(container, 'image');
    const latest = /:latest$/.test(image) || !/:[^/]+$/.test(image);
    setDefault(container, 'imagePullPolicy', latest ? 'Always' : 'IfNotPresent');
    setDefault(container, 'resources', {});
    setDefault(container, 'terminationMessagePath', '/dev/termination-log');
    setDefault(container, 'terminationMessagePolicy', 'File');
    for (const port of draftsIn(container, 'ports')) setDefault(port, 'protocol', 'TCP');
    for (const variable of draftsIn(container, 'env'))
      if (isObject(objectAt(variable, 'valueFrom').fieldRef))
        setDefault(draftAt(variable, 'valueFrom', 'fieldRef'), 'apiVersion', 'v1');
    for (const probe of PROBES) if (isObject(container[probe])) prepareProbe(draftAt(container, probe));
  }
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];

function prepareProbe(probe: Draft): void {
  setDefault(probe, 'timeoutSeconds', 1);
  setDefault(probe, 'periodSeconds', 10);
  setDefault(probe, 'successThreshold', 1);
  setDefault(probe, 'failureThreshold', 3);
  if (!isObject(probe.httpGet)) return;
  const get = draftAt(probe, 'httpGet');
  setDefault(get, 'path', '/');
  setDefault(get, 'scheme', 'HTTP');
}

function validatePodSpec(spec: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const containers = listAt(spec, 'containers');
  if (containers.length === 0) errors.push(required(`${at}.containers`));
  containers.forEach((container, index) => {
    const name = textAt(container, 'name');
    const wrong = nameProblem('label', name);
    if (name === '') errors.push(required(`${at}.containers[${index}].name`));
    else if (wrong !== undefined) errors.push(invalidValue(`${at}.containers[${index}].name`, name, wrong));
    if (textAt(container, 'image') === '') errors.push(required(`${at}.containers[${index}].image`));
  });
  return errors;
}

export const POD: Strategy = {
  ...PLAIN,
  prepare(draft, old) {
    const spec = draftAt(draft, 'spec');
    preparePodSpec(spec);
    setDefault(spec, 'enableServiceLinks', true);
    // Of a Pod alone: a template keeps what was written.
    if (spec.hostNetwork === true)
      for (const container of [...draftsIn(spec, 'containers'), ...draftsIn(spec, 'initContainers')])
        for (const port of draftsIn(container, 'ports')) setDefault(port, 'hostPort', port.containerPort);
    if (spec.serviceAccountName === undefined) spec.serviceAccountName = 'default';
    spec.serviceAccount = spec.serviceAccountName;
    if (old === null) draft.status = { phase: 'Pending', qosClass: 'BestEffort' };
  },
  validate: (object) => validatePodSpec(objectAt(object, 'spec'), 'spec'),
};

/** `matchLabels` alone is looked at: what selects by expressions is not compared with the template. */
function validateSelector(object: ApiObject, old: ApiObject | null): FieldError[] {
  const selector = objectAt(object, 'spec', 'selector');
  const wanted = Object.entries(objectAt(selector, 'matchLabels'));
  if (wanted.length === 0 && listAt(selector, 'matchExpressions').length === 0) return [required('spec.selector')];
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  if (!wanted.every(([key, value]) => labels[key] === value))
    return [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
  if (old !== null && !sameJson(selector, objectAt(old, 'spec', 'selector')))
    return [invalidValue('spec.selector', selector, 'field is immutable')];
  return [];
}

function workload(prepare: (spec: Draft) => void): Strategy {
  return {
    ...PLAIN,
    generation: true,
    prepare(draft) {
      const spec = draftAt(draft, 'spec');
      prepare(spec);
      const template = draftAt(spec, 'template');
      preparePodSpec(draftAt(template, 'spec'));
      setDefault(draft, 'status', {});
    },
    validate: (object, old) => [
      ...validateSelector(object, old),
      ...validateReplicas(object),
      ...validatePodSpec(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec'),
    ],
  };
}

function validateReplicas(object: ApiObject): FieldError[] {
  const replicas = objectAt(object, 'spec').replicas;
  return replicas === undefined || (Number.isInteger(replicas) && (replicas as number) >= 0)
    ? []
    : [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')];
}

function rollingUpdate(spec: Draft, field: string, maxSurge: unknown, maxUnavailable: unknown): void {
  const strategy = draftAt(spec, field);
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type !== 'RollingUpdate') return;
  const rolling = draftAt(strategy, 'rollingUpdate');
  setDefault(rolling, 'maxSurge', maxSurge);
  setDefault(rolling, 'maxUnavailable', maxUnavailable);
}

export const DEPLOYMENT: Strategy = workload((spec) => {
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(spec, 'progressDeadlineSeconds', 600);
  rollingUpdate(spec, 'strategy', '25%', '25%');
});

export const DAEMON_SET: Strategy = workload((spec) => {
  setDefault(spec, 'revisionHistoryLimit', 10);
  rollingUpdate(spec, 'updateStrategy', 0, 1);
});

export const REPLICA_SET: Strategy = workload((spec) => setDefault(spec, 'replicas', 1));

/** Whether a pod waits for its kubelet when it is deleted: one that no node has is gone at once. */
export const isScheduled = (pod: ApiObject): boolean => isObject(pod.spec) && textAt(pod.spec, 'nodeName') !== '';
