/**
 * Two hundred connection collisions (RFC 4271 section 6.8) over real sockets: a scripted peer dials us while we dial it, at offsets that put each
 * message of one connection before and after each of the other. The script knows the section's rule and nothing of our code.
 */
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IPV4_UNICAST } from '../../src/bgp/packet/constants.ts';
import { cease } from '../../src/bgp/packet/notification.ts';
import { BgpDriver } from '../../src/io/bgp-driver.ts';
import { BgpListeners } from '../../src/io/bgp-listeners.ts';
import { type Ip, parseIp } from '../../src/net/ip.ts';
import { systemClock } from '../../src/time/clock.ts';

const RACES = 200;
const [OURS, THEIRS] = ['127.98.0.1', '127.98.0.2'];
const PORT = 21_000 + (process.pid % 20_000);
const [OUR_ASN, THEIR_ASN] = [65_001, 65_002];
const [OPEN, NOTIFICATION, KEEPALIVE] = [1, 3, 4];

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

/** Deterministic: a race that fails is run again by its number. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function message(type: number, body: readonly number[] = []): Buffer {
  const length = 19 + body.length;
  return Buffer.from([...new Array<number>(16).fill(0xff), length >> 8, length & 255, type, ...body]);
}

/** One of the script's connections, with what it has seen on it. */
interface Leg {
  readonly socket: net.Socket;
  readonly dialledByUs: boolean;
  opened: boolean;
  established: boolean;
  closed: boolean;
}

/** A peer that collides: it dials, accepts, and settles what collides by comparing identifiers. */
class ScriptedPeer {
  readonly legs: Leg[] = [];
  readonly #identifier: number;
  readonly #delay: () => number;

  constructor(identifier: number, delay: () => number) {
    this.#identifier = identifier;
    this.#delay = delay;
  }

  take(socket: net.Socket, dialledByUs: boolean): void {
    const leg: Leg = { socket, dialledByUs, opened: false, established: false, closed: false };
    this.legs.push(leg);
    socket.setNoDelay(true);
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 19 && rest.length >= rest.readUInt16BE(16)) {
        const length = rest.readUInt16BE(16);
        this.#message(leg, rest[18] as number, rest.subarray(19, length));
        rest = rest.subarray(length);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      leg.closed = true;
    });
    const id = [24, 16, 8, 0].map((shift) => (this.#identifier >>> shift) & 255);
    const capability = [2, 6, 65, 4, 0, 0, THEIR_ASN >> 8, THEIR_ASN & 255];
    const open = message(OPEN, [4, THEIR_ASN >> 8, THEIR_ASN & 255, 0, 90, ...id, capability.length, ...capability]);
    setTimeout(() => socket.write(open), this.#delay());
  }

  #message(leg: Leg, type: number, body: Buffer): void {
    if (type === OPEN) {
      leg.opened = true;
      const other = this.legs.find((each) => each !== leg && each.opened && !each.closed && !each.established);
      const theirs = body.readUInt32BE(5);
      if (other !== undefined) {
        // Kept is the connection of the side with the higher identifier.
        const keepDialledByUs = theirs > this.#identifier;
        const loser = leg.dialledByUs === keepDialledByUs ? other : leg;
        loser.opened = false;
        loser.socket.end(message(NOTIFICATION, [6, 7]));
        if (loser === leg) return;
      }
      setTimeout(() => leg.socket.write(message(KEEPALIVE)), this.#delay());
    } else if (type === KEEPALIVE) leg.established = true;
  }
}

describe('collisions over real sockets', () => {
  let current: ScriptedPeer | undefined;
  const server = net.createServer((socket) => current?.take(socket, true));
  beforeAll(() => new Promise<void>((done) => server.listen({ host: THEIRS, port: PORT }, done)));
  afterAll(() => new Promise<void>((done) => server.close(() => done())));

  it(`leave exactly one session, ${RACES} times`, async () => {
    const outcomes: string[] = [];
    for (let race = 0; race < RACES; race++) outcomes.push(await run(race));
    const bad = outcomes.map((outcome, race) => `${race}: ${outcome}`).filter((each) => !each.endsWith('one'));
    expect(bad).toEqual([]);
    expect(collided).toBeGreaterThan(RACES / 4); // most races are ones
  });

  let collided = 0;

  async function run(race: number): Promise<string> {
    const random = seeded(race);
    const refused = (): void => {
      throw new Error('a connection of this test was refused');
    };
    const listeners = new BgpListeners(PORT, { unavailable: refused, stranger: refused, tooFar: refused });
    const remote = { ip: ip(THEIRS), port: PORT };
    const driver = new BgpDriver({
      endpoint: { remote, dial: remote, source: ip(OURS), localAddress: null },
      md5Key: null,
      config: {
        localAsn: OUR_ASN,
        remoteAsn: THEIR_ASN,
        bgpIdentifier: 1_000,
        holdTimeSeconds: 90,
        keepaliveSeconds: 30,
        families: [IPV4_UNICAST],
        connectMode: 'both',
        connectRetry: { initialMs: 20, maxMs: 50 },
        maxPrefixes: 100,
      },
      observer: {
        stateChanged: () => {},
        established: () => {},
        down: () => {},
        updateReceived: () => {},
        routesSent: () => {},
      },
      clock: systemClock,
      random,
      listeners,
    });
    const peer = new ScriptedPeer(race % 2 === 0 ? 1 : 2_000, () => random() * 4);
    current = peer;
    driver.start();
    setTimeout(() => {
      const socket = net.connect({ host: OURS, port: PORT, localAddress: THEIRS });
      socket.once('error', () => {});
      socket.once('connect', () => peer.take(socket, false));
    }, random() * 3);
    const live = (): number => peer.legs.filter((leg) => leg.established && !leg.closed).length;
    const open = (): number => peer.legs.filter((leg) => !leg.closed).length;
    const deadline = performance.now() + 3_000;
    const settled = (): boolean => driver.peer.status.state === 'Established' && live() === 1 && open() === 1;
    while (!settled() && performance.now() < deadline) await sleep(2);
    await sleep(5); // what was settled stays so
    const outcome = settled() ? 'one' : `${driver.peer.status.state}, ${live()} of ${open()} established`;
    if (peer.legs.length > 1) collided++;
    await driver.stop(cease(2));
    for (const leg of peer.legs) leg.socket.destroy();
    return outcome;
  }
});
