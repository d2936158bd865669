/**
 * A live peer on a virtual clock that strange octets are fed to, and what must hold of it whatever they are.
 *
 * It is brought into a state, fed, and watched: nothing is thrown; states follow each other as RFC 4271 section 8.2.2 allows; whatever it writes is
 * right BGP, with one OPEN before everything, UPDATEs in Established alone and nothing behind a NOTIFICATION; a session that ends is ended for a reason that the protocol has;
 * and what is kept of the peer's is bounded.
 */
import assert from 'node:assert/strict';
import { STATES, type State } from '../../src/bgp/fsm.ts';
import type { Capability } from '../../src/bgp/packet/capability.ts';
import { type Family, IPV4_UNICAST, IPV6_UNICAST, sameFamily } from '../../src/bgp/packet/constants.ts';
import { Framer } from '../../src/bgp/packet/framer.ts';
import { decodeMessage, encodeMessage } from '../../src/bgp/packet/message.ts';
import { myAsField } from '../../src/bgp/packet/open.ts';
import type { UpdateError } from '../../src/bgp/packet/update-error.ts';
import { announcedBy, withdrawnBy } from '../../src/bgp/packet/update-routes.ts';
import { type Connection, type DownReason, Peer } from '../../src/bgp/peer.ts';
import type { Ip } from '../../src/net/ip.ts';
import { prefixOf } from '../../src/net/prefix.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';
import type { Random } from './random.ts';

/** How two peers differ. */
export interface TargetOptions {
  readonly internal: boolean;
  /** We dial; else the other side does. */
  readonly dials: boolean;
  readonly families: readonly Family[];
  /** What the other side announces beside its families. */
  readonly capabilities: readonly ('four-octet-as' | 'extended-message' | 'route-refresh' | 'enhanced-route-refresh')[];
}

const OUR_AS = 65001;
const MAX_PREFIXES = 50;
const HERE: Ip = { family: 4, value: 0xc0000201n };
const THERE: Ip = { family: 4, value: 0xc0000202n };

/** RFC 4271 section 8.2.2, as far as a whole peer shows it: the state of its most advanced connection. */
const MAY_FOLLOW: Readonly<Record<State, readonly State[]>> = {
  Idle: ['Connect', 'Active', 'OpenSent'],
  Connect: ['Idle', 'Active', 'OpenSent', 'Connect'],
  Active: ['Idle', 'Connect', 'OpenSent'],
  OpenSent: ['Idle', 'Connect', 'Active', 'OpenConfirm'],
  OpenConfirm: ['Idle', 'Connect', 'Active', 'OpenSent', 'Established'],
  Established: ['Idle', 'Connect', 'Active', 'OpenSent', 'OpenConfirm'],
};

/** The peer's end of a TCP connection, which reads what is written to it. */
class Wire implements Connection {
  readonly direction: 'outgoing' | 'incoming';
  readonly localAddress = HERE;
  readonly remoteAddress = THERE;
  readonly localPort = 179;
  readonly remotePort = 50_000;
  closed = false;
  #opened = false;
  notified = false;
  /** What `write` answers. */
  room = true;
  readonly #framer = new Framer();
  readonly #target: Target;

  constructor(target: Target, direction: 'outgoing' | 'incoming') {
    this.#target = target;
    this.direction = direction;
  }

