import { expect, it } from 'vitest';
import type { UpdateError } from './packet/update-error.ts';
import { UpdateErrorCounter } from './update-error-counts.ts';

const error = (action: UpdateError['action'], attribute: number | null): UpdateError => ({
  action,
  attribute,
  subcode: 1,
  message: '',
  data: new Uint8Array(0),
});

it('counts each error by what was done and by what it was found in', () => {
  const counter = new UpdateErrorCounter();
  for (const e of [
    error('treat-as-withdraw', 2),
    error('attribute-discard', 2),
    error('session-reset', null),
    error('treat-as-withdraw', 99),
  ])
    counter.count(e);
  expect(counter.counts).toEqual({
    byAction: { 'session-reset': 1, 'afi-safi-disable': 0, 'treat-as-withdraw': 2, 'attribute-discard': 1 },
    byAttribute: { AS_PATH: 2, message: 1, 'attribute 99': 1 },
  });
});
