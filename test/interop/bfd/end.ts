/**
 * The program that the interoperation tests of BFD run in a namespace: the driver with its worker thread, as a speaker has them.
 *
 *     node end.ts SESSIONS.json COMMANDS
 *
 * Prints a line of JSON for each thing that happens. COMMANDS is a file that grows by a line of JSON for each command.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import type { SessionConfig } from '../../../src/bfd/session.ts';
import type { SessionPath } from '../../../src/bfd/session-table.ts';
import { BfdDriver, type BfdHandle, startBfdThread } from '../../../src/io/bfd-driver.ts';
import { type Ip, parseIp } from '../../../src/net/ip.ts';
import { Secret } from '../../../src/secret.ts';
import { systemClock } from '../../../src/time/clock.ts';
import type { EndCommand, EndLine, EndSession } from './messages.ts';

const [sessionsFile = '', commandsFile = ''] = process.argv.slice(2);
const say = (line: EndLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function configOf({ desiredMinTxMs, requiredMinRxMs, detectMult, ...rest }: EndSession): SessionConfig {
  const { authentication = null } = rest;
  return {
    desiredMinTxInterval: desiredMinTxMs * 1_000,
    requiredMinRxInterval: requiredMinRxMs * 1_000,
    detectMult,
    passive: rest.passive ?? false,
    controlPlaneIndependent: false,
    requiredMinEchoRxInterval: (rest.requiredMinEchoRxMs ?? 0) * 1_000,
    echoInterval: rest.echoMs === undefined ? null : rest.echoMs * 1_000,
    authentication:
      authentication === null
        ? null
        : {
            type: authentication.type,
            keys: [{ id: authentication.keyId, secret: new Secret(authentication.key) }],
            sendKeyId: authentication.keyId,
          },
  };
}

const pathOf = ({ remote, local, minimumTtl, interfaceIndex }: EndSession): SessionPath =>
  minimumTtl === undefined
    ? { type: 'singleHop', remote: ip(remote), local: ip(local), interfaceIndex: interfaceIndex ?? null }
    : { type: 'multihop', remote: ip(remote), local: ip(local), minimumTtl };

let worker: Worker | null = null;
const driver = new BfdDriver({
  clock: systemClock,
  random: Math.random,
  observer: {
    ready: (scheduling) => say({ event: 'ready', scheduling }),
    workerDied: () => say({ event: 'workerDied' }),
  },
  startWorker: () => {
    worker = startBfdThread();
    return worker;
  },
});

const handles = new Map<string, BfdHandle>();

function add(session: EndSession): void {
  const { name } = session;
  const handle = driver.add(
    { path: pathOf(session), device: session.device ?? null, config: configOf(session) },
    {
      stateChanged: ({ to, localDiag, remoteSessionState }) =>
        say({ event: 'state', name, state: to, localDiag, remoteSessionState, atMs: Date.now() }),
      problem: (problem) => say({ event: 'problem', name, code: problem?.code ?? null }),
      refused: (because) => say({ event: 'refused', name, because }),
      echo: {
        stateChanged: (state) => say({ event: 'echo', name, state, atMs: Date.now() }),
        problem: (problem) => say({ event: 'problem', name, code: problem?.code ?? null }),
      },
    },
  );
  handles.set(name, handle);
}

async function report(): Promise<void> {
  const found = await driver.report();
  const sessions: Record<string, unknown> = {};
  for (const [name, { id }] of handles) sessions[name] = found?.sessions.find((session) => session.id === id);
  say({ event: 'report', sessions, dropped: found?.dropped ?? {} } as EndLine);
}

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

async function perform(command: EndCommand): Promise<void> {
  switch (command.do) {
    case 'report':
      return report();
    case 'block':
      block(command.ms);
      return say({ event: 'blocked' });
    case 'killWorker':
      await worker?.terminate();
      return;
    case 'update':
      handles.get(command.session.name)?.update(configOf(command.session));
      return;
    case 'end':
      await driver.close();
      process.exit(0);
      break;
    default:
      handles.get(command.name)?.[command.do]();
  }
}

for (const session of JSON.parse(readFileSync(sessionsFile, 'utf8')) as EndSession[]) add(session);

let done = 0;
for (;;) {
  const lines = existsSync(commandsFile) ? readFileSync(commandsFile, 'utf8').split('\n') : [];
  for (const line of lines.slice(done, -1)) {
    done++;
    await perform(JSON.parse(line) as EndCommand);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}
