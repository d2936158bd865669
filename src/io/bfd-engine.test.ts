import { beforeEach, describe, expect, it } from 'vitest';
import type { EchoLink } from '../bfd/echo-path.ts';
import { decodeControlPacket } from '../bfd/packet.ts';
import type { SessionPath } from '../bfd/session-table.ts';
import { CONFIG, packetOctets, THEIRS } from '../bfd/testing/scripted-peer.ts';
import type { Ip } from '../net/ip.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import type { EchoSender } from './bfd-echo.ts';
import type { ReceiveEcho } from './bfd-echo-sockets.ts';
import { BfdEngine, type BfdNetwork, type Receive, type Sender } from './bfd-engine.ts';
import type { AddSession, FromWorker, Legacy } from './bfd-messages.ts';

const ROUTER: Ip = { family: 4, value: 0xc0000201n };
const HERE: Ip = { family: 4, value: 0xc0000202n };
const PATH: SessionPath = { type: 'singleHop', remote: ROUTER, local: HERE, interfaceIndex: null };

class SocketError extends Error {
  readonly syscall: string;
  readonly code: string;
  constructor(syscall: string, code: string) {
    super(code);
    this.syscall = syscall;
    this.code = code;
  }
}

/** A network of which each part can be made to fail. */
class FakeNetwork implements BfdNetwork {
  readonly sent: { readonly port: number; readonly state: string; readonly yourDiscriminator: number }[] = [];
  listens = 0;
  opens = 0;
  openSenders = 0;
  closed = false;
  readonly echoes: { readonly link: EchoLink; readonly content: Uint8Array; readonly to: Uint8Array }[] = [];
  openEchoes = 0;
  failing: { readonly call: 'listen' | 'open' | 'send' | 'openEcho' | 'sendEcho'; readonly code: string } | null = null;

  listen(): void {
    this.#fail('listen', 'bind');
    this.listens++;
  }

  open(_path: SessionPath, _device: string | null, sourcePort: number | null): Sender {
    this.#fail('open', 'setsockopt(SO_BINDTODEVICE)');
    this.opens++;
    this.openSenders++;
    const port = sourcePort ?? 50_000 + this.opens;
    return {
      sourcePort: port,
      send: (octets) => {
        this.#fail('send', 'sendto');
        const decoded = decodeControlPacket(octets);
        if (decoded.ok) this.sent.push({ port, ...decoded.value });
      },
      close: () => {
        this.openSenders--;
      },
    };
  }

  openEcho(link: EchoLink): EchoSender {
    this.#fail('openEcho', 'socket');
    this.openEchoes++;
    return {
      send: (content, to) => {
        this.#fail('sendEcho', 'sendto');
        this.echoes.push({ link, content: content.slice(), to });
      },
      close: () => {
        this.openEchoes--;
      },
    };
  }

  readPending(): void {}

  close(): void {
    this.closed = true;
  }

  #fail(call: NonNullable<FakeNetwork['failing']>['call'], syscall: string): void {
    if (this.failing?.call === call) throw new SocketError(syscall, this.failing.code);
  }
}

let clock: VirtualClock;
let network: FakeNetwork;
let told: FromWorker[];
let receive: Receive;
let receiveEcho: ReceiveEcho;
let engine: BfdEngine;
let ended: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  network = new FakeNetwork();
  told = [];
  ended = false;
  let seed = 7;
  engine = new BfdEngine({
    clock,
    random: () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    },
    scheduling: { policy: 'realTime' },
    network: (callback, echoCallback) => {
      receive = callback;
      receiveEcho = echoCallback;
      return network;
    },
    tell: (message) => void told.push(message),
    ended: () => {
      ended = true;
    },
  });
});

const add = (changes: Partial<AddSession> = {}): AddSession => ({
  ...{
    type: 'add',
    id: 1,
    path: PATH,
    device: null,
    onOwnAddress: false,
    config: { ...CONFIG, authentication: null },
    legacy: null,
    linkAddress: null,
  },
  ...changes,
});

