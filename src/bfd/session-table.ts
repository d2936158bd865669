/**
 * All sessions of a node, and which of them a datagram is for (RFC 5880 sections 6.3 and 6.8.6, RFC 5881 sections 3 to 5, RFC 5883).
 *
 * Once the neighbor knows our discriminator, that alone selects the session: it may come from another address or interface. Only before that is
 * it selected by where it comes from. What selects nothing, or did not come by its path, is dropped and counted; nothing is kept of it, and no session
 * is ever made for it.
 */
import { type Ip, type IpFamily, sameIp } from '../net/ip.ts';
import type { Clock } from '../time/clock.ts';
import { DropCounts } from './drop-counts.ts';
import type { DropReason } from './drop-reason.ts';
import { parseEcho } from './echo.ts';
import { decodeControlPacket, yourDiscriminatorOf } from './packet.ts';
import { BfdSession, type SessionConfig, type SessionHooks } from './session.ts';

/** RFC 5881 section 5: what comes over one link has the TTL it was sent with. */
export const SINGLE_HOP_TTL = 255;
/** Of an Echo packet that is back: the neighbor has forwarded it, and nobody else. */
export const RETURNED_ECHO_TTL = SINGLE_HOP_TTL - 1;
/** More sessions than this one thread cannot serve at any interval worth having. */
export const MAX_SESSIONS = 4_096;

/** Where a session runs. */
export type SessionPath =
  | {
      readonly type: 'singleHop';
      readonly remote: Ip;
      /** Null: whichever address of ours the neighbor sends to. */
      readonly local: Ip | null;
      /** The index of the interface; null: any. */
      readonly interfaceIndex: number | null;
    }
  | {
      readonly type: 'multihop';
      readonly remote: Ip;
      readonly local: Ip | null;
      /** The least TTL of a packet that is taken (1 to 255). */
      readonly minimumTtl: number;
    };

/** A UDP datagram as it came in. */
export interface Datagram {
  readonly family: IpFamily;
  readonly octets: Uint8Array;
  readonly ttl: number;
  readonly source: Ip;
  readonly destination: Ip;
  readonly interfaceIndex: number;
}

/** An Echo packet as it came in: from ourselves to ourselves, as far as its addresses say. */
export interface EchoArrival {
  readonly octets: Uint8Array;
  readonly ttl: number;
  readonly interfaceIndex: number;
}

export interface SessionTableDependencies {
  readonly clock: Clock;
  /** In [0, 1), not to be guessed: discriminators are made of it. */
  readonly random: () => number;
}

interface Entry {
  readonly session: BfdSession;
  readonly path: SessionPath;
}

export class SessionTable {
  readonly #deps: SessionTableDependencies;
  readonly #byDiscriminator = new Map<number, Entry>();
  /** By kind of path and the neighbor's address. Few sessions share one: those over different links, or from different addresses of ours. */
  readonly #byRemote = new Map<string, Entry[]>();
  readonly #dropped = new DropCounts();

  constructor(deps: SessionTableDependencies) {
    this.#deps = deps;
  }

  /** Datagrams that were dropped, for whatever session or none. */
  get dropped(): Readonly<Partial<Record<DropReason, number>>> {
    return this.#dropped.counts;
  }

  get size(): number {
    return this.#byDiscriminator.size;
  }

