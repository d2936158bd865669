import { expect, it } from 'vitest';
import type { UpdateError } from '../bgp/packet/update-error.ts';
import type { Logger } from '../io/logger.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { UpdateErrorLog } from './update-error-log.ts';

const error = (over: Partial<UpdateError> = {}): UpdateError => ({
  action: 'treat-as-withdraw',
  attribute: 2,
  subcode: 11,
  message: 'AS_PATH: AS path: AS 0 (RFC 7607)',
  data: new Uint8Array([2, 1, 0, 0, 0, 0]),
  ...over,
});

it('has a line per kind and interval, the octets in hex up to 64', () => {
  const clock = new VirtualClock();
  const lines: Record<string, unknown>[] = [];
  const log = { warn: (line: Record<string, unknown>) => void lines.push(line) } as unknown as Logger;
  const errors = new UpdateErrorLog(log, clock);
  errors.write(error());
  for (let i = 0; i < 1_000; i++) errors.write(error());
  errors.write(error({ action: 'session-reset', attribute: null, data: new Uint8Array(4_000).fill(0xab) }));
  clock.advance(10_000);
  errors.write(error());
  expect(lines).toMatchObject([
    { event: 'updateError', action: 'treat-as-withdraw', attribute: 'AS_PATH', hex: '020100000000', length: 6 },
    { action: 'session-reset', attribute: 'message', hex: 'ab'.repeat(64), length: 4_000 },
    { attribute: 'AS_PATH', suppressed: 1_000 },
  ]);
  expect(lines[0]).not.toHaveProperty('suppressed');
});
