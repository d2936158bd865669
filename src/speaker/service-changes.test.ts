import { expect, it } from 'vitest';
import type { ServiceRow } from '../plan/row.ts';
import { serviceChanges } from './service-changes.ts';

const row = (name: string, ips: readonly string[], message: string | null = null): ServiceRow => ({
  namespace: 'default',
  name,
  state: ips.length > 0 ? 'Assigned' : 'Pending',
  ips,
  pool: ips.length > 0 ? 'pool' : null,
  message,
});

it('finds what was assigned, moved, released and left waiting, and nothing else', () => {
  const before = [
    row('moves', ['10.0.0.1']),
    row('stays', ['10.0.0.2']),
    row('goes', ['10.0.0.3']),
    row('waits', [], 'full'),
  ];
  const after = [
    row('moves', ['10.0.0.9']),
    row('new', ['10.0.0.4']),
    row('stays', ['10.0.0.2']),
    row('waits', [], 'full'),
  ];
  expect(serviceChanges(before, after).map(({ service, before: from, after: to }) => [service, from, to])).toEqual([
    ['default/moves', ['10.0.0.1'], ['10.0.0.9']],
    ['default/new', [], ['10.0.0.4']],
    ['default/goes', ['10.0.0.3'], []],
  ]);
  expect(serviceChanges([row('waits', [], 'full')], [row('waits', [], 'no pool')])).toHaveLength(1);
});

it('says nothing of Services that are none of ours', () => {
  expect(serviceChanges([], [{ ...row('other', []), state: 'Ignored' }])).toEqual([]);
});
