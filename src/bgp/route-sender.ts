/**
 * Sends what is pending in an Adj-RIB-Out over one established session: the first dump, End-of-RIB per family (RFC 4724 section 2, sent whether or not
 * graceful restart is spoken), later changes, and what the peer asks for once more (RFC 2918), framed by markers where both sides speak RFC 7313.
 *
 * Withdrawals of all families go before any announcement. UPDATEs are gathered into a few large writes. When the connection takes no more, the
 * rest stays in the RIB, where later changes replace it.
 */
import { type AdjRibOut, RIB_FAMILIES } from './adj-rib-out.ts';
import { WITHDRAWALS } from './family-rib.ts';
import { type Family, sameFamily } from './packet/constants.ts';
import { RefreshSubtype } from './packet/route-refresh.ts';
import type { PackingContext } from './path-attributes.ts';
import type { EstablishedSession, RoutesSent } from './peer-types.ts';
import { CHUNK, type RouteTables } from './route-tables.ts';
import type { Session } from './session.ts';
import { UpdatePacker, writeEndOfRib } from './update-packer.ts';

/** How a family of the session stands. */
interface Outgoing {
  readonly family: Family;
  /** Null where we have no next hop for it: nothing is announced then, and only End-of-RIB is sent. */
  readonly packer: UpdatePacker | null;
  endOfRibDue: boolean;
  /** The peer has asked, and its answer has not begun. */
  refreshDue: boolean;
  endOfRefreshDue: boolean;
}

/** Carries one Adj-RIB-Out over one session. */
export class RouteSender {
  readonly #session: Session;
  readonly #tables: RouteTables;
  readonly #families: readonly Outgoing[];
  readonly #marksRefreshes: boolean;
  /** Octets gathered in the tables' scratch; none between two flushes. */
  #size = 0;

  constructor(session: Session, established: EstablishedSession, context: PackingContext, tables: RouteTables) {
    this.#session = session;
    this.#tables = tables;
    this.#marksRefreshes = established.enhancedRouteRefresh;
    this.#families = established.families.map(({ afi, safi, nextHop }) => {
      const family = { afi, safi };
      const carries = nextHop !== null && RIB_FAMILIES.some((known) => sameFamily(known, family));
      const packer = carries ? new UpdatePacker(tables, context, family, nextHop) : null;
      return { family, packer, endOfRibDue: true, refreshDue: false, endOfRefreshDue: false };
    });
  }

  /** Prefixes that this session can still be told of. */
  pending(rib: AdjRibOut): number {
    let sum = 0;
    for (const { family, packer } of this.#families) if (packer !== null) sum += rib.family(family).pending;
    return sum;
  }

  /** The peer asks for a family once more (RFC 2918): the next {@link flush} begins the answer. */
  refresh(family: Family): void {
    for (const outgoing of this.#families) if (sameFamily(outgoing.family, family)) outgoing.refreshDue = true;
  }

  /** Writes until nothing is pending or the connection is full. */
  flush(rib: AdjRibOut): RoutesSent {
    const sent = { announced: 0, withdrawn: 0, updates: 0, octets: 0 };
    this.#routes(rib, sent);
    for (const outgoing of this.#families) this.#endOfRib(outgoing, rib, sent);
    for (const outgoing of this.#families) this.#refresh(outgoing, rib, sent);
    this.#write();
    return sent;
  }

  #routes(rib: AdjRibOut, sent: Gathering): void {
    while (this.#session.writable) {
      const update = this.#packerOf(rib)?.next(rib, this.#tables.scratch, this.#size) ?? null;
      if (update === null) return;
      sent.announced += update.announced;
      sent.withdrawn += update.withdrawn;
      this.#gathered(sent, update.octets);
    }
  }

  /** The packer whose turn it is; null when nothing is pending. */
  #packerOf(rib: AdjRibOut): UpdatePacker | null {
    let announces: UpdatePacker | null = null;
    for (const { family, packer } of this.#families) {
      const bucket = packer === null ? null : rib.family(family).nextBucket;
      if (bucket === WITHDRAWALS) return packer;
      if (bucket !== null) announces ??= packer;
    }
    return announces;
  }

  /** When the first dump of a family is through. */
  #endOfRib(outgoing: Outgoing, rib: AdjRibOut, sent: Gathering): void {
    const { family, packer } = outgoing;
    if (!outgoing.endOfRibDue || !this.#session.writable) return;
    if (packer !== null && rib.family(family).pending > 0) return;
    outgoing.endOfRibDue = false;
    this.#gathered(sent, writeEndOfRib(family, this.#tables.scratch, this.#size));
  }

  /**
   * RFC 7313 section 4: BoRR, the Adj-RIB-Out of the family, EoRR. Not before End-of-RIB: what the peer lacks comes anyway, and the markers would
   * contradict it. A request while one is being answered begins the answer anew.
   */
  #refresh(outgoing: Outgoing, rib: AdjRibOut, sent: Gathering): void {
    const { family, packer } = outgoing;
    if (outgoing.refreshDue && !outgoing.endOfRibDue && this.#session.writable) {
      outgoing.refreshDue = false;
      outgoing.endOfRefreshDue = true;
      this.#mark(family, RefreshSubtype.BeginningOfRefresh);
      if (packer !== null) rib.family(family).refresh();
      this.#routes(rib, sent);
    }
    if (!outgoing.endOfRefreshDue || !this.#session.writable) return;
    if (packer !== null && rib.family(family).refreshing > 0) return;
    outgoing.endOfRefreshDue = false;
    this.#mark(family, RefreshSubtype.EndOfRefresh);
  }

  #mark(family: Family, subtype: number): void {
    if (!this.#marksRefreshes) return;
    this.#write();
    this.#session.send({ type: 'ROUTE-REFRESH', refresh: { family, subtype } });
  }

  #gathered(sent: Gathering, octets: number): void {
    sent.updates++;
    sent.octets += octets;
    this.#size += octets;
    if (this.#size >= CHUNK) this.#write();
  }

  #write(): void {
    if (this.#size === 0) return;
    // A copy: the connection keeps it for as long as the kernel does not take it.
    const chunk = this.#tables.scratch.slice(0, this.#size);
    this.#size = 0;
    this.#session.write(chunk);
  }
}

type Gathering = { -readonly [Field in keyof RoutesSent]: RoutesSent[Field] };
