/**
 * The Echo function (RFC 5880 sections 6.4, 6.8.5, 6.8.8 and 6.8.9): packets to ourselves that the neighbor's forwarding sends back. What is in them is our own matter;
 * each carries a number that cannot be guessed, so that nobody but who got the packet can return it.
 */
import type { Clock } from '../time/clock.ts';
import { ByteReader } from '../wire/reader.ts';
import { ByteWriter } from '../wire/writer.ts';
import { Deadline } from './deadline.ts';
import { Periodic } from './periodic.ts';
import { toMs } from './timing.ts';

/** The session's discriminator, a count, and two numbers by chance. */
export const ECHO_LENGTH = 16;
/** Packets that are waited for at a time; older ones are late. */
const MAX_OUTSTANDING = 64;
const U32 = 2 ** 32;

export interface EchoDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  transmit(octets: Uint8Array): void;
  /** Too few came back. Called before {@link failed}, which is called only if that changed nothing. */
  readPending(): void;
  failed(): void;
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
  #running: { readonly intervalMs: number; readonly detectMult: number } | null = null;
  #sent = 0;
  #received = 0;

  constructor(localDiscr: number, deps: EchoDependencies) {
    this.#localDiscr = localDiscr;
    this.#deps = deps;
    this.#periodic = new Periodic({
      ...{ clock: deps.clock, random: deps.random, detectMult: () => this.#running?.detectMult ?? 1 },
      fire: () => this.#send(),
    });
    this.#missing = new Deadline(deps.clock, () => this.#expired());
  }

  get active(): boolean {
    return this.#running !== null;
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
    if (this.#running?.intervalMs === intervalMs && this.#running.detectMult === detectMult) return;
    this.#running = { intervalMs, detectMult };
    this.#periodic.every(intervalMs);
    this.#missing.set(this.#deps.clock.now() + intervalMs * detectMult);
  }

  stop(): void {
    this.#running = null;
    this.#periodic.every(null);
    this.#missing.clear();
    this.#outstanding.clear();
  }

  /** Whether this is a packet of ours that is back. */
  receive(octets: Uint8Array): boolean {
    const packet = parseEcho(octets);
    if (packet === null || this.#running === null) return false;
    const expected = this.#outstanding.get(packet.count);
    if (packet.discriminator !== this.#localDiscr || expected === undefined) return false;
    if (expected[0] !== packet.chance[0] || expected[1] !== packet.chance[1]) return false;
    this.#outstanding.delete(packet.count);
    this.#received++;
    this.#missing.set(this.#deps.clock.now() + this.#running.intervalMs * this.#running.detectMult);
    return true;
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
    this.#sent++;
    this.#periodic.restart();
    this.#deps.transmit(w.view());
  }

  #chance(): number {
    return Math.floor(this.#deps.random() * U32);
  }

  #expired(): void {
    this.#deps.readPending();
    if (this.#running !== null && !this.#missing.isSet) this.#deps.failed();
  }
}

/** The fields of an Echo packet; null where it is none of ours. */
export function parseEcho(
  octets: Uint8Array,
): { readonly discriminator: number; readonly count: number; readonly chance: readonly [number, number] } | null {
  if (octets.length !== ECHO_LENGTH) return null;
  const r = new ByteReader(octets);
  return { discriminator: r.u32(), count: r.u32(), chance: [r.u32(), r.u32()] };
}
