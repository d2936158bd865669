/**
 * The Echo function (RFC 5880 sections 6.4, 6.8.5, 6.8.8 and 6.8.9): packets to ourselves that the neighbor's forwarding sends back. What is in them is our own matter;
 * each carries a number that cannot be guessed, so that nobody but who got the packet can return it.
 *
 * A neighbor that says it takes Echo packets promises by no packet that it returns them: its BFD does not, its forwarding does, and that may be switched off or filter
 * them. So nothing depends on them before some have come back: first they are a probe, and only a path that has returned as many as may be lost can fail.
 */
import type { Clock } from '../time/clock.ts';
import { ByteReader } from '../wire/reader.ts';
import { ByteWriter } from '../wire/writer.ts';
import { Deadline } from './deadline.ts';
import { Periodic } from './periodic.ts';
import { SLOW_INTERVAL, toMs } from './timing.ts';

/** The session's discriminator, a count, and two numbers by chance. */
export const ECHO_LENGTH = 16;
/** Packets that are waited for at a time; older ones are late. */
const MAX_OUTSTANDING = 64;
/** How long the first packets are waited for at least. */
const PROBE_MS = 3_000;
const U32 = 2 ** 32;

export type EchoState =
  /** None are sent. */
  | 'off'
  /** Sent, and not enough of them have come back yet: nothing depends on them. */
  | 'probing'
  /** None come back; one is sent now and then, to see whether that has changed. */
  | 'notReturned'
  /** They watch the path: the session goes down without them. */
  | 'active';

export interface EchoDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  /** False where it did not leave. */
  transmit(octets: Uint8Array): boolean;
  /** Too few came back. Called before {@link failed}, which is called only if that changed nothing. */
  readPending(): void;
  /** The state is another, by a packet or by time. */
  changed(): void;
  failed(): void;
}

interface Pace {
  readonly intervalMs: number;
  readonly detectMult: number;
}

/** One session's Echo function; it runs between {@link start} and {@link stop}. */
export class EchoFunction {
  readonly #deps: EchoDependencies;
  readonly #localDiscr: number;
  readonly #periodic: Periodic;
  readonly #missing: Deadline;
  readonly #writer = new ByteWriter(ECHO_LENGTH);
  /** What is waited for: count to the numbers by chance. */
  readonly #outstanding = new Map<number, readonly [number, number]>();
  #count = 0;
  #state: EchoState = 'off';
  /** Null while it is off. */
  #pace: Pace | null = null;
  /** While none were returned: one has come back, and more are waited for at the pace of a probe. */
  #probesAgain = false;
  /** While it probes: how many have come back without a gap that would be a failure, and when the last one did. */
  #inARow = 0;
  #returnedAt = 0;
  /** When the first was sent of those since one has come back; null where there is none. */
  #unansweredSince: number | null = null;
  #sent = 0;
  #received = 0;

