/** What the demo and its router processes tell each other (over Node's IPC channel, so that keys are on no command line). */
import type { BfdProfile } from '../config/bfd-profile.ts';
import type { TableEntry } from './router-table.ts';

/** A node as the router knows it: the guide's address, and the loopback address that stands for it. */
export interface NeighborConfig {
  readonly name: string;
  /** As the guide has it. */
  readonly address: string;
  /** Where its connections really come from. */
  readonly source: string;
  readonly asn: number;
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  /** The MD5 key; null for none. */
  readonly password: string | null;
  /** What the nodes watch the session by; null or unset: no BFD. */
  readonly bfd?: BfdProfile | null;
}

export interface RouterConfig {
  readonly name: string;
  readonly asn: number;
  /** The guide's address, which is the router ID too. */
  readonly address: string;
  /** The loopback address and port that stand for it. */
  readonly listen: { readonly address: string; readonly port: number };
  readonly neighbors: readonly NeighborConfig[];
}

export interface NeighborState {
  readonly name: string;
  readonly state: string;
  /** How often the session came up. */
  readonly establishedCount: number;
  readonly updatesReceived: number;
  readonly notificationsReceived: number;
}

/** A change in what the router would forward to, in the order in which it happened. */
export interface RouteEvent {
  readonly prefix: string;
  readonly neighbor: string;
  readonly change: 'added' | 'replaced' | 'removed';
}

export interface ToRouter {
  readonly type: 'start';
  readonly config: RouterConfig;
}

export type FromRouter =
  | { readonly type: 'listening' }
  | { readonly type: 'failed'; readonly message: string }
  | {
      readonly type: 'changed';
      readonly table: readonly TableEntry[];
      readonly neighbors: readonly NeighborState[];
      /** Since the message before. */
      readonly events: readonly RouteEvent[];
    };
