import { expect, it } from 'vitest';
import { exitStatus, withTerminal } from './exec-session.ts';

it('tells kubectl the exit code as it reads it', () => {
  expect(exitStatus(0)).toEqual({ metadata: {}, status: 'Success' });
  expect(exitStatus(3)).toMatchObject({
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  });
});

it('quotes the command that a terminal is for', () => {
  expect(withTerminal(['echo', "it's", '$HOME'])).toContain("'echo' 'it'\\''s' '$HOME'");
});
