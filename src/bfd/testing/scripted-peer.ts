/** A session on a virtual clock, and a neighbor that a test holds the strings of. */
import { VirtualClock } from '../../time/virtual-clock.ts';
import { ByteWriter } from '../../wire/writer.ts';
import type { EchoState } from '../echo.ts';
import {
  type ControlPacket,
  decodeControlPacket,
  encodeControlPacket,
  MAX_LENGTH,
  type OutgoingPacket,
} from '../packet.ts';
import { BfdSession, type SessionConfig, type SessionSnapshot, type StateChange } from '../session.ts';

/** The guide's profile: 300 ms, three times. */
export const CONFIG: SessionConfig = {
  desiredMinTxInterval: 300_000,
  requiredMinRxInterval: 300_000,
  detectMult: 3,
  passive: false,
  controlPlaneIndependent: false,
  requiredMinEchoRxInterval: 0,
  echoInterval: null,
  authentication: null,
};

export const OUR_DISCRIMINATOR = 0x11;
export const THEIR_DISCRIMINATOR = 0x22;

/** Octets of a packet without authentication. */
export function packetOctets(packet: OutgoingPacket): Uint8Array {
  const w = new ByteWriter(MAX_LENGTH);
  encodeControlPacket(w, packet, 0);
  return w.toBytes();
}

/** What the neighbor says unless told otherwise: Down at first, as slow as it must be. */
export const THEIRS: OutgoingPacket = {
  diagnostic: 0,
  state: 'Down',
  poll: false,
  final: false,
  controlPlaneIndependent: false,
  demand: false,
  detectMult: 3,
  myDiscriminator: THEIR_DISCRIMINATOR,
  yourDiscriminator: OUR_DISCRIMINATOR,
  desiredMinTxInterval: 1_000_000,
  requiredMinRxInterval: 300_000,
  requiredMinEchoRxInterval: 0,
};

export interface Sent extends ControlPacket {
  readonly atMs: number;
}

export class ScriptedPeer {
  readonly clock = new VirtualClock();
  readonly session: BfdSession;
  readonly config: SessionConfig;
  readonly sent: Sent[] = [];
  readonly echoes: Uint8Array[] = [];
  readonly echoStates: EchoState[] = [];
  /** No Echo packet leaves. */
  queueIsFull = false;
  readonly changes: (StateChange & { readonly atMs: number })[] = [];
  /** What the session is to find when it asks for what was not read yet. */
  pending: (() => void) | null = null;
  /** Whether the session may know a packet by sight, as the session table has it. */
  bySight = true;

  constructor(config: Partial<SessionConfig> = {}, random: () => number = () => 0.999_999) {
    this.config = { ...CONFIG, ...config };
    this.session = new BfdSession(OUR_DISCRIMINATOR, this.config, {
      clock: this.clock,
      random,
      hooks: {
        transmit: (octets) => {
          const decoded = decodeControlPacket(octets);
          if (!decoded.ok) throw new Error(`the session sends what is dropped: ${decoded.error}`);
          this.sent.push({ ...decoded.value, atMs: this.clock.now() });
        },
        transmitEcho: (octets) => {
          if (this.queueIsFull) return false;
          this.echoes.push(octets.slice());
          return true;
        },
        echoChanged: (state) => void this.echoStates.push(state),
        stateChanged: (change) => void this.changes.push({ ...change, atMs: this.clock.now() }),
        readPending: () => this.pending?.(),
      },
    });
  }

  start(snapshot: SessionSnapshot | null = null): this {
    this.session.start(snapshot);
    this.clock.advance(0);
    return this;
  }

  /** The last packet of the session. */
  get last(): Sent {
    return this.sent.at(-1) as Sent;
  }

  /** A packet of the neighbor's. */
  say(packet: Partial<OutgoingPacket> = {}): ReturnType<BfdSession['receive']> {
    const octets = packetOctets({ ...THEIRS, ...packet });
    const decoded = decodeControlPacket(octets);
    if (!decoded.ok) throw new Error(`the script says what is dropped: ${decoded.error}`);
    const known = this.bySight && this.session.receiveAgain(octets);
    const reason = known ? null : this.session.receive(octets, decoded.value);
    this.clock.advance(0);
    return reason;
  }

  /** Brings the session Up, and answers the Poll that follows: 300 ms both ways unless told otherwise. */
  up(theirs: Partial<OutgoingPacket> = {}): this {
    this.start();
    this.say(theirs);
    this.say({ state: 'Up', desiredMinTxInterval: 300_000, ...theirs, poll: false });
    if (this.last.poll) this.say({ state: 'Up', desiredMinTxInterval: 300_000, ...theirs, poll: false, final: true });
    return this;
  }

  /** Lets time pass while the neighbor sends this every so often. */
  keepAlive(ms: number, everyMs: number, theirs: Partial<OutgoingPacket> = {}): void {
    for (let passed = 0; passed < ms; passed += everyMs) {
      this.clock.advance(everyMs);
      this.say({ state: 'Up', desiredMinTxInterval: 300_000, ...theirs });
    }
  }

  /** The state of the session, and why. */
  get state(): string {
    const { sessionState, localDiag } = this.session.status;
    return localDiag === 0 ? sessionState : `${sessionState} ${localDiag}`;
  }

  forget(): void {
    this.sent.length = 0;
  }
}

/** Intervals between what was sent, in milliseconds. */
export const gapsOf = (sent: readonly Sent[]): number[] =>
  sent.slice(1).map((packet, i) => packet.atMs - (sent[i] as Sent).atMs);
