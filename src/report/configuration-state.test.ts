import { describe, expect, it } from 'vitest';
import type { Finding, Severity } from '../config/problem.ts';
import { MAX_CONDITION_MESSAGE } from '../crd/condition.ts';
import type { readConditions } from './conditions.ts';
import { configurationState, stateName, stateObject } from './configuration-state.ts';

const NODE = { type: 'speaker', node: 'node1' } as const;
const [THEN, NOW] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];

const finding = (severity: Severity, message: string): Finding => ({
  rule: 'bad-range',
  severity,
  message,
  help: 'put it right',
  object: { kind: 'IPAddressPool', namespace: 'metallb-system', name: 'web' },
  path: ['spec', 'addresses', 0],
});

const of = (findings: readonly Finding[], before: ReturnType<typeof readConditions> = []) =>
  configurationState(NODE, findings, [], before, NOW) as {
    result: string;
    errorSummary: string;
    conditions: ReturnType<typeof readConditions>;
  };

describe('the ConfigurationState of a process', () => {
  it('is valid where nothing is wrong, and takes away what an earlier writer found', () => {
    expect(of([finding('info', 'odd')])).toEqual({
      result: 'Valid',
      errorSummary: '',
      conditions: [
        {
          type: 'configReconcilerValid',
          status: 'True',
          reason: 'Reconciled',
          message: '',
          lastTransitionTime: NOW,
        },
      ],
    });
    expect(configurationState({ type: 'controller' }, [], [], [], NOW)).toMatchObject({
      conditions: [{ type: 'poolReconcilerValid' }],
    });
  });

  it('names object, field and fault of each error once, and has warnings apart', () => {
    const error = finding('error', 'no range');
    const { result, errorSummary, conditions } = of([error, error, finding('warning', 'odd')]);
    expect(result).toBe('Invalid');
    expect(errorSummary).toBe('configuration error: IPAddressPool web: spec.addresses[0]: no range');
    expect(conditions.map(({ type, status, message }) => [type, status, message])).toEqual([
      ['configReconcilerValid', 'False', errorSummary],
      ['Warnings', 'True', 'IPAddressPool web: spec.addresses[0]: odd'],
    ]);
  });

  it('keeps the time of a condition until its status is another', () => {
    const before = of([]).conditions.map((condition) => ({ ...condition, lastTransitionTime: THEN }));
    expect(of([], before).conditions[0]?.lastTransitionTime).toBe(THEN);
    expect(of([finding('error', 'no range')], before).conditions[0]?.lastTransitionTime).toBe(NOW);
  });

  it('fits into what the API takes, however many faults there are and however long their texts', () => {
    const many = Array.from({ length: 60 }, (_, i) => finding('error', `fault ${i}`));
    expect(of(many).errorSummary).toMatch(/fault 49\nand 10 more$/);
    const long = Array.from({ length: 3 }, (_, i) => finding('error', `${i}${'😀'.repeat(20_000)}`));
    const { errorSummary, conditions } = of([
      ...long,
      ...long.map((one) => ({ ...one, severity: 'warning' as const })),
    ]);
    for (const text of [errorSummary, ...conditions.map(({ message }) => message)]) {
      expect(text.length).toBeGreaterThan(30_000);
      expect(text.length).toBeLessThanOrEqual(MAX_CONDITION_MESSAGE);
      expect(text.isWellFormed()).toBe(true);
    }
  });
});

it('is an object that says whose it is, and goes with its Pod', () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'speaker-a', uid: 'u' };
  expect(stateObject(NODE, 'metallb-system', owner).metadata).toEqual({
    name: 'speaker-node1',
    namespace: 'metallb-system',
    labels: { 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': 'node1' },
    ownerReferences: [owner],
  });
  expect(stateObject({ type: 'controller' }, 'metallb-system', null).metadata).toEqual({
    name: 'controller',
    namespace: 'metallb-system',
    labels: { 'metallb.io/component-type': 'controller' },
  });
  expect(stateName(NODE)).toBe('speaker-node1');
  // The API refuses a label of more than 63 characters, and the whole object with it.
  const long = { type: 'speaker', node: 'n'.repeat(64) } as const;
  expect(stateObject(long, 'metallb-system', null).metadata.labels).toEqual({ 'metallb.io/component-type': 'speaker' });
});
