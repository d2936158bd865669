/**
 * OPEN (RFC 4271 section 4.2): decoding with capabilities in one or many optional parameters (RFC 5492) and with extended optional
 * parameters (RFC 9072, accepted whenever they come, sent when 255 octets do not suffice), and encoding.
 *
 * Decoding judges what is wrong for any receiver. What depends on whom we expected (AS number, our own identifier) is in
 * `../negotiation.ts`.
 */
import { ByteReader, TruncatedError } from '../../wire/reader.ts';
import { ByteWriter } from '../../wire/writer.ts';
import { type Capability, decodeCapability, encodeCapability } from './capability.ts';
import { AS_TRANS, BGP_VERSION, ErrorCode, MAX_MESSAGE_LENGTH, OpenSubcode } from './constants.ts';
import { notification, ProtocolError } from './notification.ts';

/** A decoded OPEN. */
export interface Open {
  /** The AS number that counts: the four-octet capability's where there is one (RFC 6793 section 4.1), else My AS. */
  readonly asn: number;
  /** The two-octet field as it stands on the wire. */
  readonly myAs: number;
  /** Seconds, as on the wire; zero means no KEEPALIVEs. */
  readonly holdTime: number;
  readonly bgpIdentifier: number;
  readonly capabilities: readonly Capability[];
}

const PARAMETER_CAPABILITIES = 2;
const PARAMETER_EXTENDED = 255; // RFC 9072 section 2

/**
 * Decodes the body of an OPEN.
 *
 * @throws {ProtocolError} carrying the NOTIFICATION of RFC 4271 section 6.2.
 */
export function decodeOpen(r: ByteReader): Open {
  try {
    return decode(r);
  } catch (error) {
    if (error instanceof TruncatedError) throw openError('truncated', OpenSubcode.Unspecific);
    throw error;
  }
}

function decode(r: ByteReader): Open {
  const version = r.u8();
  if (version !== BGP_VERSION) {
    throw openError(`version ${version}`, OpenSubcode.UnsupportedVersion, new Uint8Array([0, BGP_VERSION]));
  }
  const myAs = r.u16();
  const holdTime = r.u16();
  // Section 4.2: zero, or at least three seconds.
  if (holdTime === 1 || holdTime === 2) {
    throw openError(`hold time ${holdTime} s`, OpenSubcode.UnacceptableHoldTime);
  }
  const bgpIdentifier = r.u32();
  if (bgpIdentifier === 0) throw openError('BGP identifier 0.0.0.0', OpenSubcode.BadBgpIdentifier);

  const capabilities = decodeParameters(r);
  let asn = myAs;
  for (const c of capabilities) if (c.type === 'four-octet-as') asn = c.asn;
  // RFC 7607: zero is nobody. AS_TRANS as the real number could be anybody (RFC 6793 section 4.2.2 reserves it).
  if (asn === 0) throw openError('AS 0', OpenSubcode.BadPeerAs);
  return { asn, myAs, holdTime, bgpIdentifier, capabilities };
}

function decodeParameters(r: ByteReader): Capability[] {
  const length = r.u8();
  const rest = r.rest();
  // RFC 9072 section 2: the type of the first parameter decides; the length before it should be 255 and is not looked at.
  const extended = length !== 0 && rest[0] === PARAMETER_EXTENDED;
  const field = new ByteReader(rest, extended ? 1 : 0);
  const parameters = field.sub(extended ? field.u16() : length);
  if (field.remaining > 0) {
    throw openError(`${field.remaining} octet(s) after the optional parameters`, OpenSubcode.Unspecific);
  }
  const capabilities: Capability[] = [];
  while (parameters.remaining > 0) {
    const type = parameters.u8();
    const value = parameters.sub(extended ? parameters.u16() : parameters.u8());
    if (type !== PARAMETER_CAPABILITIES) {
      throw openError(`optional parameter of type ${type}`, OpenSubcode.UnsupportedOptionalParameter);
    }
    while (value.remaining > 0) capabilities.push(decodeCapability(value));
  }
  return capabilities;
}

function openError(what: string, subcode: number, data?: Uint8Array): ProtocolError {
  return new ProtocolError(`bad OPEN: ${what}`, notification(ErrorCode.OpenMessage, subcode, data));
}

/** Encodes the body of an OPEN, all capabilities in one parameter, as most speakers do. */
export function encodeOpen(w: ByteWriter, open: Open): void {
  w.u8(BGP_VERSION);
  w.u16(open.myAs);
  w.u16(open.holdTime);
  w.u32(open.bgpIdentifier);
  const list = new ByteWriter(MAX_MESSAGE_LENGTH);
  for (const c of open.capabilities) encodeCapability(list, c);
  const value = list.view();
  if (value.length === 0) {
    w.u8(0);
  } else if (value.length + 2 <= 255) {
    w.u8(value.length + 2);
    w.u8(PARAMETER_CAPABILITIES);
    w.u8(value.length);
    w.bytes(value);
  } else {
    w.u8(255);
    w.u8(PARAMETER_EXTENDED);
    w.u16(value.length + 3);
    w.u8(PARAMETER_CAPABILITIES);
    w.u16(value.length);
    w.bytes(value);
  }
}

/** What stands in the two-octet My AS field for this AS number (RFC 6793 section 4.1). */
export const myAsField = (asn: number): number => (asn > 0xffff ? AS_TRANS : asn);
