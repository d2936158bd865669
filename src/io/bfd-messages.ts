/**
 * What the main thread and the BFD worker say to each other. Everything can be cloned: keys cross as text, since a `Secret` cannot.
 *
 * The main thread decides which sessions there are, the worker which state they are in.
 */
import type { AuthenticationType } from '../bfd/authentication-section.ts';
import type { DropReason } from '../bfd/drop-reason.ts';
import type { EchoState } from '../bfd/echo.ts';
import type { SessionConfig, SessionSnapshot, SessionStatus, StateChange } from '../bfd/session.ts';
import type { SessionPath } from '../bfd/session-table.ts';

/** {@link SessionConfig} as a message. */
export type ClonedSessionConfig = Omit<SessionConfig, 'authentication'> & {
  readonly authentication: {
    readonly type: AuthenticationType;
    readonly keys: readonly { readonly id: number; readonly secret: string }[];
    readonly sendKeyId: number;
  } | null;
};

/** What a session of a worker that has died leaves to the next one, so that the neighbor notices nothing. */
export interface Legacy {
  readonly localDiscr: number;
  /** Null where no socket could be opened yet. */
  readonly sourcePort: number | null;
  readonly snapshot: SessionSnapshot;
}

/** A session has a number as its name, which the main thread gives. */
export interface AddSession {
  readonly type: 'add';
  readonly id: number;
  readonly path: SessionPath;
  /** The name of the interface to send by; null: by route. */
  readonly device: string | null;
  /** Receives on the path's own address alone, so that others of this machine can have the port on theirs. */
  readonly onOwnAddress: boolean;
  readonly config: ClonedSessionConfig;
  readonly legacy: Legacy | null;
  /** Of the neighbor, where Echo packets are to be sent and it is known. */
  readonly linkAddress: Uint8Array | null;
}

export type ToWorker =
  | AddSession
  | { readonly type: 'update'; readonly id: number; readonly config: ClonedSessionConfig }
  /** The neighbor has this link address. */
  | { readonly type: 'neighbor'; readonly id: number; readonly linkAddress: Uint8Array }
  /** AdminDown for as long as the neighbor needs to hear it, then no more. */
  | { readonly type: 'remove'; readonly id: number }
  | { readonly type: 'disable' | 'enable' | 'pathDown'; readonly id: number }
  | { readonly type: 'status'; readonly request: number }
  /** Removes every session, at most so long, and ends. */
  | { readonly type: 'end'; readonly limitMs: number };

export interface SessionReport {
  readonly id: number;
  readonly status: SessionStatus;
  readonly sourcePort: number | null;
}

/** The least real-time priority there is: it comes before everything that has none. */
export const BFD_PRIORITY = 1;

/** How urgent the worker is to the kernel. */
export type Scheduling =
  | { readonly policy: 'realTime' }
  /** Without the capability: it shares the processor with everything else, and fast intervals may suffer. */
  | { readonly policy: 'normal'; readonly because: string };

/** Why a session cannot send or receive as it should. */
export interface SocketProblem {
  readonly syscall: string;
  readonly code: string;
}

export interface WorkerReport {
  readonly sessions: readonly SessionReport[];
  /** Packets that were dropped, for sessions or for none. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly scheduling: Scheduling;
}

export type FromWorker =
  | { readonly type: 'ready'; readonly scheduling: Scheduling }
  | { readonly type: 'opened' | 'closing'; readonly fd: number }
  | { readonly type: 'refused'; readonly id: number; readonly because: string }
  | { readonly type: 'stateChanged'; readonly id: number; readonly change: StateChange }
  | { readonly type: 'echoChanged'; readonly id: number; readonly state: EchoState }
  /** Null: it is over. */
  | { readonly type: 'echoProblem'; readonly id: number; readonly problem: SocketProblem | null }
  /** Of sessions that are coming or up, when it has changed; null where a successor had better begin anew. */
  | { readonly type: 'legacy'; readonly id: number; readonly legacy: Legacy | null; readonly detectionTimeMs: number }
  /** Null: it is over. */
  | { readonly type: 'problem'; readonly id: number; readonly problem: SocketProblem | null }
  | { readonly type: 'status'; readonly request: number; readonly report: WorkerReport };
