import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionConfig, StateChange } from '../bfd/session.ts';
import { CONFIG } from '../bfd/testing/scripted-peer.ts';
import type { Ip } from '../net/ip.ts';
import { Secret } from '../secret.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { BfdDriver, type BfdHandle, type BfdWorkerThread } from './bfd-driver.ts';
import type { FromWorker, Legacy, ToWorker } from './bfd-messages.ts';
import type { Neighbors } from './linux/neighbor-monitor.ts';

/** A worker that a test holds the strings of. */
class FakeWorker implements BfdWorkerThread {
  readonly posted: ToWorker[] = [];
  readonly #listeners: Record<string, ((value: never) => void)[]> = {};

  postMessage(message: ToWorker): void {
    // As a thread's port would: what cannot be cloned cannot be sent.
    this.posted.push(structuredClone(message));
  }

  on(event: string, listener: (value: never) => void): void {
    this.#listeners[event] = [...(this.#listeners[event] ?? []), listener];
  }

  say(message: FromWorker): void {
    this.#emit('message', message);
  }

  ready(): this {
    this.say({ type: 'ready', scheduling: { policy: 'realTime' } });
    return this;
  }

  die(error: Error | null = new Error('out of memory')): void {
    if (error !== null) this.#emit('error', error);
    this.#emit('exit', 1);
  }

  #emit(event: string, value: unknown): void {
    for (const listener of this.#listeners[event] ?? []) listener(value as never);
  }
}

/** A neighbor table that a test fills. */
class FakeNeighbors implements Neighbors {
  readonly watched = new Set<{ readonly index: number; readonly told: (linkAddress: Uint8Array) => void }>();

  watch(index: number, _address: Ip, told: (linkAddress: Uint8Array) => void): () => void {
    const one = { index, told };
    this.watched.add(one);
    return () => void this.watched.delete(one);
  }

  found(linkAddress: Uint8Array): void {
    for (const { told } of this.watched) told(linkAddress);
  }

  close(): void {
    this.watched.clear();
  }
}

const LEGACY: Legacy = {
  localDiscr: 77,
  sourcePort: 50_001,
  snapshot: {
    sessionState: 'Up',
    remoteSessionState: 'Up',
    localDiag: 0,
    remoteDiscr: 9,
    remoteMinRxInterval: 300_000,
    remoteDesiredMinTxInterval: 300_000,
    remoteDetectMult: 3,
    remoteDemandMode: false,
    remoteMinEchoRxInterval: 0,
    held: { desiredMinTx: 300_000, requiredMinRx: 300_000 },
  },
};
const WENT_UP: StateChange = { from: 'Init', to: 'Up', localDiag: 0, remoteSessionState: 'Init', remoteDiag: 0 };

let clock: VirtualClock;
let workers: FakeWorker[];
let driver: BfdDriver;
let log: string[];
let lastWorker: () => FakeWorker;
let neighbors: FakeNeighbors;

beforeEach(() => {
  clock = new VirtualClock();
  workers = [];
  log = [];
  neighbors = new FakeNeighbors();
  lastWorker = () => workers.at(-1) as FakeWorker;
  driver = new BfdDriver({
    clock,
    random: () => 0.999,
    observer: {
      ready: ({ policy }) => void log.push(`ready ${policy}`),
      workerDied: (error, ms) => void log.push(`died ${error?.message ?? 'without a word'}, ${Math.round(ms)} ms`),
    },
    neighbors,
    startWorker: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
  });
});

