/**
 * What is said of the Echo function of a session whose profile asks for it: in which state it is, and why it does not watch the path. Pure.
 *
 * The list with all of its meanings is in `docs/reference/bfd.md`, and a test holds the two together.
 */
import type { EchoState } from '../../bfd/echo.ts';
import { echoLinkOf } from '../../bfd/echo-path.ts';
import type { SessionStatus } from '../../bfd/session.ts';
import type { SessionPath } from '../../bfd/session-table.ts';
import type { State } from '../../bfd/state.ts';
import type { SocketProblem } from '../../io/bfd-messages.ts';

export const ECHO_CAUSES = [
  'severalHops',
  'ipv6',
  'linkUnknown',
  'socketFailed',
  'sessionNotUp',
  'routerTakesNone',
  'demandMode',
  'noLinkAddress',
  'probing',
  'notReturned',
] as const;

export type EchoCauseName = (typeof ECHO_CAUSES)[number];

export interface EchoCause {
  readonly cause: EchoCauseName;
  readonly message: string;
  /** What the user can do about it; null where there is nothing to be done. */
  readonly help: string | null;
}

export interface EchoView {
  readonly state: EchoState;
  /** Null while it is active. */
  readonly cause: EchoCause | null;
}

/** What is known of it. */
export interface EchoFacts {
  readonly peerAddress: string;
  /** Null: it is not known yet from which address the session would run. */
  readonly path: SessionPath | null;
  readonly state: State;
  /** As it was last told. */
  readonly echo: EchoState;
  readonly problem: SocketProblem | null;
  /** As it was last reported; null before that. */
  readonly status: SessionStatus | null;
}

export function echoViewOf(facts: EchoFacts): EchoView {
  const { echo } = facts;
  if (echo === 'active') return { state: echo, cause: null };
  const cause = causeOf(facts);
  const [message, help] = TEXT[cause](facts);
  return { state: echo, cause: { cause, message, help } };
}

function causeOf({ path, state, echo, problem, status }: EchoFacts): EchoCauseName {
  if (echo === 'probing' || echo === 'notReturned') return echo;
  const link = path === null ? null : echoLinkOf(path);
  if (typeof link === 'string') return link;
  if (problem !== null) return 'socketFailed';
  if (state !== 'Up' || status === null) return 'sessionNotUp';
  if (status.remoteMinEchoRxInterval === 0) return 'routerTakesNone';
  return status.remoteDemandMode ? 'demandMode' : 'noLinkAddress';
}

const TEXT: Readonly<Record<EchoCauseName, (facts: EchoFacts) => readonly [message: string, help: string | null]>> = {
  severalHops: () => [
    'the router is on no subnet of this node, and BFD over several hops has no Echo function (RFC 5883)',
    'set echoMode: false in the BFDProfile; Control packets watch the path',
  ],
  ipv6: () => [
    'Echo packets are sent over IPv4 alone',
    'set echoMode: false in the BFDProfile; Control packets watch the path',
  ],
  linkUnknown: () => ['the kernel has not told on which link the router is', null],
  socketFailed: ({ problem }) => [
    `Echo packets cannot be sent (${problem?.syscall}: ${problem?.code})`,
    problem?.code === 'EPERM'
      ? 'give the container the capability NET_RAW'
      : 'check the interface; it is tried again every second',
  ],
  sessionNotUp: () => ['Echo packets are sent while the BFD session is Up', null],
  routerTakesNone: ({ peerAddress }) => [
    `${peerAddress} says that it takes no Echo packets (Required Min Echo RX Interval 0)`,
    'let BFD on the router take Echo packets (FRR: no `echo receive-interval disabled`), or set echoMode: false in the BFDProfile',
  ],
  demandMode: ({ peerAddress }) => [`${peerAddress} asks for Demand mode`, null],
  noLinkAddress: ({ peerAddress }) => [
    `the kernel knows no link address of ${peerAddress}`,
    'look at `ip neigh` on the node; a link without link addresses (loopback, a tunnel) has no Echo function',
  ],
  probing: () => ['Echo packets are sent; as many have to come back first as may be lost', null],
  notReturned: ({ peerAddress }) => [
    `${peerAddress} says that it takes Echo packets, and returns none: the session depends on Control packets alone`,
    'let the router forward packets by the interface that they came from, with our address as their source (Linux: net.ipv4.ip_forward 1), and let UDP port 3785 pass; it is tried again every second',
  ],
};
