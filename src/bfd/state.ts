/** States and diagnostics by the names of RFC 5880 section 4.1, and the state machine of sections 6.2 and 6.8.6 as a table. */

/** bfd.SessionState; the index is the value on the wire. */
export const STATES = ['AdminDown', 'Down', 'Init', 'Up'] as const;
export type State = (typeof STATES)[number];

export const stateCode = (state: State): number => STATES.indexOf(state);

/** bfd.LocalDiag: why the session last changed its state. */
export const Diagnostic = {
  None: 0,
  ControlDetectionTimeExpired: 1,
  EchoFunctionFailed: 2,
  NeighborSignaledSessionDown: 3,
  ForwardingPlaneReset: 4,
  PathDown: 5,
  ConcatenatedPathDown: 6,
  AdministrativelyDown: 7,
  ReverseConcatenatedPathDown: 8,
} as const;
export type Diagnostic = (typeof Diagnostic)[keyof typeof Diagnostic];

const DIAGNOSTIC_NAMES = [
  'No Diagnostic',
  'Control Detection Time Expired',
  'Echo Function Failed',
  'Neighbor Signaled Session Down',
  'Forwarding Plane Reset',
  'Path Down',
  'Concatenated Path Down',
  'Administratively Down',
  'Reverse Concatenated Path Down',
];

/** The RFC's words for a code; 9 to 31 are reserved. */
export const diagnosticName = (code: number): string => DIAGNOSTIC_NAMES[code] ?? `Reserved (${code})`;

/** What a received state makes of ours. */
export interface Transition {
  readonly to: State;
  /** Null leaves bfd.LocalDiag as it is. */
  readonly diagnostic: Diagnostic | null;
}

const to = (state: State, diagnostic: Diagnostic | null = null): Transition => ({ to: state, diagnostic });
const SIGNALED_DOWN = to('Down', Diagnostic.NeighborSignaledSessionDown);
/**
 * The diagnostic of the failure before stays while the session comes back, so that the neighbor can read it, and is over once the session is
 * Up: a row of the RFC's procedure that says nothing of it.
 */
const UP = to('Up', Diagnostic.None);

/** A row for our state, a cell for the received one; null where nothing changes. */
const TABLE: Readonly<Record<State, Readonly<Record<State, Transition | null>>>> = {
  AdminDown: { AdminDown: null, Down: null, Init: null, Up: null },
  Down: { AdminDown: null, Down: to('Init'), Init: UP, Up: null },
  Init: { AdminDown: SIGNALED_DOWN, Down: null, Init: UP, Up: UP },
  Up: { AdminDown: SIGNALED_DOWN, Down: SIGNALED_DOWN, Init: null, Up: null },
};

/** The transition that a valid packet with this state causes (RFC 5880 section 6.8.6). */
export const transitionOn = (local: State, received: State): Transition | null => TABLE[local][received];
