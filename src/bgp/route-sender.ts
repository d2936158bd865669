/**
 * Sends what is pending in an Adj-RIB-Out over one established session: the first dump, End-of-RIB per family (RFC 4724 section 2, sent whether or not
 * graceful restart is spoken), later changes.
 *
 * UPDATEs are gathered into a few large writes. When the connection takes no more, the rest stays in the RIB, where later changes replace it.
 */
import { type AdjRibOut, RIB_FAMILIES } from './adj-rib-out.ts';
import { sameFamily } from './packet/constants.ts';
import type { EstablishedSession, NegotiatedFamily, RoutesSent } from './peer-types.ts';
import type { Session } from './session.ts';
import { type PackingContext, UpdatePacker } from './update-packer.ts';

/** Octets gathered before they are written. */
const CHUNK = 65_536;

/** Carries one Adj-RIB-Out over one session. */
export class RouteSender {
  readonly #session: Session;
  readonly #families: readonly NegotiatedFamily[];
  readonly #endOfRibDue: Set<NegotiatedFamily>;
  readonly #packer: UpdatePacker;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(session: Session, established: EstablishedSession, context: PackingContext) {
    this.#session = session;
    this.#families = established.families.filter((f) => RIB_FAMILIES.some((known) => sameFamily(known, f)));
    this.#endOfRibDue = new Set(established.families);
    this.#packer = new UpdatePacker(context);
  }

  /** Prefixes that this session can still be told of. */
  pending(rib: AdjRibOut): number {
    let sum = 0;
    for (const family of this.#families) if (family.nextHop !== null) sum += rib.pending(family);
    return sum;
  }

  /** Writes until nothing is pending or the connection is full. */
  flush(rib: AdjRibOut): RoutesSent {
    const sent = { announced: 0, withdrawn: 0, updates: 0, octets: 0 };
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
    for (const family of this.#endOfRibDue) {
      if (!this.#session.writable) break;
      this.#endOfRibDue.delete(family);
      const endOfRib = this.#packer.endOfRib(family);
      this.#append(endOfRib);
      sent.updates++;
      sent.octets += endOfRib.length;
    }
    this.#write();
    return sent;
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
