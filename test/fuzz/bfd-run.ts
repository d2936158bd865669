/**
 * BFD sessions on a virtual clock, fed with packets that are nearly right, and what must hold whatever they are: nothing is thrown; what is dropped changes
 * nothing; states follow each other as RFC 5880 section 6.2 draws it; whatever a session sends would be taken; and answers are never more than
 * questions by much.
 */
import assert from 'node:assert/strict';
import { Authentication } from '../../src/bfd/authentication.ts';
import { decodeControlPacket, encodeControlPacket, MAX_LENGTH, type OutgoingPacket } from '../../src/bfd/packet.ts';
import type { BfdSession, SessionConfig, SessionStatus } from '../../src/bfd/session.ts';
import { type Datagram, type SessionPath, SessionTable } from '../../src/bfd/session-table.ts';
import { STATES, type State } from '../../src/bfd/state.ts';
import { CONFIG } from '../../src/bfd/testing/scripted-peer.ts';
import { decodeBfdMessages } from '../../src/cli/decode/bfd.ts';
import type { Ip } from '../../src/net/ip.ts';
import { Secret } from '../../src/secret.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';
import { toHex } from '../../src/wire/hex.ts';
import { ByteWriter } from '../../src/wire/writer.ts';
import { Random } from './random.ts';
import { FuzzFailure, listOf } from './run.ts';

const HERE: Ip = { family: 4, value: 0xc0000201n };
const addressOf = (n: number): Ip => ({ family: 4, value: 0xc0000202n + BigInt(n) });
const authentication = (type: 'simplePassword' | 'keyedMd5' | 'meticulousKeyedSha1') => ({
  authentication: { type, keys: [{ id: 1, secret: new Secret('swordfish') }], sendKeyId: 1 },
});

const SESSIONS: readonly (Partial<SessionConfig> & { readonly multihop?: true })[] = [
  {},
  { passive: true },
  { multihop: true, detectMult: 1 },
  { echoInterval: 50_000, requiredMinEchoRxInterval: 50_000 },
  authentication('simplePassword'),
  authentication('keyedMd5'),
  authentication('meticulousKeyedSha1'),
];

/** RFC 5880 section 6.2; AdminDown is ours to enter and to leave. */
const MAY_FOLLOW: Readonly<Record<State, readonly State[]>> = {
  AdminDown: ['Down'],
  Down: ['Init', 'Up', 'AdminDown'],
  Init: ['Up', 'Down', 'AdminDown'],
  Up: ['Down', 'AdminDown'],
};

const INTERESTING = [0, 1, 2, 3, 23, 24, 25, 26, 127, 128, 255];
const INTERVALS = [0, 1, 1_000, 10_000, 300_000, 1_000_000, 0x7fffffff, 0xffffffff];

interface Target {
  readonly path: SessionPath;
  readonly session: BfdSession;
  /** The neighbor's, by which some of the packets are signed. */
  readonly authentication: Authentication | null;
  state: State;
}

export interface BfdSummary {
  readonly iterations: number;
  /** How many packets came in each state of the session that they were made for. */
  readonly fed: Readonly<Record<string, number>>;
  /** What became of them: taken, or the reason. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly written: number;
}

/** The lines of a report. */
export const bfdReport = ({ fed, outcomes, written }: BfdSummary): string[] => [
  `  fed in      ${listOf(fed)}`,
  `  dropped     ${listOf(outcomes)}`,
  `  written     ${written} packets, all of them right`,
];

/** Goes on where it stopped. Everything that it does follows from the seed and the packets. */
export class BfdFuzzRun {
  readonly #seed: number;
  readonly #packets: readonly Uint8Array[];
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #table: SessionTable;
  readonly #targets: readonly Target[];
  readonly #writer = new ByteWriter(MAX_LENGTH);
  readonly #fed: Record<string, number> = {};
  readonly #outcomes: Record<string, number> = {};
  #iterations = 0;
  #written = 0;
  /** What was sent since the packet that is worked on came. */
  #answers = 0;

  /** @param packets - to mutate, beside those that fit the sessions. */
  constructor(seed: number, packets: readonly Uint8Array[]) {
    this.#seed = seed;
    this.#packets = packets;
    this.#random = new Random(seed);
    const random = (): number => this.#random.u32() / 2 ** 32;
    this.#table = new SessionTable({ clock: this.#clock, random });
    this.#targets = SESSIONS.map((config, n) => this.#target(config, n));
  }

  /** @throws {FuzzFailure} */
  run(iterations: number): void {
    for (let i = 0; i < iterations; i++) this.#one();
  }

  get summary(): BfdSummary {
    return {
      iterations: this.#iterations,
      fed: { ...this.#fed },
      outcomes: { ...this.#outcomes },
      written: this.#written,
    };
  }

  #target({ multihop, ...config }: (typeof SESSIONS)[number], n: number): Target {
    const remote = addressOf(n);
    const path: SessionPath =
      multihop === true
        ? { type: 'multihop', remote, local: HERE, minimumTtl: 250 }
        : { type: 'singleHop', remote, local: null, interfaceIndex: n % 2 === 0 ? null : 1 };
    const session = this.#table.add(
      path,
      { ...CONFIG, ...config },
      {
        transmit: (octets) => this.#sent(octets),
        transmitEcho: (octets) => {
          if (this.#random.once(2)) this.#table.receiveEcho({ octets: octets.slice(), ttl: 254, interfaceIndex: 1 });
          return !this.#random.once(8);
        },
        echoChanged: () => undefined,
        stateChanged: ({ from, to }) => {
          assert.equal(from, target.state, 'a change from a state that it was not in');
          assert.ok(MAY_FOLLOW[from].includes(to), `${to} cannot follow ${from}`);
          target.state = to;
        },
        readPending: () => undefined,
      },
    );
    const signs = config.authentication ?? null;
    const authentication = signs === null ? null : new Authentication(signs, () => 0.5, null);
    const target: Target = { path, session, authentication, state: 'Down' };
    session.start();
    return target;
  }

  #sent(octets: Uint8Array): void {
    const decoded = decodeControlPacket(octets);
    assert.ok(decoded.ok, 'sends what would be dropped');
    assert.ok(!(decoded.value.poll && decoded.value.final), 'P and F');
    assert.ok(!decoded.value.demand, 'asks for Demand mode');
    assert.ok(decoded.value.state === 'Up' || decoded.value.desiredMinTxInterval >= 1_000_000, 'fast while not Up');
    this.#written++;
    this.#answers++;
  }

