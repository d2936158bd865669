/**
 * Peers on one virtual clock, joined by simulated TCP: ordered, with latency, with a bounded send buffer, and with a cut that swallows what
 * is on its way, as a dead link does.
 */

import { IPV4_UNICAST } from '../../src/bgp/packet/constants.ts';
import { formatNotification } from '../../src/bgp/packet/notification.ts';
import type { Update } from '../../src/bgp/packet/update.ts';
import type { PeerConfig, PeerObserver, RoutesSent } from '../../src/bgp/peer.ts';
import {
  type ConnectFailure,
  type Connection,
  type DownReason,
  type EstablishedSession,
  Peer,
} from '../../src/bgp/peer.ts';
import { type Ip, parseIp } from '../../src/net/ip.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';

export function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Numbers in [0, 1) that are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export class SimConnection implements Connection {
  readonly direction: 'outgoing' | 'incoming';
  readonly localAddress: Ip;
  readonly remoteAddress: Ip;
  readonly localPort = 179;
  readonly remotePort = 179;
  readonly owner: SimPeer;
  /** All that was written. */
  readonly written: Uint8Array[] = [];
  other: SimConnection | null = null;
  open = true;
  #buffered = 0;
  #full = false;
  #arrival = 0;

  constructor(owner: SimPeer, direction: 'outgoing' | 'incoming', local: Ip, remote: Ip) {
    this.owner = owner;
    this.direction = direction;
    this.localAddress = local;
    this.remoteAddress = remote;
  }

  write(bytes: Uint8Array): boolean {
    this.written.push(bytes);
    this.#buffered += bytes.length;
    this.#later(() => {
      this.#buffered -= bytes.length;
      this.other?.deliver(bytes);
      if (this.#full && this.#buffered === 0) {
        this.#full = false;
        if (this.open) this.owner.peer.drained(this);
      }
    });
    this.#full ||= this.#buffered > this.owner.link.bufferSize;
    return !this.#full;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.#later(() => this.other?.lost(null));
  }

  notBefore(time: number): void {
    this.#arrival = time;
  }

  deliver(bytes: Uint8Array): void {
    if (this.open) this.owner.peer.receive(this, bytes);
  }

  lost(error: ConnectFailure | null): void {
    if (!this.open) return;
    this.open = false;
    this.owner.peer.connectionLost(this, error);
  }

  /** After the latency, and never before what was sent earlier; never, if the link was cut on the way. */
  #later(run: () => void): void {
    const { clock } = this.owner.link;
    this.#arrival = Math.max(this.#arrival, clock.now() + this.owner.link.latency());
    const { cuts } = this.owner.link;
    clock.after(this.#arrival - clock.now(), () => {
      if (this.owner.link.cuts === cuts && !this.owner.link.cut) run();
    });
  }
}

/** One end: a {@link Peer} with a log of what it told. */
export class SimPeer {
  readonly name: string;
  readonly link: SimLink;
  readonly address: Ip;
  readonly peer: Peer;
  readonly log: string[] = [];
  /** Those of the latest session: what came before went with it. */
  updates: Update[] = [];
  readonly sent: RoutesSent[] = [];
  readonly connections: SimConnection[] = [];
  session: EstablishedSession | null = null;
  remote: SimPeer | null = null;
  /** Refuses connections, as a closed port does. */
  listening = true;
  dials = 0;
  #attempt = 0;

  constructor(link: SimLink, name: string, address: string, config: PeerConfig, random: () => number) {
    this.link = link;
    this.name = name;
    this.address = ip(address);
    const transport = { dial: () => this.#dial(), abortDial: () => void this.#attempt++ };
    this.peer = new Peer(config, { clock: link.clock, random, transport, observer: this.#observer() });
  }

  /** The connection of the session that is up. */
  get connection(): SimConnection | undefined {
    return this.connections.findLast((c) => c.open);
  }

  #dial(): void {
    this.dials++;
    const attempt = ++this.#attempt;
    const { clock } = this.link;
    const remote = this.remote as SimPeer;
    clock.after(this.link.latency(), () => {
      if (this.link.cut) return;
      const out = new SimConnection(this, 'outgoing', this.address, remote.address);
      const back = this.link.latency();
      const { cuts } = this.link;
      const accepted = remote.listening;
      clock.after(back, () => {
        if (this.link.cut || this.link.cuts !== cuts) return;
        if (attempt !== this.#attempt) out.close();
        else if (accepted) {
          this.connections.push(out);
          this.peer.connected(out);
        } else this.peer.connectFailed({ code: 'ECONNREFUSED', message: 'connection refused' });
      });
      if (!accepted) return;
      const inn = new SimConnection(remote, 'incoming', remote.address, this.address);
      inn.notBefore(clock.now() + back); // nothing overtakes the SYN-ACK
      out.other = inn;
      inn.other = out;
      remote.connections.push(inn);
      remote.peer.accept(inn);
    });
  }

  #observer(): PeerObserver {
    const say = (what: string): void => void this.log.push(`${Math.round(this.link.clock.now())} ${what}`);
    return {
      stateChanged: (from, to) => say(`${from}->${to}`),
      established: (session) => {
        this.session = session;
        this.updates = [];
      },
      down: (reason) => {
        this.session = null;
        say(describe(reason));
      },
      updateReceived: (update) => void this.updates.push(update),
      routesSent: (summary) => void this.sent.push(summary),
    };
  }
}

function describe(reason: DownReason): string {
  switch (reason.type) {
    case 'notificationReceived':
      return `received ${formatNotification(reason.notification)}`;
    case 'notificationSent':
      return `sent ${formatNotification(reason.notification)}`;
    case 'connectFailed':
      return `connect failed ${reason.failure.code}`;
    case 'connectionClosed':
      return `closed in ${reason.state}`;
    default:
      return reason.type;
  }
}

export class SimLink {
  readonly clock = new VirtualClock();
  latency: () => number = () => 5;
  bufferSize = Number.POSITIVE_INFINITY;
  cuts = 0;
  #cut = false;

  /** While true, nothing arrives and nothing that was on its way will. */
  get cut(): boolean {
    return this.#cut;
  }

  set cut(value: boolean) {
    this.#cut = value;
    if (value) this.cuts++;
  }

  /** Two peers of each other: `a` at 192.0.2.1 in AS 65001, `b` at 192.0.2.2 in AS 65002, unless told otherwise. */
  pair(a: Partial<PeerConfig> = {}, b: Partial<PeerConfig> = {}, random: () => number = () => 0.5): [SimPeer, SimPeer] {
    const base: PeerConfig = {
      localAsn: 65001,
      remoteAsn: 65002,
      bgpIdentifier: 0xc0000201,
      holdTimeSeconds: 90,
      keepaliveSeconds: 30,
      families: [IPV4_UNICAST],
      connectMode: 'both',
      connectRetry: { initialMs: 1_000, maxMs: 30_000 },
      maxPrefixes: 1_000_000,
    };
    const other = { ...base, localAsn: 65002, remoteAsn: 65001, bgpIdentifier: 0xc0000202 };
    const left = new SimPeer(this, 'a', '192.0.2.1', { ...base, ...a }, random);
    const right = new SimPeer(this, 'b', '192.0.2.2', { ...other, ...b }, random);
    left.remote = right;
    right.remote = left;
    return [left, right];
  }
}
