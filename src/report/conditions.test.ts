import { describe, expect, it } from 'vitest';
import type { Finding, Severity } from '../config/problem.ts';
import { MAX_CONDITION_MESSAGE } from '../crd/condition.ts';
import { conditionsOf, eventsOfConditions, readConditions, stateOf } from './conditions.ts';

const finding = (severity: Severity, message: string, rule = 'bad-range'): Finding => ({
  rule,
  severity,
  message,
  help: 'put it right',
  object: { kind: 'IPAddressPool', namespace: 'metallb-system', name: 'web' },
  path: ['spec', 'addresses', 0],
});

const [THEN, NOW] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];

describe('the conditions of an object', () => {
  it('are Accepted alone where nothing was found but infos', () => {
    expect(conditionsOf([finding('info', 'well')], 3, [], NOW)).toEqual([
      {
        type: 'Accepted',
        status: 'True',
        reason: 'Accepted',
        message: '',
        observedGeneration: 3,
        lastTransitionTime: NOW,
      },
    ]);
  });

  it('name field and remedy of every error, and the warnings beside them', () => {
    const found = [finding('error', 'no range'), finding('warning', 'odd'), finding('error', 'no range')];
    expect(conditionsOf(found, 0, [], NOW)).toEqual([
      {
        type: 'Accepted',
        status: 'False',
        reason: 'Invalid',
        message: 'spec.addresses[0]: no range (put it right)',
        lastTransitionTime: NOW,
      },
      {
        type: 'Warnings',
        status: 'True',
        reason: 'Found',
        message: 'spec.addresses[0]: odd (put it right)',
        lastTransitionTime: NOW,
      },
    ]);
    expect(stateOf(found)).toBe('Invalid');
  });

  it('say when an earlier version counts', () => {
    const found = [finding('error', 'no range'), finding('warning', 'kept', 'last-good-version')];
    expect(conditionsOf(found, 1, [], NOW)).toEqual([
      expect.objectContaining({ reason: 'LastGoodVersion', message: expect.stringContaining('stays in force') }),
    ]);
  });

  it('keep their time until the status moves', () => {
    const before = conditionsOf([finding('error', 'no range')], 1, [], THEN);
    expect(conditionsOf([finding('error', 'worse')], 2, before, NOW)[0]?.lastTransitionTime).toBe(THEN);
    expect(conditionsOf([], 3, before, NOW)[0]?.lastTransitionTime).toBe(NOW);
  });

  it('fit into what the API takes', () => {
    const found = Array.from({ length: 2_000 }, (_, i) => finding('error', `fault ${i}`));
    for (const more of [[], [finding('warning', 'kept', 'last-good-version')]]) {
      const [accepted] = conditionsOf([...found, ...more], 1, [], NOW);
      expect(accepted?.message.length).toBe(MAX_CONDITION_MESSAGE);
      expect(accepted?.message).toMatch(/^spec.addresses\[0\]: fault 0 /);
    }
  });

  it('are read from any status without a fault', () => {
    for (const conditions of [undefined, null, 'x', [null, 1, {}, { type: 'A' }]])
      expect(readConditions({ conditions })).toEqual([]);
  });
});

describe('events', () => {
  const good = conditionsOf([], 1, [], THEN);
  const bad = conditionsOf([finding('error', 'no range')], 1, [], THEN);
  const odd = conditionsOf([finding('warning', 'odd')], 1, [], THEN);

  it('are told of what is new, of what is gone, and of nothing twice', () => {
    const reasons = (before: typeof good, after: typeof good) =>
      eventsOfConditions(before, after).map(({ reason }) => reason);
    expect(reasons([], good)).toEqual([]);
    expect(reasons([], bad)).toEqual(['ConfigurationError']);
    expect(reasons(bad, bad)).toEqual([]);
    expect(reasons(bad, good)).toEqual(['ConfigurationAccepted']);
    expect(reasons(good, odd)).toEqual(['ConfigurationWarning']);
    expect(reasons(odd, odd)).toEqual([]);
    expect(reasons(odd, good)).toEqual([]);
  });
});