function add(config: Partial<SessionConfig> = {}): BfdHandle {
  return driver.add(
    {
      path: {
        ...{ type: 'singleHop', interfaceIndex: 2 },
        remote: { family: 4, value: 1n },
        local: { family: 4, value: 2n },
      },
      device: 'eth0',
      config: { ...CONFIG, authentication: AUTHENTICATION, ...config },
    },
    {
      stateChanged: ({ from, to, localDiag }) => void log.push(`${from}->${to} ${localDiag}`),
      problem: (problem) => void log.push(`problem ${problem?.code ?? 'over'}`),
      refused: (because) => void log.push(`refused ${because}`),
      echo: {
        stateChanged: (state) => void log.push(`echo ${state}`),
        problem: (problem) => void log.push(`echo problem ${problem?.code ?? 'over'}`),
      },
    },
  );
}

const AUTHENTICATION = {
  type: 'keyedSha1' as const,
  keys: [{ id: 1, secret: new Secret('swordfish') }],
  sendKeyId: 1,
};

function up(): BfdHandle {
  const handle = add();
  lastWorker().ready();
  lastWorker().say({ type: 'stateChanged', id: handle.id, change: WENT_UP });
  lastWorker().say({ type: 'legacy', id: handle.id, legacy: LEGACY, detectionTimeMs: 900 });
  log.length = 0;
  return handle;
}

describe('the driver', () => {
  it('starts a worker with the first session, and tells it of all sessions when it is ready', () => {
    expect(workers).toEqual([]);
    const first = add();
    add();
    expect([workers.length, lastWorker().posted]).toEqual([1, []]);
    first.disable();
    lastWorker().ready();
    expect(lastWorker().posted.map(({ type }) => type)).toEqual(['add', 'disable', 'add']);
    expect(lastWorker().posted[0]).toMatchObject({
      device: 'eth0',
      legacy: null,
      config: { authentication: { keys: [{ id: 1, secret: 'swordfish' }] } },
    });
    expect(log).toEqual(['ready realTime']);
  });

  it('hands on what is asked for, and what is told', () => {
    const handle = up();
    const worker = lastWorker();
    worker.posted.length = 0;
    handle.update({ ...CONFIG, detectMult: 5 });
    handle.disable();
    handle.enable();
    handle.pathDown();
    worker.say({ type: 'problem', id: handle.id, problem: { syscall: 'bind', code: 'EADDRINUSE' } });
    worker.say({ type: 'problem', id: handle.id, problem: null });
    worker.say({ type: 'refused', id: handle.id, because: 'no' });
    handle.remove();
    worker.say({ type: 'stateChanged', id: handle.id, change: WENT_UP });
    expect(worker.posted.map(({ type }) => type)).toEqual(['update', 'disable', 'enable', 'pathDown', 'remove']);
    expect(log).toEqual(['problem EADDRINUSE', 'problem over', 'refused no']);
  });

  it('answers with the report of the worker', async () => {
    expect(await driver.report()).toBeNull();
    const handle = up();
    const asked = driver.report();
    const request = (lastWorker().posted.at(-1) as { readonly request: number }).request;
    const report = { sessions: [], dropped: {}, scheduling: { policy: 'realTime' } } as const;
    lastWorker().say({ type: 'status', request, report });
    expect(await asked).toEqual(report);
    expect(handle.state).toBe('Up');
    const lost = driver.report();
    lastWorker().die();
    expect(await lost).toBeNull();
  });
});

