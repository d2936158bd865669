/**
 * Why a BFD session is not Up, and what to do: one cause out of a closed list. Pure.
 *
 * The list with all of its meanings is in `docs/reference/bfd.md`, and a test holds the two together.
 */
import type { SessionStatus, StateChange } from '../../bfd/session.ts';
import type { SessionPath } from '../../bfd/session-table.ts';
import { Diagnostic, diagnosticName, type State } from '../../bfd/state.ts';
import { MULTIHOP_PORT, SINGLE_HOP_PORT } from '../../io/bfd-engine.ts';
import type { SocketProblem } from '../../io/bfd-messages.ts';

export const BFD_CAUSES = [
  'noLocalAddress',
  'notPossible',
  'portTaken',
  'socketFailed',
  'bgpNotUp',
  'ttlTooLow',
  'noPacket',
  'routerAdminDown',
  'detectionTimeExpired',
  'echoFailed',
  'routerSaysDown',
  'pathDown',
  'handshake',
] as const;

export type BfdCauseName = (typeof BFD_CAUSES)[number];

export interface BfdCause {
  readonly cause: BfdCauseName;
  readonly message: string;
  /** What the user can do about it. */
  readonly help: string;
}

/** What is known of a session that is not Up. */
export interface BfdFacts {
  readonly peerAddress: string;
  readonly passive: boolean;
  /** It is AdminDown until the BGP session is first Established, or for some seconds. */
  readonly waitsForBgp: boolean;
  /** Null: it is not known yet from which address it would run. */
  readonly path: SessionPath | null;
  readonly state: State;
  readonly problem: SocketProblem | null;
  readonly refused: string | null;
  /** As it was last reported; null before that. */
  readonly status: SessionStatus | null;
  /** Of the state; null where it never changed. */
  readonly lastChange: StateChange | null;
}

/** The cause; null where the session is Up. */
export function bfdCauseOf(facts: BfdFacts): BfdCause | null {
  const { state, path, peerAddress, problem, refused, status } = facts;
  if (state === 'Up') return null;
  if (refused !== null)
    return {
      cause: 'notPossible',
      message: `there can be no BFD session with ${peerAddress}: ${refused}`,
      help: 'look whether another BGPPeer has this router address: BFD watches one address once',
    };
  if (path === null)
    return {
      cause: 'noLocalAddress',
      message: `this node has no route to ${peerAddress}, and so no address for BFD with it`,
      help: "check the address, the node's routes and the link to the router",
    };
  const port = path.type === 'singleHop' ? SINGLE_HOP_PORT : MULTIHOP_PORT;
  if (problem !== null) return problemCause(problem, port, peerAddress);
  if (facts.waitsForBgp)
    return {
      cause: 'bgpNotUp',
      message: `BFD with ${peerAddress} begins when the BGP session is first Established, or ten seconds after the start`,
      help: 'look why the BGP session is not up; to begin with BFD, set strictBFD: true in the BGPPeer',
    };
  const { lastChange } = facts;
  if (path.type === 'multihop' && status !== null && status.remoteDiscr === 0 && status.lastBadTtl !== null)
    return {
      cause: 'ttlTooLow',
      message: `BFD packets of ${peerAddress} arrive with TTL ${status.lastBadTtl}, and minimumTtl of the BFDProfile is ${path.minimumTtl}`,
      help: `set minimumTtl to ${status.lastBadTtl} or less, if the router is as many hops away as that means or sends with a lower TTL than 255 (BIRD 2 sends 64)`,
    };
  if (lastChange?.remoteSessionState === 'AdminDown')
    return {
      cause: 'routerAdminDown',
      message: `BFD is shut down on ${peerAddress} (AdminDown)`,
      help: 'it comes back when the router takes that back; the BGP session goes on without it',
    };
  if (status !== null && status.remoteDiscr !== 0 && state !== 'Down') return handshake(peerAddress);
  if (lastChange !== null && lastChange.from === 'Up') return downCause(lastChange.localDiag, peerAddress);
  if (status !== null && status.remoteDiscr !== 0) return handshake(peerAddress);
  return silentCause(facts, port);
}

const handshake = (peerAddress: string): BfdCause => ({
  cause: 'handshake',
  message: `BFD packets of ${peerAddress} arrive; the three-way handshake is not over`,
  help: 'look again in a few seconds; if it stays, packets of this node do not reach the router, or its BFD drops them',
});

function problemCause({ syscall, code }: SocketProblem, port: number, peerAddress: string): BfdCause {
  if (code === 'EADDRINUSE')
    return {
      cause: 'portTaken',
      message: `UDP port ${port} of this node is taken (${code}): another program runs BFD here`,
      help: 'end the other BFD on this node (bfdd of FRR, BIRD): two cannot share the port; ours begins by itself when it is free',
    };
  return {
    cause: 'socketFailed',
    message: `BFD packets to ${peerAddress} cannot be sent (${syscall}: ${code})`,
    help: "check the node's addresses, routes and the link to the router; it is tried again every second",
  };
}

function downCause(diagnostic: number, peerAddress: string): BfdCause {
  const went = (cause: BfdCauseName, message: string, help: string): BfdCause => ({ cause, message, help });
  switch (diagnostic) {
    case Diagnostic.ControlDetectionTimeExpired:
      return went(
        'detectionTimeExpired',
        `no BFD packet of ${peerAddress} for the detection time`,
        'check the path to the router and whether the router runs',
      );
    case Diagnostic.EchoFunctionFailed:
      return went(
        'echoFailed',
        `no BFD Echo packet came back from ${peerAddress} for the echo interval times the detect multiplier`,
        'check the path to the router, and whether it still forwards; BFD comes back by its Control packets, and without Echo where none return',
      );
    case Diagnostic.NeighborSignaledSessionDown:
      return went(
        'routerSaysDown',
        `${peerAddress} says that BFD is down`,
        'packets of this node did not arrive there, or its BFD was restarted: check the path and the log of the router',
      );
    case Diagnostic.PathDown:
      return went('pathDown', `the link to ${peerAddress} is down`, 'check the interface and its cable');
    default:
      return went(
        'routerSaysDown',
        `BFD with ${peerAddress} went down (${diagnosticName(diagnostic)})`,
        'check the path to the router, and its log',
      );
  }
}

function silentCause({ passive, peerAddress }: BfdFacts, port: number): BfdCause {
  return {
    cause: 'noPacket',
    message: `no BFD packet from ${peerAddress} on UDP port ${port}${passive ? ', and passiveMode waits for the first' : ''}`,
    help: `enable BFD on the router for this node${port === MULTIHOP_PORT ? ' over several hops (it is on no subnet of this node)' : ''}, and let UDP port ${port} pass in both directions; the BGP session goes on by its hold time unless strictBFD is set`,
  };
}

/** In words, for the NOTIFICATION's log and the session's cause. */
export const describeChange = ({ localDiag, remoteDiag }: StateChange): string =>
  localDiag === Diagnostic.NeighborSignaledSessionDown && remoteDiag !== 0
    ? `${diagnosticName(localDiag)}, whose own diagnostic is ${diagnosticName(remoteDiag)}`
    : diagnosticName(localDiag);
