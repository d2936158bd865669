/** Two BFD engines on one virtual clock, joined by a network that loses, delays, reorders and doubles datagrams, or is cut. */
import type { BfdSession, SessionConfig, StateChange } from '../../src/bfd/session.ts';
import { type SessionPath, SessionTable } from '../../src/bfd/session-table.ts';
import { CONFIG } from '../../src/bfd/testing/scripted-peer.ts';
import type { Ip } from '../../src/net/ip.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';

/** What happens to one datagram: how late each of its copies arrives; none is a loss. */
export type Fate = () => readonly number[];

/** Loses some at random, but never more than so many in a row. */
export function losing(random: () => number, probability: number, maxInARow: number, delayMs: () => number): Fate {
  let inARow = 0;
  return () => {
    const lost = inARow < maxInARow && random() < probability;
    inARow = lost ? inARow + 1 : 0;
    return lost ? [] : [delayMs()];
  };
}

export class BfdEnd {
  readonly session: BfdSession;
  readonly table: SessionTable;
  readonly changes: (StateChange & { readonly atMs: number })[] = [];
  /** Of what this end sends. */
  fate: Fate = () => [1];
  cut = false;
  receivedAtMs = 0;
  other: BfdEnd | null = null;
  readonly #address: Ip;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, address: Ip, remote: Ip, config: SessionConfig, random: () => number) {
    this.#clock = clock;
    this.#address = address;
    this.table = new SessionTable({ clock, random });
    const path: SessionPath = { type: 'singleHop', remote, local: null, interfaceIndex: null };
    this.session = this.table.add(path, config, {
      transmit: (octets) => this.#send(octets.slice()),
      transmitEcho: () => true,
      echoChanged: () => undefined,
      stateChanged: (change) => void this.changes.push({ ...change, atMs: clock.now() }),
      readPending: () => undefined,
    });
  }

  /** How often it has left Up. */
  get downs(): number {
    return this.changes.filter(({ from }) => from === 'Up').length;
  }

  get state(): string {
    return this.session.status.sessionState;
  }

  #send(octets: Uint8Array): void {
    if (this.cut) return;
    for (const delayMs of this.fate()) this.#clock.after(delayMs, () => this.other?.deliver(octets, this.#address));
  }

  deliver(octets: Uint8Array, source: Ip): void {
    if ((this.other as BfdEnd).cut) return;
    const reason = this.table.receive('singleHop', {
      family: 4,
      octets,
      ttl: 255,
      source,
      destination: this.#address,
      interfaceIndex: 1,
    });
    if (reason === null) this.receivedAtMs = this.#clock.now();
  }
}

export class BfdLink {
  readonly clock = new VirtualClock();
  readonly a: BfdEnd;
  readonly b: BfdEnd;

  constructor(random: () => number, a: Partial<SessionConfig> = {}, b: Partial<SessionConfig> = {}) {
    const [addressA, addressB]: [Ip, Ip] = [
      { family: 4, value: 0xc0000201n },
      { family: 4, value: 0xc0000202n },
    ];
    this.a = new BfdEnd(this.clock, addressA, addressB, { ...CONFIG, ...a }, random);
    this.b = new BfdEnd(this.clock, addressB, addressA, { ...CONFIG, ...b }, random);
    this.a.other = this.b;
    this.b.other = this.a;
  }

  start(): this {
    this.a.session.start();
    this.b.session.start();
    return this;
  }

  get ends(): readonly [BfdEnd, BfdEnd] {
    return [this.a, this.b];
  }

  /** Advances until both are Up. @returns how long it took; null where it took longer than that. */
  untilUp(limitMs: number): number | null {
    const from = this.clock.now();
    while (this.clock.now() - from < limitMs) {
      if (this.ends.every(({ state }) => state === 'Up')) return this.clock.now() - from;
      this.clock.advance(1);
    }
    return null;
  }
}
