/**
 * Sends what is pending in an Adj-RIB-Out over one established session: the first dump, End-of-RIB per family (RFC 4724 section 2, sent whether or not
 * graceful restart is spoken), later changes, and what the peer asks for once more (RFC 2918), framed by markers where both sides speak RFC 7313.
 *
 * UPDATEs are gathered into a few large writes. When the connection takes no more, the rest stays in the RIB, where later changes replace it.
 */
import { type AdjRibOut, RIB_FAMILIES } from './adj-rib-out.ts';
import { type Family, sameFamily } from './packet/constants.ts';
import { RefreshSubtype } from './packet/route-refresh.ts';
import type { EstablishedSession, NegotiatedFamily, RoutesSent } from './peer-types.ts';
import type { Session } from './session.ts';
import { type PackingContext, UpdatePacker } from './update-packer.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Octets gathered before they are written. */
const CHUNK = 65_536;

/** Carries one Adj-RIB-Out over one session. */
export class RouteSender {
  readonly #session: Session;
  readonly #families: readonly NegotiatedFamily[];
  readonly #endOfRibDue: Set<NegotiatedFamily>;
  readonly #marksRefreshes: boolean;
  /** Requests that are still to be answered, or whose answer is under way. */
  readonly #refreshes = new Map<NegotiatedFamily, 'asked' | 'begun'>();
  readonly #packer: UpdatePacker;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(session: Session, established: EstablishedSession, context: PackingContext) {
    this.#session = session;
    this.#families = established.families.filter((f) => RIB_FAMILIES.some((known) => sameFamily(known, f)));
    this.#endOfRibDue = new Set(established.families);
    this.#marksRefreshes = established.enhancedRouteRefresh;
    this.#packer = new UpdatePacker(context);
  }

  /** Prefixes that this session can still be told of. */
  pending(rib: AdjRibOut): number {
    let sum = 0;
    for (const family of this.#families) if (family.nextHop !== null) sum += rib.pending(family);
    return sum;
  }

  /** The peer wants a family once more; a request while one is being answered begins the answer anew. */
  refresh(family: Family): void {
    const mine = this.#families.find((f) => sameFamily(f, family));
    if (mine !== undefined) this.#refreshes.set(mine, 'asked');
  }

  /** Writes until nothing is pending or the connection is full. */
  flush(rib: AdjRibOut): RoutesSent {
    const sent = { announced: 0, withdrawn: 0, updates: 0, octets: 0 };
    this.#routes(rib, sent);
    this.#endsOfRib(sent);
    // Never before the first dump is complete: what the peer lacks comes anyway, and the markers would contradict End-of-RIB.
    if (this.#endOfRibDue.size === 0) for (const family of this.#refreshes.keys()) this.#answer(family, rib, sent);
    this.#write();
    return sent;
  }

  /** RFC 7313 section 4: BoRR, the Adj-RIB-Out of the family, EoRR. */
  #answer(family: NegotiatedFamily, rib: AdjRibOut, sent: Mutable<RoutesSent>): void {
    if (this.#refreshes.get(family) === 'asked') {
      if (!this.#session.writable) return;
      this.#mark(family, RefreshSubtype.BeginningOfRefresh);
      this.#refreshes.set(family, 'begun');
      rib.refresh(family);
      this.#routes(rib, sent);
    }
    if (!this.#session.writable) return;
    this.#refreshes.delete(family);
    this.#mark(family, RefreshSubtype.EndOfRefresh);
  }

  #mark({ afi, safi }: NegotiatedFamily, subtype: number): void {
    if (!this.#marksRefreshes) return;
    this.#write();
    this.#session.send({ type: 'ROUTE-REFRESH', refresh: { family: { afi, safi }, subtype } });
  }

  #routes(rib: AdjRibOut, sent: Mutable<RoutesSent>): void {
    for (const family of this.#families) {
      if (family.nextHop === null) continue;
      while (this.#session.writable) {
        const update = this.#packer.next(rib, family, family.nextHop);
        if (update === null) break;
        sent.announced += update.announced;
        sent.withdrawn += update.withdrawn;
        sent.updates++;
        sent.octets += update.bytes.length;
        this.#append(update.bytes);
      }
      if (!this.#session.writable) break;
    }
  }

  #endsOfRib(sent: Mutable<RoutesSent>): void {
    for (const family of this.#endOfRibDue) {
      if (!this.#session.writable) break;
      this.#endOfRibDue.delete(family);
      const endOfRib = this.#packer.endOfRib(family);
      this.#append(endOfRib);
      sent.updates++;
      sent.octets += endOfRib.length;
    }
  }

  #append(message: Uint8Array): void {
    this.#parts.push(message.slice());
    this.#size += message.length;
    if (this.#size >= CHUNK) this.#write();
  }

  #write(): void {
    if (this.#size === 0) return;
    const chunk = new Uint8Array(this.#size);
    let at = 0;
    for (const part of this.#parts) {
      chunk.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#size = 0;
    this.#session.write(chunk);
  }
}
