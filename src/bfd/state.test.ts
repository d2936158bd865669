import { describe, expect, it } from 'vitest';
import { diagnosticName, STATES, type State, transitionOn } from './state.ts';

/** RFC 5880 section 6.8.6, read aloud: a row is our state, a column the received one; the number is bfd.LocalDiag. */
const RFC: Record<State, Record<State, string>> = {
  AdminDown: { AdminDown: '-', Down: '-', Init: '-', Up: '-' },
  Down: { AdminDown: '-', Down: 'Init', Init: 'Up 0', Up: '-' },
  Init: { AdminDown: 'Down 3', Down: '-', Init: 'Up 0', Up: 'Up 0' },
  Up: { AdminDown: 'Down 3', Down: 'Down 3', Init: '-', Up: '-' },
};

describe('the state machine', () => {
  it.each(STATES.flatMap((local) => STATES.map((received) => [local, received] as const)))(
    'in %s, on %s',
    (local, received) => {
      const transition = transitionOn(local, received);
      const said = transition === null ? '-' : `${transition.to} ${transition.diagnostic ?? ''}`.trim();
      expect(said).toBe(RFC[local][received]);
    },
  );

  it('names diagnostics as the RFC does, and those that it reserves', () => {
    expect(diagnosticName(1)).toBe('Control Detection Time Expired');
    expect(diagnosticName(31)).toBe('Reserved (31)');
  });
});