  /**
   * A new session, which is not started yet.
   *
   * @param localDiscr - to go on with one that another thread had; null: a new one.
   * @throws {RangeError} for a path that a session has, for more sessions than there may be, and for keys that authentication cannot have.
   */
  add(path: SessionPath, config: SessionConfig, hooks: SessionHooks, localDiscr: number | null = null): BfdSession {
    if (this.size >= MAX_SESSIONS) throw new RangeError(`there are ${MAX_SESSIONS} BFD sessions already`);
    const key = keyOf(path.type, path.remote);
    const others = this.#byRemote.get(key) ?? [];
    if (others.some((other) => samePath(other.path, path))) throw new RangeError('another BFD session has this path');
    const free = localDiscr !== null && localDiscr !== 0 && !this.#byDiscriminator.has(localDiscr);
    const session = new BfdSession(free ? localDiscr : this.#newDiscriminator(), config, { ...this.#deps, hooks });
    const entry: Entry = { session, path };
    this.#byDiscriminator.set(session.localDiscr, entry);
    this.#byRemote.set(key, [...others, entry]);
    return session;
  }

  /** Closes a session and forgets it. */
  remove(session: BfdSession): void {
    session.close();
    const entry = this.#byDiscriminator.get(session.localDiscr);
    if (entry?.session !== session) return;
    this.#byDiscriminator.delete(session.localDiscr);
    const key = keyOf(entry.path.type, entry.path.remote);
    const others = (this.#byRemote.get(key) ?? []).filter((other) => other !== entry);
    if (others.length === 0) this.#byRemote.delete(key);
    else this.#byRemote.set(key, others);
  }

  /**
   * Hands a Control packet to its session.
   *
   * @param type - by the port that it came to: 3784 or 4784.
   * @returns why it was dropped; null where it was taken.
   */
  receive(type: SessionPath['type'], datagram: Datagram): DropReason | null {
    const reason = this.#receive(type, datagram);
    if (reason !== null) this.#dropped.count(reason);
    return reason;
  }

  /** Hands a BFD Echo packet that has come back to its session. @returns why it was dropped; null where it was taken. */
  receiveEcho(arrival: EchoArrival): DropReason | null {
    const reason = this.#receiveEcho(arrival);
    if (reason !== null) this.#dropped.count(reason);
    return reason;
  }

  #receiveEcho({ octets, ttl, interfaceIndex }: EchoArrival): DropReason | null {
    const echo = parseEcho(octets);
    const entry = echo === null ? undefined : this.#byDiscriminator.get(echo.discriminator);
    if (entry === undefined) return 'unknownEcho';
    const { path, session } = entry;
    // One that nobody has forwarded, or one from farther away or over another link, says nothing of this neighbor and its link.
    if (ttl !== RETURNED_ECHO_TTL) return 'badTtl';
    if (path.type !== 'singleHop' || path.interfaceIndex !== interfaceIndex) return 'wrongPath';
    return session.receiveEcho(octets) ? null : 'unknownEcho';
  }

  #receive(type: SessionPath['type'], datagram: Datagram): DropReason | null {
    if (this.#isRepeated(type, datagram)) return null;
    const decoded = decodeControlPacket(datagram.octets);
    if (!decoded.ok) return decoded.error;
    const packet = decoded.value;
    const known = packet.yourDiscriminator !== 0;
    const entry = known ? this.#byDiscriminator.get(packet.yourDiscriminator) : this.#bySource(type, datagram);
    if (entry === undefined) {
      // Beside the point where it was sent from beyond the link: that is what should be said of it.
      if (type === 'singleHop' && datagram.ttl !== SINGLE_HOP_TTL) return 'badTtl';
      return known ? 'unknownDiscriminator' : 'unknownSource';
    }
    const { session, path } = entry;
    const reason = pathError(type, datagram, path);
    if (reason === null) return session.receive(datagram.octets, packet);
    session.dropped(reason, datagram.ttl);
    return reason;
  }

  /** Whether it is the same packet again, by the same path: then its session has taken it without reading it anew. */
  #isRepeated(type: SessionPath['type'], datagram: Datagram): boolean {
    const entry = this.#byDiscriminator.get(yourDiscriminatorOf(datagram.octets));
    return (
      entry !== undefined &&
      pathError(type, datagram, entry.path) === null &&
      entry.session.receiveAgain(datagram.octets)
    );
  }

  /** Section 6.8.6, "by some combination of other fields": the address, and the interface where the session is bound to one. */
  #bySource(type: SessionPath['type'], datagram: Datagram): Entry | undefined {
    const { source, destination, interfaceIndex } = datagram;
    return this.#byRemote.get(keyOf(type, source))?.find(({ path }) => {
      if (path.local !== null && !sameIp(path.local, destination)) return false;
      return path.type === 'multihop' || path.interfaceIndex === null || path.interfaceIndex === interfaceIndex;
    });
  }

  #newDiscriminator(): number {
    for (;;) {
      const discriminator = Math.floor(this.#deps.random() * 2 ** 32);
      if (discriminator !== 0 && !this.#byDiscriminator.has(discriminator)) return discriminator;
    }
  }
}

/** What is wrong with the way of a packet whose session is known. */
function pathError(type: SessionPath['type'], datagram: Datagram, path: SessionPath): DropReason | null {
  if (type !== path.type || datagram.family !== path.remote.family) return 'wrongPath';
  if (path.type === 'singleHop') return datagram.ttl === SINGLE_HOP_TTL ? null : 'badTtl';
  // No TTL shows that a packet has come from a neighbor; so the addresses have to be right with every packet (RFC 5883 section 5).
  if (!sameIp(datagram.source, path.remote)) return 'wrongPath';
  if (path.local !== null && !sameIp(datagram.destination, path.local)) return 'wrongPath';
  return datagram.ttl >= path.minimumTtl ? null : 'badTtl';
}

const keyOf = (type: SessionPath['type'], remote: Ip): string => `${type}/${remote.family}/${remote.value}`;

function samePath(a: SessionPath, b: SessionPath): boolean {
  const sameLocal = a.local === null || b.local === null ? a.local === b.local : sameIp(a.local, b.local);
  if (!sameLocal) return false;
  if (a.type === 'singleHop' && b.type === 'singleHop') return a.interfaceIndex === b.interfaceIndex;
  return true;
}
