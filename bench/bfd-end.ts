/**
 * Our end of BFD as a process of its own: the driver with its thread, as a speaker has them, and nothing else.
 *
 * Argument: {@link EndOptions} as JSON. Prints a line of JSON for each event; `report` on standard input is answered, its end ends the process.
 */
import { createInterface } from 'node:readline';
import { BfdDriver, type BfdHandle } from '../src/io/bfd-driver.ts';
import { type Ip, parseIp } from '../src/net/ip.ts';
import { systemClock } from '../src/time/clock.ts';

export interface EndOptions {
  /** Whom each session is with, and from which address. */
  readonly sessions: readonly { readonly remote: string; readonly local: string }[];
  readonly device: string;
  readonly intervalMs: number;
  readonly detectMult: number;
}

/** What the process prints; times are of the machine's clock, in milliseconds. */
export type EndEvent =
  | { readonly type: 'scheduling'; readonly policy: string }
  /** Every session is Up, for the first time. */
  | { readonly type: 'allUp' }
  | { readonly type: 'down'; readonly session: number; readonly diagnostic: number; readonly at: number }
  | { readonly type: 'problem'; readonly code: string }
  | {
      readonly type: 'report';
      readonly up: number;
      /** How often any session has left Up. */
      readonly downs: number;
      readonly packets: number;
      readonly worstLatenessMs: number;
      readonly residentMegabytes: number;
    };

const options = JSON.parse(process.argv[2] ?? '') as EndOptions;
const say = (event: EndEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const driver = new BfdDriver({
  clock: systemClock,
  random: Math.random,
  observer: {
    ready: ({ policy }) => say({ type: 'scheduling', policy }),
    workerDied: (error) => {
      throw error ?? new Error('the thread has ended');
    },
  },
});
const interval = options.intervalMs * 1_000;
const up = new Set<number>();
let allUp = false;
const handles: readonly BfdHandle[] = options.sessions.map(({ remote, local }, session) =>
  driver.add(
    {
      path: { type: 'singleHop', remote: ip(remote), local: ip(local), interfaceIndex: null },
      device: options.device,
      config: {
        ...{ desiredMinTxInterval: interval, requiredMinRxInterval: interval, detectMult: options.detectMult },
        ...{ passive: false, controlPlaneIndependent: false, requiredMinEchoRxInterval: 0 },
        ...{ echoInterval: null, authentication: null },
      },
    },
    {
      stateChanged: ({ from, to, localDiag }) => {
        if (to === 'Up') up.add(session);
        else up.delete(session);
        if (from === 'Up') say({ type: 'down', session, diagnostic: localDiag, at: Date.now() });
        if (allUp || up.size < options.sessions.length) return;
        allUp = true;
        say({ type: 'allUp' });
      },
      problem: (problem) => say({ type: 'problem', code: problem?.code ?? 'over' }),
      refused: (because) => say({ type: 'problem', code: because }),
    },
  ),
);

async function report(): Promise<void> {
  const sessions = (await driver.report())?.sessions.map(({ status }) => status) ?? [];
  say({
    type: 'report',
    up: handles.filter(({ state }) => state === 'Up').length,
    downs: sessions.reduce((sum, { downCount }) => sum + downCount, 0),
    packets: sessions.reduce((sum, { packetsSent, packetsReceived }) => sum + packetsSent + packetsReceived, 0),
    worstLatenessMs: Math.max(0, ...sessions.map(({ worstLatenessMs }) => worstLatenessMs)),
    residentMegabytes: process.memoryUsage.rss() / 2 ** 20,
  });
}

createInterface({ input: process.stdin })
  .on('line', () => void report())
  .on('close', () => void driver.close().then(() => process.exit(0)));