function say(packet: Partial<Parameters<typeof packetOctets>[0]> = {}): void {
  receive('singleHop', {
    family: 4,
    octets: packetOctets({ ...THEIRS, yourDiscriminator: 0, ...packet }),
    ttl: 255,
    source: ROUTER,
    destination: HERE,
    interfaceIndex: 1,
  });
}

function bringUp(): void {
  say();
  say({ state: 'Down' });
  const { yourDiscriminator } = network.sent.at(-1) ?? { yourDiscriminator: 0 };
  expect(yourDiscriminator).toBe(THEIRS.myDiscriminator);
  say({ state: 'Up', yourDiscriminator: discriminator(), desiredMinTxInterval: 300_000 });
}

const ofType = <T extends FromWorker['type']>(type: T) =>
  told.filter((message): message is Extract<FromWorker, { type: T }> => message.type === type);

const legacy = (): Legacy | null | undefined => ofType('legacy').at(-1)?.legacy;
const discriminator = (): number => {
  engine.handle({ type: 'status', request: 0 });
  return ofType('status').at(-1)?.report.sessions[0]?.status.localDiscr ?? 0;
};

describe('the engine', () => {
  it('tells each change of state, and what a successor would need', () => {
    engine.handle(add());
    bringUp();
    expect(ofType('stateChanged').map(({ id, change }) => [id, change.to])).toEqual([
      [1, 'Init'],
      [1, 'Up'],
    ]);
    expect(legacy()).toMatchObject({
      localDiscr: discriminator(),
      sourcePort: 50_001,
      snapshot: { sessionState: 'Up' },
    });
    const before = told.length;
    clock.advance(100);
    expect(told.length).toBe(before);
  });

  it('goes on from a legacy with the same discriminator, port and state', () => {
    engine.handle(add());
    bringUp();
    const left = legacy() as Legacy;
    told.length = 0;
    network.sent.length = 0;
    engine.handle({ type: 'remove', id: 1 });
    engine.handle(add({ id: 2, legacy: left }));
    const last = network.sent.at(-1);
    clock.advance(0);
    expect(network.sent.at(-1)).toMatchObject({ port: 50_001, state: 'Up', yourDiscriminator: THEIRS.myDiscriminator });
    expect(last?.port).toBe(50_001);
    expect(ofType('stateChanged')).toEqual([]);
    clock.advance(900);
    expect(ofType('stateChanged')).toMatchObject([{ id: 2, change: { from: 'Up', to: 'Down', localDiag: 1 } }]);
  });

  it('leaves nothing of a session whose sequence numbers cannot be gone on with', () => {
    const authentication = {
      type: 'meticulousKeyedMd5' as const,
      keys: [{ id: 1, secret: 'swordfish' }],
      sendKeyId: 1,
    };
    engine.handle(add({ config: { ...CONFIG, authentication } }));
    clock.advance(5_000);
    expect(ofType('legacy')).toEqual([]);
  });

  it.each([
    ['listen', 'bind', 'EADDRINUSE'],
    ['open', 'setsockopt(SO_BINDTODEVICE)', 'ENODEV'],
    ['send', 'sendto', 'ENETUNREACH'],
  ] as const)('where %s fails says so once, tries again, and says when it is over', (call, syscall, code) => {
    network.failing = { call, code };
    engine.handle(add());
    clock.advance(10_000);
    expect(ofType('problem')).toEqual([{ type: 'problem', id: 1, problem: { syscall, code } }]);
    network.failing = null;
    clock.advance(2_500);
    expect(ofType('problem').at(-1)).toEqual({ type: 'problem', id: 1, problem: null });
    expect(ofType('problem').length).toBe(2);
    expect(network.sent.length).toBeGreaterThan(0);
    expect(network.openSenders).toBe(1);
  });

  it('keeps its port through a socket that is opened anew', () => {
    engine.handle(add());
    clock.advance(100);
    network.failing = { call: 'send', code: 'ENODEV' };
    clock.advance(3_000);
    network.failing = null;
    clock.advance(3_000);
    expect(network.opens).toBeGreaterThan(1);
    expect(new Set(network.sent.map(({ port }) => port))).toEqual(new Set([50_001]));
  });

  it('makes nothing of a queue that is full', () => {
    network.failing = { call: 'send', code: 'EAGAIN' };
    engine.handle(add());
    clock.advance(5_000);
    expect(ofType('problem')).toEqual([]);
  });

  it('refuses what cannot be, and goes on with the rest', () => {
    engine.handle(add());
    engine.handle(add({ id: 2 }));
    const authentication = { type: 'keyedMd5' as const, keys: [{ id: 1, secret: 'x'.repeat(17) }], sendKeyId: 1 };
    engine.handle({ type: 'update', id: 1, config: { ...CONFIG, authentication } });
    expect(ofType('refused')).toEqual([
      { type: 'refused', id: 2, because: 'another BFD session has this path' },
      { type: 'refused', id: 1, because: 'a key of keyedMd5 has 1 to 16 octets' },
    ]);
    bringUp();
    expect(ofType('stateChanged').at(-1)?.change.to).toBe('Up');
  });

  it('a session that is removed says AdminDown for a while, tells nothing, and is gone; one in its place begins at once', () => {
    engine.handle(add());
    bringUp();
    told.length = 0;
    engine.handle({ type: 'remove', id: 1 });
    expect(network.sent.at(-1)?.state).toBe('AdminDown');
    say({ state: 'Down', yourDiscriminator: 0 });
    engine.handle(add({ id: 2 }));
    expect(network.openSenders).toBe(1);
    engine.handle({ type: 'remove', id: 2 });
    clock.advance(10_000);
    expect([network.openSenders, ofType('stateChanged')]).toEqual([0, []]);
    const { length } = network.sent;
    clock.advance(10_000);
    expect(network.sent.length).toBe(length);
  });

  it('does what an administrator wants', () => {
    engine.handle(add());
    bringUp();
    engine.handle({ type: 'pathDown', id: 1 });
    engine.handle({ type: 'disable', id: 1 });
    engine.handle({ type: 'enable', id: 1 });
    expect(ofType('stateChanged').map(({ change }) => `${change.to} ${change.localDiag}`)).toEqual([
      'Init 0',
      'Up 0',
      'Down 5',
      'AdminDown 7',
      'Down 0',
    ]);
    engine.handle({ type: 'disable', id: 99 });
  });

  it('reports every session, and what was dropped for none', () => {
    engine.handle(add());
    say({ yourDiscriminator: 0xdead });
    engine.handle({ type: 'status', request: 5 });
    expect(ofType('status').at(-1)).toMatchObject({
      request: 5,
      report: {
        sessions: [{ id: 1, sourcePort: 50_001, status: { sessionState: 'Down' } }],
        dropped: { unknownDiscriminator: 1 },
        scheduling: { policy: 'realTime' },
      },
    });
  });

  it('ends when every neighbor has been told, or when it takes too long', () => {
    engine.handle(add());
    bringUp();
    engine.handle({ type: 'end', limitMs: 1_000 });
    expect([ended, network.sent.at(-1)?.state]).toEqual([false, 'AdminDown']);
    clock.advance(1_000);
    expect([ended, network.closed, network.openSenders]).toEqual([true, true, 0]);
  });

  it('ends at once where there is nobody to tell', () => {
    engine.handle({ type: 'end', limitMs: 1_000 });
    expect([ended, network.closed]).toEqual([true, true]);
  });
});

