/**
 * What the peers of one speaker share: interned prefixes and attribute sets, encoded path attributes, and the buffer in which UPDATEs
 * are put together. A peer that is given none has tables of its own.
 */
import { Interner } from '../interner.ts';
import { formatIp, type Ip, type IpFamily } from '../net/ip.ts';
import { AttributeSets } from './attribute-sets.ts';
import { MAX_MESSAGE_LENGTH } from './packet/constants.ts';
import { EncodedAttributes, type PackingContext } from './path-attributes.ts';
import { PrefixTable } from './prefix-table.ts';

/** Octets gathered before they are written: a few large writes cost less than many small ones. */
export const CHUNK = 65_536;

/** Contexts that are remembered; a speaker has as many as its sessions differ in AS, kind and next hop. */
const MAX_CONTEXTS = 64;

/** One per speaker. */
export class RouteTables {
  readonly sets = new AttributeSets();
  /** A chunk and the message that overruns it. Whoever fills it copies it out before anybody else has a turn. */
  readonly scratch = new Uint8Array(CHUNK + MAX_MESSAGE_LENGTH);
  readonly #prefixes4 = new PrefixTable(4);
  readonly #prefixes6 = new PrefixTable(6);
  /** Next hops come and go over the life of a speaker. Sessions that run keep what they have. */
  readonly #contexts = new Interner<EncodedAttributes>(MAX_CONTEXTS);

  prefixes(family: IpFamily): PrefixTable {
    return family === 4 ? this.#prefixes4 : this.#prefixes6;
  }

  /**
   * Path attributes as sessions of this context send them: one object for equal contexts.
   *
   * @param nextHop - for NEXT_HOP; null where MP_REACH_NLRI has it.
   */
  encoded(context: PackingContext, nextHop: Ip | null): EncodedAttributes {
    // The families decide which routes are sent, not how.
    const key = `${JSON.stringify({ ...context, families: [] })} ${nextHop === null ? '' : formatIp(nextHop)}`;
    return this.#contexts.of(key, () => new EncodedAttributes(context, nextHop));
  }
}
