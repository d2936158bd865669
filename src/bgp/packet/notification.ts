/**
 * NOTIFICATION (RFC 4271 section 4.5): what ends a session, with the names of codes and subcodes, the shutdown communication of
 * RFC 9003 both ways, and the error that every decoder of this engine answers with.
 *
 * Text that a peer wrote is made printable here, once, so that no log and no terminal has to think of it again.
 */
import type { ByteReader } from '../../wire/reader.ts';
import type { ByteWriter } from '../../wire/writer.ts';
import { CeaseSubcode, ErrorCode } from './constants.ts';

/** Why a session ends, as on the wire. */
export interface Notification {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

const NO_DATA = new Uint8Array(0);

/** A NOTIFICATION of this code and subcode. */
export const notification = (code: number, subcode = 0, data: Uint8Array = NO_DATA): Notification => ({
  code,
  subcode,
  data,
});

/** A message that ends the session: `notification` is the answer that the peer gets (RFC 7606's "session reset"). */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly notification: Notification;
  constructor(message: string, answer: Notification, options?: ErrorOptions) {
    super(message, options);
    this.notification = answer;
  }
}

/** RFC 9003 section 2: the length field is one octet. */
const MAX_COMMUNICATION = 255;

/**
 * A Cease, with an optional shutdown communication (only the subcodes 2 and 4 carry one, RFC 9003 section 2). Text longer than 255
 * octets of UTF-8 is cut at the border of a character.
 */
export function cease(subcode: number, communication?: string): Notification {
  if (communication === undefined || !carriesCommunication(ErrorCode.Cease, subcode)) {
    return notification(ErrorCode.Cease, subcode);
  }
  const text = new Uint8Array(MAX_COMMUNICATION);
  const { written } = new TextEncoder().encodeInto(communication, text);
  const data = new Uint8Array(1 + written);
  data[0] = written;
  data.set(text.subarray(0, written), 1);
  return notification(ErrorCode.Cease, subcode, data);
}

const carriesCommunication = (code: number, subcode: number): boolean =>
  code === ErrorCode.Cease &&
  (subcode === CeaseSubcode.AdministrativeShutdown || subcode === CeaseSubcode.AdministrativeReset);

/**
 * The shutdown communication of a received NOTIFICATION, made printable; null when there is none, or when it is malformed.
 *
 * Invalid UTF-8 becomes U+FFFD and control characters become spaces: it is a stranger's text (RFC 9003 section 5).
 */
export function shutdownCommunication(n: Notification): string | null {
  if (!carriesCommunication(n.code, n.subcode)) return null;
  const length = n.data[0] ?? 0;
  if (length === 0 || length > n.data.length - 1) return null;
  return printable(new TextDecoder().decode(n.data.subarray(1, 1 + length)));
}

/** Control characters, and those that turn the direction of writing, cannot fool a reader of a log. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');

/** Decodes the body of a NOTIFICATION. Its framing has been checked to hold two octets. */
export function decodeNotification(r: ByteReader): Notification {
  return { code: r.u8(), subcode: r.u8(), data: r.rest().slice() };
}

/** Encodes the body; data beyond the largest message is cut, for what is quoted may be as long as a message itself. */
export function encodeNotification(w: ByteWriter, n: Notification): void {
  w.u8(n.code);
  w.u8(n.subcode);
  w.bytes(n.data.subarray(0, w.remaining));
}

const CODES: Readonly<Record<number, readonly [string, Readonly<Record<number, string>>]>> = {
  1: ['Message Header Error', { 1: 'Connection Not Synchronized', 2: 'Bad Message Length', 3: 'Bad Message Type' }],
  2: [
    'OPEN Message Error',
    {
      1: 'Unsupported Version Number',
      2: 'Bad Peer AS',
      3: 'Bad BGP Identifier',
      4: 'Unsupported Optional Parameter',
      5: 'Authentication Failure',
      6: 'Unacceptable Hold Time',
      7: 'Unsupported Capability',
      11: 'Role Mismatch',
    },
  ],
  3: [
    'UPDATE Message Error',
    {
      1: 'Malformed Attribute List',
      2: 'Unrecognized Well-known Attribute',
      3: 'Missing Well-known Attribute',
      4: 'Attribute Flags Error',
      5: 'Attribute Length Error',
      6: 'Invalid ORIGIN Attribute',
      7: 'AS Routing Loop',
      8: 'Invalid NEXT_HOP Attribute',
      9: 'Optional Attribute Error',
      10: 'Invalid Network Field',
      11: 'Malformed AS_PATH',
    },
  ],
  4: ['Hold Timer Expired', {}],
  5: [
    'Finite State Machine Error',
    {
      1: 'Receive Unexpected Message in OpenSent State',
      2: 'Receive Unexpected Message in OpenConfirm State',
      3: 'Receive Unexpected Message in Established State',
    },
  ],
  6: [
    'Cease',
    {
      1: 'Maximum Number of Prefixes Reached',
      2: 'Administrative Shutdown',
      3: 'Peer De-configured',
      4: 'Administrative Reset',
      5: 'Connection Rejected',
      6: 'Other Configuration Change',
      7: 'Connection Collision Resolution',
      8: 'Out of Resources',
      9: 'Hard Reset',
      10: 'BFD Down',
    },
  ],
  7: ['ROUTE-REFRESH Message Error', { 1: 'Invalid Message Length' }],
  8: ['Send Hold Timer Expired', {}],
};

/** `Cease: Administrative Shutdown`. */
export function notificationName({ code, subcode }: Pick<Notification, 'code' | 'subcode'>): string {
  const [name, subcodes] = CODES[code] ?? ['unknown error code', {}];
  const detail = subcodes[subcode];
  return detail === undefined ? name : `${name}: ${detail}`;
}

/** `6/2 Cease: Administrative Shutdown "text"`: codes, their names, and what a shutdown communication says. */
export function formatNotification(n: Notification): string {
  const said = shutdownCommunication(n);
  return `${n.code}/${n.subcode} ${notificationName(n)}${said === null ? '' : ` "${said}"`}`;
}
