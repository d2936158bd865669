/**
 * How many prefixes a peer has announced, and what it gets when they are too many (RFC 4486). The prefixes are remembered up to the limit and no
 * further, so that a peer with a full table costs no more than one without.
 */
import { CeaseSubcode, ErrorCode, type Family } from './packet/constants.ts';
import { type Notification, notification } from './packet/notification.ts';
import type { Update } from './packet/update.ts';
import { announcedBy, withdrawnBy } from './packet/update-routes.ts';
import { type PrefixKey, prefixKey } from './prefix-key.ts';

/** The prefixes that one session has announced to us, counted up to a limit. */
export class PrefixLimit {
  readonly #limit: number;
  readonly #held = new Set<PrefixKey>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The prefixes that the peer has announced and not withdrawn. */
  get size(): number {
    return this.#held.size;
  }

  /** Counts an UPDATE; the family in which the limit was passed, or null. */
  count(update: Update): Family | null {
    for (const { prefixes } of withdrawnBy(update)) for (const p of prefixes) this.#held.delete(prefixKey(p));
    for (const { prefixes, family } of announcedBy(update)) {
      for (const p of prefixes) {
        this.#held.add(prefixKey(p));
        if (this.#held.size > this.#limit) return family;
      }
    }
    return null;
  }
}

/** Cease 6/1 with AFI, SAFI and the limit as data (RFC 4486 section 4). */
export function maximumPrefixesReached(family: Family, limit: number): Notification {
  const data = new Uint8Array(7);
  const view = new DataView(data.buffer);
  view.setUint16(0, family.afi);
  view.setUint8(2, family.safi);
  view.setUint32(3, limit);
  return notification(ErrorCode.Cease, CeaseSubcode.MaximumPrefixes, data);
}
