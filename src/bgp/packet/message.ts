/**
 * One whole BGP message: header (RFC 4271 section 4.1), dispatch by type, and the way back to bytes.
 *
 * A new message type is a file with its codec and one case in each of the two functions here.
 */
import { ByteReader } from '../../wire/reader.ts';
import { ByteWriter } from '../../wire/writer.ts';
import type { UpdateContext } from './attribute.ts';
import {
  ErrorCode,
  HEADER_LENGTH,
  HeaderSubcode,
  MARKER_LENGTH,
  MAX_MESSAGE_LENGTH,
  MessageType,
} from './constants.ts';
import {
  decodeNotification,
  encodeNotification,
  type Notification,
  notification,
  ProtocolError,
} from './notification.ts';
import { decodeOpen, encodeOpen, type Open } from './open.ts';
import { decodeRouteRefresh, encodeRouteRefresh, type RouteRefresh } from './route-refresh.ts';
import { decodeUpdate, encodeUpdate, type Update } from './update.ts';
import type { UpdateError } from './update-error.ts';

/** A decoded message. */
export type Message =
  | { readonly type: 'OPEN'; readonly open: Open }
  | { readonly type: 'UPDATE'; readonly update: Update; readonly errors: readonly UpdateError[] }
  | { readonly type: 'NOTIFICATION'; readonly notification: Notification }
  | { readonly type: 'KEEPALIVE' }
  | { readonly type: 'ROUTE-REFRESH'; readonly refresh: RouteRefresh };

/** The names of the message types. */
export type MessageName = Message['type'];

/** RFC 4271 section 6.1, RFC 2918: the shortest message of each type. */
const MINIMUM_LENGTH: Readonly<Record<number, number>> = {
  [MessageType.Open]: 29,
  [MessageType.Update]: 23,
  [MessageType.Notification]: 21,
  [MessageType.Keepalive]: 19,
  [MessageType.RouteRefresh]: 23,
};

/**
 * The length of the message that begins here, its header judged (RFC 4271 section 6.1).
 *
 * @param bytes - at least the 19 octets of the header.
 * @param maximum - what was negotiated; OPEN and KEEPALIVE stay at 4096 octets even so (RFC 8654 section 4).
 * @throws {ProtocolError} 1/1, 1/2 or 1/3.
 */
export function checkHeader(bytes: Uint8Array, maximum = MAX_MESSAGE_LENGTH): number {
  for (let i = 0; i < MARKER_LENGTH; i++) {
    if (bytes[i] !== 0xff) throw headerError('marker', HeaderSubcode.ConnectionNotSynchronized);
  }
  const r = new ByteReader(bytes, MARKER_LENGTH);
  const length = r.u16();
  const type = r.u8();
  const badLength = (): ProtocolError =>
    headerError(`length ${length}`, HeaderSubcode.BadMessageLength, bytes.slice(MARKER_LENGTH, MARKER_LENGTH + 2));
  const extends4096 = type !== MessageType.Open && type !== MessageType.Keepalive;
  if (length < HEADER_LENGTH || length > (extends4096 ? maximum : MAX_MESSAGE_LENGTH)) throw badLength();
  const minimum = MINIMUM_LENGTH[type];
  if (minimum === undefined) throw headerError(`type ${type}`, HeaderSubcode.BadMessageType, new Uint8Array([type]));
  if (length < minimum || (type === MessageType.Keepalive && length !== minimum)) throw badLength();
  return length;
}

function headerError(what: string, subcode: number, data?: Uint8Array): ProtocolError {
  return new ProtocolError(`bad message header: ${what}`, notification(ErrorCode.MessageHeader, subcode, data));
}

/**
 * Decodes one whole message. Nothing in the result refers to `bytes`.
 *
 * @param maximum - the longest message that was negotiated.
 * @throws {ProtocolError} with the NOTIFICATION that answers it; no other error, whatever the bytes.
 */
export function decodeMessage(bytes: Uint8Array, context: UpdateContext, maximum = MAX_MESSAGE_LENGTH): Message {
  if (bytes.length < HEADER_LENGTH || checkHeader(bytes, maximum) !== bytes.length) {
    throw headerError(`${bytes.length} octets`, HeaderSubcode.BadMessageLength, bytes.slice(MARKER_LENGTH, 18));
  }
  const type = bytes[HEADER_LENGTH - 1];
  const r = new ByteReader(bytes, HEADER_LENGTH);
  switch (type) {
    case MessageType.Open:
      return { type: 'OPEN', open: decodeOpen(r) };
    case MessageType.Update:
      return { type: 'UPDATE', ...decodeUpdate(r, context) };
    case MessageType.Notification:
      return { type: 'NOTIFICATION', notification: decodeNotification(r) };
    case MessageType.RouteRefresh:
      return { type: 'ROUTE-REFRESH', refresh: decodeRouteRefresh(r, bytes) };
    default:
      return { type: 'KEEPALIVE' }; // checkHeader lets no other type through
  }
}

/** A message to be sent; what of it an observer may count is its `type`. */
export type OutgoingMessage = Message | { readonly type: 'UPDATE'; readonly update: Update };

/**
 * Encodes one whole message into a fresh array.
 *
 * @throws {OverflowError} when it does not fit into 4096 octets.
 */
export function encodeMessage(message: OutgoingMessage, context: UpdateContext): Uint8Array {
  const w = new ByteWriter(MAX_MESSAGE_LENGTH);
  const start = beginMessage(w, typeNumber(message.type));
  switch (message.type) {
    case 'OPEN':
      encodeOpen(w, message.open);
      break;
    case 'UPDATE':
      encodeUpdate(w, message.update, context);
      break;
    case 'NOTIFICATION':
      encodeNotification(w, message.notification);
      break;
    case 'ROUTE-REFRESH':
      encodeRouteRefresh(w, message.refresh);
      break;
    case 'KEEPALIVE':
      break;
  }
  endMessage(w, start);
  return w.toBytes();
}

function typeNumber(name: MessageName): number {
  switch (name) {
    case 'OPEN':
      return MessageType.Open;
    case 'UPDATE':
      return MessageType.Update;
    case 'NOTIFICATION':
      return MessageType.Notification;
    case 'KEEPALIVE':
      return MessageType.Keepalive;
    case 'ROUTE-REFRESH':
      return MessageType.RouteRefresh;
  }
}

const MARKER = new Uint8Array(MARKER_LENGTH).fill(0xff);

/** Writes a header whose length is not known yet; answers where the message starts. */
export function beginMessage(w: ByteWriter, type: number): number {
  const start = w.length;
  w.bytes(MARKER);
  w.skip(2);
  w.u8(type);
  return start;
}

/** Fills in the length of the message that {@link beginMessage} began. */
export function endMessage(w: ByteWriter, start: number): void {
  w.patchU16(start + MARKER_LENGTH, w.length - start);
}