  write(bytes: Uint8Array): boolean {
    assert.equal(this.closed, false, 'written to after it was closed');
    for (const octets of this.#framer.push(bytes)) {
      assert.equal(this.notified, false, 'a message behind a NOTIFICATION');
      const message = decodeMessage(octets, this.#target.contextOfPeer);
      assert.equal(
        message.type === 'OPEN',
        !this.#opened,
        'an OPEN that is not the first message, or another one that is',
      );
      this.#opened = true;
      if (message.type === 'NOTIFICATION') this.notified = true;
      if (message.type === 'UPDATE') {
        assert.deepEqual(message.errors, [], 'an UPDATE of ours with an error');
        assert.equal(this.#target.state, 'Established', 'an UPDATE outside of Established');
      }
      this.#target.written++;
    }
    return this.room;
  }

  close(): void {
    this.closed = true;
  }
}

/** One peer, fed for as long as the run lasts. */
export class Target {
  readonly options: TargetOptions;
  readonly name: string;
  readonly clock = new VirtualClock();
  readonly peer: Peer;
  state: State = 'Idle';
  /** Messages of ours that were read back. */
  written = 0;
  readonly ends: Record<string, number> = {};
  readonly errors: Record<string, number> = {};
  readonly #random: Random;
  readonly #theirAs: number;
  #wire: Wire;
  #dialling = false;
  #fourOctetAs = false;
  #downs: DownReason[] = [];

  constructor(options: TargetOptions, random: Random) {
    this.options = options;
    this.#random = random;
    this.#theirAs = options.internal ? OUR_AS : 65002;
    const kind = options.internal ? 'internal' : 'external';
    const families = options.families.map((f) => (f.afi === 1 ? 'IPv4' : 'IPv6')).join('+');
    this.name = `${kind}, ${options.dials ? 'dials' : 'passive'}, ${families}, ${options.capabilities.join(' ') || 'no capabilities'}`;
    this.#wire = new Wire(this, 'incoming');
    this.peer = new Peer(
      {
        localAsn: OUR_AS,
        remoteAsn: this.#theirAs,
        bgpIdentifier: 1,
        holdTimeSeconds: 90,
        keepaliveSeconds: 30,
        families: options.families,
        connectMode: options.dials ? 'active' : 'passive',
        connectRetry: { initialMs: 1_000, maxMs: 4_000 },
        maxPrefixes: MAX_PREFIXES,
        nextHops: [{ family: 6, value: (0x20010db8n << 96n) + 1n }],
      },
      {
        clock: this.clock,
        random: () => random.below(1 << 20) / (1 << 20),
        transport: {
          dial: () => {
            this.#dialling = true;
          },
          abortDial: () => {
            this.#dialling = false;
          },
        },
        observer: {
          stateChanged: (from, to) => this.#stateChanged(from, to),
          established: (session) => {
            this.#fourOctetAs = session.fourOctetAs;
          },
          down: (reason) => {
            this.#downs.push(reason);
            count(this.ends, endOf(reason));
          },
          updateReceived: (update) => {
            for (const { family } of [...announcedBy(update), ...withdrawnBy(update)]) {
              const offered = options.families.some((f) => sameFamily(f, family));
              assert.ok(offered || sameFamily(family, IPV4_UNICAST), 'routes of a family that was not negotiated');
            }
          },
          updateError: (error: UpdateError) => count(this.errors, error.action),
          routesSent: () => undefined,
        },
      },
    );
    for (let i = 0; i < 6; i++) {
      const v6 = i % 2 === 1;
      const address: Ip = v6
        ? { family: 6, value: (0x20010db8n << 96n) + (BigInt(i) << 64n) }
        : { family: 4, value: 0x0a000000n + BigInt(i) };
      const communities = i % 3 === 0 ? [1, 2] : [];
      this.peer.announce(prefixOf(address, v6 ? 64 : 32), {
        localPref: null,
        med: i % 5 === 0 ? 1 : null,
        asPathPrepend: i % 2,
        communities,
        largeCommunities: [],
      });
    }
  }

  /** What the other side has to know to read us. That the OPEN which it is taken to have sent was a strange one too makes a difference. */
  get contextOfPeer(): { fourOctetAs: boolean; internal: boolean; families: readonly Family[] } {
    return {
      fourOctetAs: this.#fourOctetAs,
      internal: this.options.internal,
      families: [IPV4_UNICAST, IPV6_UNICAST],
    };
  }

  /** Brings the peer into this state by the shortest way, from wherever the octets before have left it. */
  reach(wanted: State): void {
    // A dialling peer that waits has no connection to be fed over, and a passive one never dials.
    const dials = this.options.dials;
    if (this.state === wanted || (wanted === 'Connect' && !dials) || (wanted === 'Active' && dials)) return;
    if (STATES.indexOf(this.state) > STATES.indexOf(wanted)) this.peer.stop();
    if (wanted === 'Idle') return;
    this.peer.start();
    if (wanted === 'Active' || wanted === 'Connect') {
      if (this.state === 'Idle') this.clock.advance(5_000);
      return;
    }
    if (STATES.indexOf(this.state) < STATES.indexOf('OpenSent')) this.#connect();
    if (wanted !== 'OpenSent' && this.state === 'OpenSent') this.#feed(this.#open());
    if (wanted === 'Established' && this.state === 'OpenConfirm') {
      this.#feed(encodeMessage({ type: 'KEEPALIVE' }, this.contextOfPeer));
    }
    // What was left of the octets before (half a message) may have spoiled it: then the next one begins anew.
  }

  /** Feeds strange octets, as TCP might cut them, and looks at what came of it. */
  feed(octets: Uint8Array): void {
    const wire = this.#wire;
    this.#downs = [];
    const random = this.#random;
    if (random.once(64)) wire.room = !wire.room;
    for (let at = 0; at < octets.length; ) {
      const length = random.once(4) ? 1 + random.below(octets.length) : octets.length;
      this.#feed(octets.subarray(at, at + length));
      at += length;
    }
    if (wire.room && random.once(32)) this.peer.drained(wire);
    if (random.once(8)) this.clock.advance(random.below(random.once(64) ? 100_000 : 1_000));
    this.#check(wire);
  }

  #check(wire: Wire): void {
    if (wire.closed && this.#downs.length > 0) {
      const told = this.#downs.some((d) => d.type === 'notificationReceived' || d.type === 'connectionClosed');
      assert.ok(wire.notified || told, `closed without a NOTIFICATION: ${this.#downs.map((d) => d.type).join()}`);
    }
    if (!this.#random.once(64)) return;
    const { status } = this.peer;
    assert.equal(status.state, this.state);
    assert.equal(status.session !== null, this.state === 'Established', 'a session without Established');
    assert.ok(status.prefixes.received <= MAX_PREFIXES + 1, 'more prefixes kept than the limit');
    assert.ok(Object.keys(status.updateErrors.byAttribute).length <= 257, 'kinds of errors without a bound');
  }

  #feed(octets: Uint8Array): void {
    this.peer.receive(this.#wire, octets);
  }

  #connect(): void {
    this.#wire = new Wire(this, this.options.dials ? 'outgoing' : 'incoming');
    if (!this.options.dials) {
      this.peer.accept(this.#wire);
      return;
    }
    for (let waited = 0; !this.#dialling && waited < 200; waited++) this.clock.advance(1_000);
    assert.ok(this.#dialling, `does not dial in ${this.state}`);
    this.#dialling = false;
    this.peer.connected(this.#wire);
  }

  #open(): Uint8Array {
    const asn = this.#theirAs;
    const capabilities: Capability[] = [
      ...this.options.families.map((family) => ({ type: 'multiprotocol' as const, family })),
      ...this.options.capabilities.map((type) => (type === 'four-octet-as' ? { type, asn } : { type })),
    ];
    const open = { asn, myAs: myAsField(asn), holdTime: 90, bgpIdentifier: 2, capabilities };
    return encodeMessage({ type: 'OPEN', open }, this.contextOfPeer);
  }

  #stateChanged(from: State, to: State): void {
    assert.equal(from, this.state, 'a change from a state that it was not in');
    assert.ok(MAY_FOLLOW[from].includes(to), `${to} cannot follow ${from}`);
    this.state = to;
  }
}

const count = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

function endOf(reason: DownReason): string {
  if (reason.type === 'notificationSent') return `sent ${reason.notification.code}/${reason.notification.subcode}`;
  return reason.type;
}