describe('Echo packets', () => {
  const MAC = new Uint8Array([2, 0, 0, 0, 0, 1]);
  const LINK_PATH: SessionPath = { ...PATH, interfaceIndex: 3 };
  const wanted = (): AddSession =>
    add({ path: LINK_PATH, config: { ...CONFIG, echoInterval: 50_000, authentication: null } });
  const echoStates = (): string[] => ofType('echoChanged').map(({ state }) => state);

  /** Lets time pass; what is sent comes back, where it does. */
  function pass(ms: number, isReturned = true): void {
    for (let passed = 0; passed < ms; passed += 10) {
      clock.advance(10);
      for (const { content } of network.echoes.splice(0))
        if (isReturned) receiveEcho({ octets: content, ttl: 254, interfaceIndex: 3 });
      if (passed % 200 === 0) sayUp();
    }
  }

  function sayUp(): void {
    const up = { state: 'Up', yourDiscriminator: discriminator(), requiredMinEchoRxInterval: 50_000 } as const;
    receive('singleHop', {
      ...{ family: 4, ttl: 255, source: ROUTER, destination: HERE, interfaceIndex: 3 },
      octets: packetOctets({ ...THEIRS, ...up }),
    });
  }

  function bringUpEcho(): void {
    receive('singleHop', {
      ...{ family: 4, ttl: 255, source: ROUTER, destination: HERE, interfaceIndex: 3 },
      octets: packetOctets({ ...THEIRS, yourDiscriminator: 0 }),
    });
    sayUp();
  }

  it('leave when the neighbor’s link address is known, to that; another one counts at once', () => {
    engine.handle(wanted());
    bringUpEcho();
    pass(500);
    expect([network.openEchoes, echoStates()]).toEqual([0, []]);
    engine.handle({ type: 'neighbor', id: 1, linkAddress: MAC });
    clock.advance(60);
    expect(network.echoes[0]).toMatchObject({ link: { interfaceIndex: 3, local: HERE }, to: MAC });
    pass(500);
    expect(echoStates()).toEqual(['probing', 'active']);
    const moved = new Uint8Array([2, 0, 0, 0, 0, 2]);
    engine.handle({ type: 'neighbor', id: 1, linkAddress: moved });
    clock.advance(60);
    expect(network.echoes[0]?.to).toEqual(moved);
    expect(network.openEchoes).toBe(1);
  });

  it('leave from the start where the address is known by then, as after the death of a thread', () => {
    engine.handle({ ...wanted(), linkAddress: MAC });
    bringUpEcho();
    pass(500);
    expect(echoStates()).toEqual(['probing', 'active']);
    // What a successor has to know: Control packets are rare by now.
    expect(legacy()?.snapshot.held.requiredMinRx).toBe(1_000_000);
  });

  it('that are not allowed are said once, and tried again', () => {
    network.failing = { call: 'openEcho', code: 'EPERM' };
    engine.handle({ ...wanted(), linkAddress: MAC });
    bringUpEcho();
    pass(3_000);
    expect(ofType('echoProblem').map(({ problem }) => problem)).toEqual([{ syscall: 'socket', code: 'EPERM' }]);
    expect(echoStates()).toEqual([]);
    network.failing = null;
    pass(2_000);
    expect(ofType('echoProblem').at(-1)?.problem).toBeNull();
    expect(echoStates()).toEqual(['probing', 'active']);
  });

  it('that cannot leave take no session down', () => {
    engine.handle({ ...wanted(), linkAddress: MAC });
    bringUpEcho();
    pass(1_000);
    network.failing = { call: 'sendEcho', code: 'ENETDOWN' };
    pass(3_000);
    expect(ofType('stateChanged').at(-1)?.change.to).toBe('Up');
    expect(echoStates().at(-1)).toBe('off');
    expect(ofType('echoProblem').at(-1)?.problem?.code).toBe('ENETDOWN');
  });

  it('end with the profile that asked for them, and with the session', () => {
    engine.handle({ ...wanted(), linkAddress: MAC });
    bringUpEcho();
    pass(1_000);
    engine.handle({ type: 'update', id: 1, config: { ...CONFIG, authentication: null } });
    expect([network.openEchoes, echoStates().at(-1)]).toEqual([0, 'off']);
    engine.handle({ type: 'update', id: 1, config: { ...CONFIG, echoInterval: 50_000, authentication: null } });
    expect(network.openEchoes).toBe(1);
    engine.handle({ type: 'remove', id: 1 });
    clock.advance(10_000);
    expect(network.openEchoes).toBe(0);
  });

  it('have no way over several hops, or without a link', () => {
    for (const path of [PATH, { type: 'multihop', remote: ROUTER, local: HERE, minimumTtl: 254 } as const]) {
      engine.handle({ ...wanted(), id: 2, path, linkAddress: MAC });
      expect(network.openEchoes).toBe(0);
      engine.handle({ type: 'remove', id: 2 });
    }
  });
});