  constructor(localDiscr: number, deps: EchoDependencies) {
    this.#localDiscr = localDiscr;
    this.#deps = deps;
    this.#periodic = new Periodic({
      ...{ clock: deps.clock, random: deps.random, detectMult: () => this.#pace?.detectMult ?? 1 },
      fire: () => this.#send(),
    });
    this.#missing = new Deadline(deps.clock, () => this.#expired());
  }

  get state(): EchoState {
    return this.#state;
  }

  get sent(): number {
    return this.#sent;
  }

  get received(): number {
    return this.#received;
  }

  /** @param intervalUs - not less than the neighbor's Required Min Echo RX Interval. */
  start(intervalUs: number, detectMult: number): void {
    const intervalMs = toMs(intervalUs);
    if (this.#pace?.intervalMs === intervalMs && this.#pace.detectMult === detectMult) return;
    const pace = { intervalMs, detectMult };
    this.#pace = pace;
    if (this.#state === 'off') {
      this.#state = 'probing';
      this.#probe(pace);
    } else this.#run(pace);
  }

  stop(): void {
    this.#state = 'off';
    this.#pace = null;
    this.#periodic.every(null);
    this.#missing.clear();
    this.#outstanding.clear();
    this.#unansweredSince = null;
    this.#probesAgain = false;
  }

  /** Whether this is a packet of ours that is back. */
  receive(octets: Uint8Array): boolean {
    const packet = parseEcho(octets);
    const pace = this.#pace;
    if (packet === null || pace === null) return false;
    const expected = this.#outstanding.get(packet.count);
    if (packet.discriminator !== this.#localDiscr || expected === undefined) return false;
    if (expected[0] !== packet.chance[0] || expected[1] !== packet.chance[1]) return false;
    this.#outstanding.delete(packet.count);
    this.#received++;
    this.#unansweredSince = null;
    if (this.#state === 'active') this.#missing.set(this.#deps.clock.now() + limitOf(pace));
    else this.#proven(pace);
    return true;
  }

  /** Waits for the first to come back. */
  #probe(pace: Pace): void {
    this.#inARow = 0;
    this.#missing.set(this.#deps.clock.now() + Math.max(PROBE_MS, 2 * limitOf(pace)));
    this.#run(pace);
  }

  #run(pace: Pace): void {
    const { intervalMs } = pace;
    const isRare = this.#state === 'notReturned' && !this.#probesAgain;
    this.#periodic.every(isRare ? Math.max(toMs(SLOW_INTERVAL), intervalMs) : intervalMs);
    if (this.#state === 'active') this.#missing.set(this.#deps.clock.now() + limitOf(pace));
  }

  /** One more has come back of those that nothing depends on yet. */
  #proven(pace: Pace): void {
    // A path that returns one now and then has not changed: nothing is said of it before enough are back.
    if (this.#state === 'notReturned' && !this.#probesAgain) {
      this.#probesAgain = true;
      this.#probe(pace);
    }
    const now = this.#deps.clock.now();
    if (now - this.#returnedAt > limitOf(pace)) this.#inARow = 0;
    this.#returnedAt = now;
    this.#inARow++;
    if (this.#inARow < pace.detectMult) return;
    this.#state = 'active';
    this.#probesAgain = false;
    this.#run(pace);
    this.#deps.changed();
  }

  #send(): void {
    const chance: [number, number] = [this.#chance(), this.#chance()];
    this.#count = (this.#count + 1) % U32;
    this.#outstanding.set(this.#count, chance);
    for (const oldest of this.#outstanding.keys()) {
      if (this.#outstanding.size <= MAX_OUTSTANDING) break;
      this.#outstanding.delete(oldest);
    }
    const w = this.#writer;
    w.reset();
    w.u32(this.#localDiscr);
    w.u32(this.#count);
    w.u32(chance[0]);
    w.u32(chance[1]);
    this.#periodic.restart();
    // What a full queue did not take cannot come back, and says nothing of the path.
    if (!this.#deps.transmit(w.view())) {
      this.#outstanding.delete(this.#count);
      return;
    }
    this.#sent++;
    if (this.#outstanding.has(this.#count)) this.#unansweredSince ??= this.#deps.clock.now();
  }

  #chance(): number {
    return Math.floor(this.#deps.random() * U32);
  }

  #expired(): void {
    this.#deps.readPending();
    const pace = this.#pace;
    if (pace === null || this.#missing.isSet) return;
    if (this.#state === 'active') {
      // A thread that was held up has sent none meanwhile, and what was not sent cannot come back: that says nothing of the path.
      const now = this.#deps.clock.now();
      const enough = (this.#unansweredSince ?? now) + Math.max(1, pace.detectMult - 1) * pace.intervalMs;
      if (now < enough) this.#missing.set(enough);
      else this.#deps.failed();
      return;
    }
    const wasKnown = this.#state === 'notReturned';
    this.#state = 'notReturned';
    this.#probesAgain = false;
    this.#run(pace);
    if (!wasKnown) this.#deps.changed();
  }
}

/** How long none may come back while the session stays Up. */
const limitOf = ({ intervalMs, detectMult }: Pace): number => intervalMs * detectMult;

/** The fields of an Echo packet; null where it is none of ours. */
export function parseEcho(
  octets: Uint8Array,
): { readonly discriminator: number; readonly count: number; readonly chance: readonly [number, number] } | null {
  if (octets.length !== ECHO_LENGTH) return null;
  const r = new ByteReader(octets);
  return { discriminator: r.u32(), count: r.u32(), chance: [r.u32(), r.u32()] };
}
