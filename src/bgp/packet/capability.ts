/**
 * Capabilities (RFC 5492): what each side can do, announced in OPEN.
 *
 * A capability that this engine does not use is kept as it came. So is one that it knows but whose value has the wrong length: RFC 5492
 * gives no session-ending answer to it that would help anybody, and real speakers send some (a zero-length code 5 among them).
 */
import type { ByteReader } from '../../wire/reader.ts';
import type { ByteWriter } from '../../wire/writer.ts';
import { CapabilityCode, type Family } from './constants.ts';

/** A capability that this engine knows, or its octets. */
export type Capability =
  | { readonly type: 'multiprotocol'; readonly family: Family }
  | { readonly type: 'route-refresh' }
  | { readonly type: 'extended-message' }
  | { readonly type: 'four-octet-as'; readonly asn: number }
  | { readonly type: 'enhanced-route-refresh' }
  | { readonly type: 'unknown'; readonly code: number; readonly value: Uint8Array };

/**
 * Decodes one capability.
 *
 * @throws {TruncatedError} when it is longer than the parameter that holds it.
 */
export function decodeCapability(r: ByteReader): Capability {
  const code = r.u8();
  const length = r.u8();
  const v = r.sub(length);
  if (code === CapabilityCode.Multiprotocol && length === 4) {
    const afi = v.u16();
    v.u8(); // reserved
    return { type: 'multiprotocol', family: { afi, safi: v.u8() } };
  }
  if (code === CapabilityCode.RouteRefresh && length === 0) return { type: 'route-refresh' };
  if (code === CapabilityCode.ExtendedMessage && length === 0) return { type: 'extended-message' };
  if (code === CapabilityCode.FourOctetAs && length === 4) return { type: 'four-octet-as', asn: v.u32() };
  if (code === CapabilityCode.EnhancedRouteRefresh && length === 0) return { type: 'enhanced-route-refresh' };
  return { type: 'unknown', code, value: v.rest().slice() };
}

/** Writes code, length and value. */
export function encodeCapability(w: ByteWriter, c: Capability): void {
  switch (c.type) {
    case 'multiprotocol':
      w.u8(CapabilityCode.Multiprotocol);
      w.u8(4);
      w.u16(c.family.afi);
      w.u8(0); // reserved
      w.u8(c.family.safi);
      return;
    case 'route-refresh':
      w.u8(CapabilityCode.RouteRefresh);
      w.u8(0);
      return;
    case 'extended-message':
      w.u8(CapabilityCode.ExtendedMessage);
      w.u8(0);
      return;
    case 'four-octet-as':
      w.u8(CapabilityCode.FourOctetAs);
      w.u8(4);
      w.u32(c.asn);
      return;
    case 'enhanced-route-refresh':
      w.u8(CapabilityCode.EnhancedRouteRefresh);
      w.u8(0);
      return;
    case 'unknown':
      w.u8(c.code);
      w.u8(c.value.length);
      w.bytes(c.value);
  }
}
