/** BFD in its thread, with itself over loopback: two sessions of one driver that are each other's neighbors. */
import type { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { CONFIG } from '../../src/bfd/testing/scripted-peer.ts';
import { BfdDriver, type BfdHandle, startBfdThread } from '../../src/io/bfd-driver.ts';
import type { WorkerReport } from '../../src/io/bfd-messages.ts';
import { SystemError } from '../../src/io/linux/libc.ts';
import { receiveUdp, type UdpReceiver } from '../../src/io/linux/udp.ts';
import type { Ip } from '../../src/net/ip.ts';
import { systemClock } from '../../src/time/clock.ts';

const HERE: Ip = { family: 4, value: 0x7f000001n };
const THERE: Ip = { family: 4, value: 0x7f000002n };
const PORT = 3784;
const NO_LEDGER = { opened: () => undefined, closing: () => undefined };

const takePort = (): UdpReceiver =>
  receiveUdp({
    ...{ address: { family: 4, value: 0n }, port: PORT, clock: systemClock, ledger: NO_LEDGER },
    soon: (fn) => void systemClock.after(4, fn),
    onDatagram: () => undefined,
    failed: () => undefined,
  });

/** Why there can be no BFD on this machine now; null where there can. */
function obstacle(): string | null {
  try {
    takePort().close();
    return null;
  } catch (error) {
    if (error instanceof SystemError) return `UDP port ${PORT}: ${error.code}`;
    throw error;
  }
}

const because = obstacle();
const titled = (title: string): string => (because === null ? title : `${title} [skipped: ${because}]`);

const log: string[] = [];
let workers: Worker[] = [];
let driver: BfdDriver | null = null;

afterEach(async () => {
  await driver?.close();
  log.length = 0;
  workers = [];
});

function start(intervalMs: number): readonly BfdHandle[] {
  const started = new BfdDriver({
    clock: systemClock,
    random: Math.random,
    observer: { ready: () => void log.push('ready'), workerDied: () => void log.push('died') },
    startWorker: () => {
      const worker = startBfdThread();
      workers.push(worker);
      return worker;
    },
  });
  driver = started;
  const interval = intervalMs * 1_000;
  const config = { ...CONFIG, desiredMinTxInterval: interval, requiredMinRxInterval: interval };
  return [
    [HERE, THERE],
    [THERE, HERE],
  ].map(([local, remote], i) =>
    started.add(
      {
        path: { type: 'singleHop', local: local as Ip, remote: remote as Ip, interfaceIndex: null },
        device: null,
        config,
      },
      {
        stateChanged: ({ to }) => void log.push(`${i} ${to}`),
        problem: (problem) => void log.push(`${i} ${problem?.code ?? 'over'}`),
        refused: (why) => void log.push(`${i} refused: ${why}`),
      },
    ),
  );
}

async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`${what} did not come: ${log.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const report = async (): Promise<WorkerReport> => (await driver?.report()) as WorkerReport;
const bothUp = (handles: readonly BfdHandle[]) => () => handles.every(({ state }) => state === 'Up');

it.skipIf(because !== null)(titled('does not notice that the main thread is blocked for 2 s'), async () => {
  await until('Up', bothUp(start(100)));
  await until('the fast interval', async () =>
    (await report()).sessions.every(({ status }) => status.transmitIntervalMs === 100 && !status.polling),
  );
  const before = await report();
  const end = performance.now() + 2_000;
  while (performance.now() < end);
  const after = await report();
  for (const [i, { status }] of after.sessions.entries()) {
    expect(status.sessionState).toBe('Up');
    // 75 to 100 ms each, with a little for what a busy machine costs.
    expect(status.packetsSent - (before.sessions[i]?.status.packetsSent ?? 0)).toBeGreaterThan(15);
  }
  expect(log.filter((line) => line.endsWith('Down'))).toEqual([]);
});

it.skipIf(because !== null)(
  titled('goes on where it was when its thread has died: same discriminator, same port, no Down'),
  async () => {
    // A Detection Time of six seconds: the machine may be busy, and starting a thread is not what is measured here.
    await until('Up', bothUp(start(2_000)));
    const before = await report();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await workers[0]?.terminate();
    await until('another thread', () => log.filter((line) => line === 'ready').length === 2);
    const after = await report();
    const idOf = ({ sessions }: WorkerReport) =>
      sessions.map(({ status, sourcePort }) => [
        status.localDiscr,
        status.remoteDiscr,
        sourcePort,
        status.sessionState,
      ]);
    expect(idOf(after)).toEqual(idOf(before));
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    expect((await report()).sessions.map(({ status }) => status.sessionState)).toEqual(['Up', 'Up']);
    expect(log.filter((line) => line.endsWith('Down'))).toEqual([]);
  },
);

it.skipIf(because !== null)(titled('says that another program has the port, and begins when it is free'), async () => {
  const other = takePort();
  const handles = start(100);
  await until('EADDRINUSE', () => log.includes('0 EADDRINUSE') && log.includes('1 EADDRINUSE'));
  other.close();
  await until('Up', bothUp(handles));
  expect(log).toContain('0 over');
});
