/**
 * ROUTE-REFRESH (RFC 2918) and its subtypes (RFC 7313). Outbound route filters that may follow (RFC 5291) are passed over: we never
 * offer to take any.
 */
import type { ByteReader } from '../../wire/reader.ts';
import type { ByteWriter } from '../../wire/writer.ts';
import { ErrorCode, type Family } from './constants.ts';
import { notification, ProtocolError } from './notification.ts';

/** RFC 7313 section 3.2. */
export const RefreshSubtype = { Request: 0, BeginningOfRefresh: 1, EndOfRefresh: 2 } as const;

/** A request for a family, or a marker around the answer. */
export interface RouteRefresh {
  readonly family: Family;
  /** One of {@link RefreshSubtype}; others are to be ignored (RFC 7313 section 5). */
  readonly subtype: number;
}

/**
 * Decodes the body of a ROUTE-REFRESH, which framing has checked to hold four octets.
 *
 * @param message - the whole message: RFC 7313 section 5 wants it back where its length is wrong.
 * @throws {ProtocolError} 7/1 for a marker of a refresh that has a body.
 */
export function decodeRouteRefresh(r: ByteReader, message: Uint8Array): RouteRefresh {
  const afi = r.u16();
  const subtype = r.u8();
  const family = { afi, safi: r.u8() };
  const marker = subtype === RefreshSubtype.BeginningOfRefresh || subtype === RefreshSubtype.EndOfRefresh;
  if (r.remaining > 0 && marker) {
    const answer = notification(ErrorCode.RouteRefreshMessage, 1, message.slice());
    throw new ProtocolError('bad ROUTE-REFRESH: length', answer);
  }
  return { family, subtype };
}

/** Writes the body. */
export function encodeRouteRefresh(w: ByteWriter, message: RouteRefresh): void {
  w.u16(message.family.afi);
  w.u8(message.subtype);
  w.u8(message.family.safi);
}