  #one(): void {
    this.#iterations++;
    const random = this.#random;
    const target = random.pick(this.#targets);
    const type = random.once(20) ? 'multihop' : target.path.type;
    const datagram = this.#datagram(target);
    try {
      this.#administer(target);
      count(this.#fed, target.state);
      // All of it costs more than the packet: now and then is often enough.
      const before = random.once(16) ? this.#targets.map(({ session }) => session.status) : null;
      this.#answers = 0;
      const reason = this.#table.receive(type, datagram);
      count(this.#outcomes, reason ?? 'taken');
      assert.ok(this.#answers <= 1, 'more than one answer to one packet');
      if (before !== null && reason !== null && reason !== 'administrativelyDown') this.#assertUnchanged(before);
      if (random.once(16)) this.#table.receiveEcho(datagram);
      if (random.once(64)) JSON.stringify([...decodeBfdMessages(datagram.octets)]);
      if (random.once(4)) this.#clock.advance(random.below(random.once(64) ? 10_000 : 100));
    } catch (error) {
      throw new FuzzFailure(
        `seed ${this.#seed}, iteration ${this.#iterations}: a BFD session in ${target.state}, fed with ${toHex(datagram.octets)}`,
        { cause: error },
      );
    }
  }

  #assertUnchanged(before: readonly SessionStatus[]): void {
    for (const [i, { session }] of this.#targets.entries()) {
      const { packetsDropped, lastBadTtl, ...now } = session.status;
      const { packetsDropped: _, lastBadTtl: __, ...then } = before[i] as SessionStatus;
      assert.deepEqual(now, then, 'a packet that was dropped changed something');
    }
  }

  #administer({ session }: Target): void {
    const random = this.#random;
    if (!random.once(200)) return;
    const choice = random.below(8);
    if (choice === 0) session.disable();
    else if (choice === 1) session.pathDown();
    else session.enable();
  }

  #datagram(target: Target): Datagram {
    const random = this.#random;
    const { path } = target;
    const wrong = random.once(10);
    return {
      family: random.once(50) ? 6 : 4,
      octets: random.once(8) ? this.#mutated(random.pick(this.#packets).slice()) : this.#nearlyRight(target),
      ttl: wrong ? random.below(256) : 255,
      source: random.once(20) ? addressOf(random.below(20)) : path.remote,
      destination: HERE,
      interfaceIndex: random.once(20) ? 2 : 1,
    };
  }

  /** What the neighbor could say now, mutated half of the time. */
  #nearlyRight({ session, authentication }: Target): Uint8Array {
    const random = this.#random;
    const signs = authentication !== null && !random.once(8) ? authentication : null;
    const packet: OutgoingPacket = {
      diagnostic: random.below(32),
      state: random.pick(random.once(2) ? STATES : [session.status.sessionState === 'Down' ? 'Init' : 'Up']),
      poll: random.once(4),
      final: random.once(4),
      controlPlaneIndependent: random.once(2),
      demand: random.once(8),
      detectMult: random.once(8) ? random.below(256) : 3,
      myDiscriminator: random.once(20) ? random.u32() : 7,
      yourDiscriminator: random.once(8) ? 0 : session.localDiscr,
      desiredMinTxInterval: random.pick(INTERVALS),
      requiredMinRxInterval: random.pick(INTERVALS),
      requiredMinEchoRxInterval: random.pick(INTERVALS),
    };
    const w = this.#writer;
    w.reset();
    encodeControlPacket(w, packet, signs?.sectionLength ?? 0);
    // Signed and not sent: with a window of nine packets the next one may be too far ahead, and signed again it is too late.
    for (let i = signs !== null && random.once(50) ? 12 : 1; i > 0; i--) {
      w.rewind(24);
      signs?.sign(w);
    }
    const octets = w.toBytes();
    return random.once(2) ? octets : this.#mutated(octets);
  }

  #mutated(octets: Uint8Array): Uint8Array {
    const random = this.#random;
    let result = octets;
    for (let i = random.below(3); i >= 0; i--) {
      const at = random.below(Math.max(1, result.length));
      const choice = random.below(5);
      if (choice === 0) result[at] = (result[at] ?? 0) ^ (1 << random.below(8));
      else if (choice === 1) result[at] = random.pick(INTERESTING);
      else if (choice === 2) result = result.slice(0, at);
      else if (choice === 3) {
        const more = new Uint8Array(result.length + random.below(40));
        more.set(result);
        for (let k = result.length; k < more.length; k++) more[k] = random.below(256);
        if (random.once(2)) more[3] = more.length;
        result = more;
      } else if (result.length > 26) {
        // An authentication section of some type, of some length.
        result[1] = (result[1] as number) | 4;
        result[24] = random.below(7);
        result[25] = random.once(2) ? result.length - 24 : random.pick(INTERESTING);
        result[3] = result.length;
      }
    }
    return result;
  }
}

const count = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};
