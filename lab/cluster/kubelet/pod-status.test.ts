import { expect, it } from 'vitest';
import type { ContainerState, ContainerStatus } from './container.ts';
import type { Pod } from './pod.ts';
import { type PodFacts, phaseOf, podStatus } from './pod-status.ts';

const date = new Date(Date.UTC(2026, 0, 1));
const running: ContainerState = { type: 'running', startedAt: date };
const ended = (exitCode: number): ContainerState => ({
  type: 'terminated',
  exitCode,
  startedAt: date,
  finishedAt: date,
});
const waiting: ContainerState = { type: 'waiting', reason: 'ContainerCreating' };

const status = (state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'c',
  image: 'i',
  state,
  last: undefined,
  restartCount: 0,
  started: state.type === 'running',
  ready: state.type === 'running',
  ...more,
});

const facts = (containers: readonly ContainerStatus[], more: Partial<PodFacts> = {}): PodFacts => ({
  startTime: '2026-01-01T00:00:00Z',
  hostIps: ['192.0.2.1'],
  podIps: ['10.0.0.1', 'fd00::1'],
  initContainers: [],
  containers,
  initialized: true,
  now: '2026-01-01T00:00:09Z',
  ...more,
});

it.each([
  [[running], 'Always', 'Running'],
  [[waiting, running], 'Always', 'Running'],
  [[waiting], 'Always', 'Pending'],
  [[ended(1)], 'Always', 'Running'],
  [[ended(0)], 'Never', 'Succeeded'],
  [[ended(0), ended(1)], 'Never', 'Failed'],
  [[ended(0)], 'OnFailure', 'Succeeded'],
  [[ended(1)], 'OnFailure', 'Running'],
] as const)('%j under %s is %s', (states, policy, expected) => {
  expect(phaseOf(facts(states.map((state) => status(state))), policy)).toBe(expected);
});

it('is pending until the init containers have succeeded, and failed when one has for good', () => {
  expect(phaseOf(facts([status(waiting)], { initialized: false }), 'Always')).toBe('Pending');
  const failed = { initialized: false, initContainers: [status(ended(1))] };
  expect(phaseOf(facts([status(waiting)], failed), 'Never')).toBe('Failed');
});

it('keeps conditions of others, and the time of those that did not change', () => {
  const conditions = [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' },
    { type: 'Ready', status: 'True', lastTransitionTime: '2025-01-01T00:00:01Z' },
    { type: 'ContainersReady', status: 'False', lastTransitionTime: '2025-01-01T00:00:02Z' },
  ] as const;
  const pod = { metadata: { name: 'p', uid: 'u' }, spec: { nodeName: 'n', containers: [] }, status: { conditions } };
  const times = (podStatus(pod as Pod, facts([status(running)])).conditions as Record<string, unknown>[]).map(
    ({ type, status: is, lastTransitionTime }) => [type, is, lastTransitionTime],
  );
  expect(times).toEqual([
    ['PodReadyToStartContainers', 'True', '2026-01-01T00:00:09Z'],
    ['Initialized', 'True', '2026-01-01T00:00:09Z'],
    ['Ready', 'True', '2025-01-01T00:00:01Z'],
    ['ContainersReady', 'True', '2026-01-01T00:00:09Z'],
    ['PodScheduled', 'True', '2025-01-01T00:00:00Z'],
  ]);
});

it('is not ready while a container is not, and names it', () => {
  const pod = { metadata: { name: 'p' }, spec: { nodeName: 'n', containers: [] } } as unknown as Pod;
  const told = podStatus(pod, facts([status(running, { name: 'a' }), status(running, { name: 'b', ready: false })]));
  expect((told.conditions as { type: string; message?: string }[]).find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [b]',
  });
});