describe('a worker that dies', () => {
  it('is started again, and its sessions go on where they were, without a word to anybody', () => {
    const handle = up();
    lastWorker().die();
    clock.advance(0);
    expect(workers.length).toBe(2);
    clock.advance(899);
    lastWorker().ready();
    expect(lastWorker().posted).toMatchObject([{ type: 'add', id: handle.id, legacy: LEGACY }]);
    clock.advance(60_000);
    expect(log).toEqual(['died out of memory, 0 ms', 'ready realTime']);
    expect(handle.state).toBe('Up');
  });

  it('costs the sessions that no successor is there for within their Detection Time; they begin anew', () => {
    const handle = up();
    lastWorker().die(null);
    clock.advance(899);
    expect(handle.state).toBe('Up');
    clock.advance(1);
    expect(log).toEqual(['died without a word, 0 ms', 'Up->Down 1']);
    lastWorker().ready();
    expect(lastWorker().posted).toMatchObject([{ type: 'add', legacy: null }]);
  });

  it('costs a session at once that no successor could go on with', () => {
    const handle = up();
    lastWorker().say({ type: 'legacy', id: handle.id, legacy: null, detectionTimeMs: 900 });
    lastWorker().die();
    clock.advance(0);
    expect(log).toEqual(['died out of memory, 0 ms', 'Up->Down 1']);
  });

  it('again and again is started ever more slowly', () => {
    up();
    for (let i = 0; i < 10; i++) {
      lastWorker().die();
      clock.advance(5_000);
    }
    expect(log.filter((line) => line.startsWith('died')).map((line) => line.split(', ')[1])).toEqual([
      '0 ms',
      '50 ms',
      '100 ms',
      '200 ms',
      '400 ms',
      '800 ms',
      '1600 ms',
      '3199 ms',
      '4999 ms',
      '4999 ms',
    ]);
    expect(log.filter((line) => line.includes('->'))).toEqual(['Up->Down 1']);
  });

  it('does not keep a session from being removed, or from being taken down with its link', () => {
    const first = up();
    lastWorker().die();
    first.pathDown();
    expect(log.at(-1)).toBe('Up->Down 5');
    first.remove();
    clock.advance(0);
    lastWorker().ready();
    expect(lastWorker().posted).toEqual([]);
  });
});

describe('the end', () => {
  it('waits for the worker, and starts no other', async () => {
    up();
    const closed = driver.close();
    expect(lastWorker().posted.at(-1)).toEqual({ type: 'end', limitMs: 3_500 });
    lastWorker().die(null);
    await closed;
    clock.advance(60_000);
    expect(workers.length).toBe(1);
  });

  it('also comes before the worker was ready, and where there never was one', async () => {
    await driver.close();
    add();
    const closed = driver.close();
    lastWorker().ready();
    expect(lastWorker().posted).toEqual([{ type: 'end', limitMs: 3_500 }]);
    lastWorker().die(null);
    await closed;
  });
});

describe('Echo packets', () => {
  const MAC = new Uint8Array([2, 0, 0, 0, 0, 1]);

  it('go to the neighbor’s link address: the worker is told of it, and its successor too', () => {
    const { id } = add({ echoInterval: 50_000 });
    lastWorker().ready();
    expect(lastWorker().posted.at(-1)).toMatchObject({ type: 'add', linkAddress: null });
    neighbors.found(MAC);
    expect(lastWorker().posted.at(-1)).toEqual({ type: 'neighbor', id, linkAddress: MAC });
    lastWorker().die();
    clock.advance(0);
    lastWorker().ready();
    expect(lastWorker().posted.at(-1)).toMatchObject({ type: 'add', linkAddress: MAC });
  });

  it('are said to be in each of their states', () => {
    const { id } = add({ echoInterval: 50_000 });
    lastWorker().ready();
    log.length = 0;
    lastWorker().say({ type: 'echoChanged', id, state: 'probing' });
    lastWorker().say({ type: 'echoProblem', id, problem: { syscall: 'socket', code: 'EPERM' } });
    lastWorker().say({ type: 'echoProblem', id, problem: null });
    expect(log).toEqual(['echo probing', 'echo problem EPERM', 'echo problem over']);
  });

  it('are nobody’s business without a profile that asks for them', () => {
    const handle = add();
    expect(neighbors.watched.size).toBe(0);
    handle.update({ ...CONFIG, echoInterval: 50_000 });
    handle.update({ ...CONFIG, echoInterval: 70_000 });
    expect([...neighbors.watched].map(({ index }) => index)).toEqual([2]);
    handle.update(CONFIG);
    expect(neighbors.watched.size).toBe(0);
    add({ echoInterval: 50_000 }).remove();
    expect(neighbors.watched.size).toBe(0);
  });
});
