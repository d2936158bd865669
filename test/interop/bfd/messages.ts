/** What the tests say to `end.ts`, and what it says to them. */
import type { AuthenticationType } from '../../../src/bfd/authentication-section.ts';
import type { DropReason } from '../../../src/bfd/drop-reason.ts';
import type { EchoState } from '../../../src/bfd/echo.ts';
import type { State } from '../../../src/bfd/state.ts';
import type { Scheduling, SessionReport } from '../../../src/io/bfd-messages.ts';

export interface EndSession {
  readonly name: string;
  readonly remote: string;
  readonly local: string;
  readonly device?: string;
  /** Of the device: link-local addresses need it. */
  readonly interfaceIndex?: number;
  /** Makes it a multihop session. */
  readonly minimumTtl?: number;
  readonly desiredMinTxMs: number;
  readonly requiredMinRxMs: number;
  readonly detectMult: number;
  readonly passive?: boolean;
  readonly requiredMinEchoRxMs?: number;
  /** Sends Echo packets, which needs the index of the interface. */
  readonly echoMs?: number;
  readonly authentication?: { readonly type: AuthenticationType; readonly keyId: number; readonly key: string };
}

export type EndCommand =
  | { readonly do: 'report' | 'killWorker' | 'end' }
  | { readonly do: 'block'; readonly ms: number }
  | { readonly do: 'update'; readonly session: EndSession }
  | { readonly do: 'disable' | 'enable' | 'pathDown' | 'remove'; readonly name: string };

export type EndLine =
  | { readonly event: 'ready'; readonly scheduling: Scheduling }
  | { readonly event: 'workerDied' | 'blocked' }
  | {
      readonly event: 'state';
      readonly name: string;
      readonly state: State;
      readonly localDiag: number;
      readonly remoteSessionState: State;
      readonly atMs: number;
    }
  | { readonly event: 'echo'; readonly name: string; readonly state: EchoState; readonly atMs: number }
  | { readonly event: 'problem'; readonly name: string; readonly code: string | null }
  | { readonly event: 'refused'; readonly name: string; readonly because: string }
  | {
      readonly event: 'report';
      readonly sessions: Readonly<Record<string, SessionReport | undefined>>;
      readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
    };
