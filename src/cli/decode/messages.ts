/**
 * Octets to BGP messages in the form of the contract (docs/offline-commands.md), for people and scripts.
 *
 * The decoders are those of the sessions. Where a session would end, this goes on with the next message as long as the lengths of the headers
 * allow it, and what could be understood is shown beside the error. Total: no octets make it throw.
 */
import type { UpdateContext } from '../../bgp/packet/attribute.ts';
import {
  HEADER_LENGTH,
  MARKER_LENGTH,
  MAX_EXTENDED_MESSAGE_LENGTH,
  MAX_MESSAGE_LENGTH,
  MessageType,
} from '../../bgp/packet/constants.ts';
import { checkHeader, decodeMessage, type Message, type MessageName } from '../../bgp/packet/message.ts';
import {
  type Notification,
  notificationName,
  ProtocolError,
  shutdownCommunication,
} from '../../bgp/packet/notification.ts';
import type { Open } from '../../bgp/packet/open.ts';
import { type UpdateError, UpdateResetError } from '../../bgp/packet/update-error.ts';
import { toHex } from '../../wire/hex.ts';
import { ByteReader } from '../../wire/reader.ts';
import { type CapabilityJson, capabilityJson } from './capability.ts';
import { identifierText, nothingUnderstood, PLAIN_FAMILIES, type UpdateJson, updateJson } from './update.ts';

/** What a session would have negotiated. */
export interface DecodeOptions {
  readonly fourOctetAs: boolean;
  readonly addPath: boolean;
  readonly internal: boolean;
  readonly extendedMessages: boolean;
}

/** What RFC 4271 or RFC 7606 makes of a message. */
export interface ErrorJson {
  readonly action: UpdateError['action'];
  /** These three are the NOTIFICATION's; null unless the session is reset. */
  readonly code: number | null;
  readonly subcode: number | null;
  readonly data: string | null;
  readonly message: string;
  /** The type code of the path attribute that is wrong, and its value in hex; null where it is no attribute. */
  readonly attribute: number | null;
  readonly value: string | null;
}

export interface OpenJson {
  readonly version: number;
  readonly myAs: number;
  readonly holdTime: number;
  readonly bgpIdentifier: string;
  readonly capabilities: readonly CapabilityJson[];
}

export interface NotificationJson {
  readonly code: number;
  readonly subcode: number;
  readonly name: string;
  readonly data: string;
  readonly shutdownMessage: string | null;
}

export interface RouteRefreshJson {
  readonly afi: number;
  readonly safi: number;
  readonly subtype: number;
}

type Fields =
  | ({ readonly type: 'OPEN' } & OpenJson)
  | ({ readonly type: 'UPDATE' } & UpdateJson)
  | ({ readonly type: 'NOTIFICATION' } & NotificationJson)
  | { readonly type: 'KEEPALIVE' }
  | ({ readonly type: 'ROUTE-REFRESH' } & RouteRefreshJson)
  /** Octets that are no message: of no type that there is, or too few. */
  | { readonly type: 'UNKNOWN' };

/** One message in the contract's form. `length` is what its header says; where there is no whole header, how many octets there are. */
export type MessageJson = Fields & { readonly length: number; readonly errors: readonly ErrorJson[] };

/** Decodes messages until the octets end, or until where the next one begins cannot be known. */
export function* decodeMessages(octets: Uint8Array, options: DecodeOptions): Generator<MessageJson, void, undefined> {
  for (let at = 0; at < octets.length; ) {
    const rest = octets.subarray(at);
    const length = lengthOf(rest);
    const lost = length === null || length < HEADER_LENGTH || length > rest.length || !hasMarker(rest);
    const message = lost ? rest : rest.subarray(0, length);
    yield decodeOne(message, length, options);
    if (lost) return;
    at += message.length;
  }
}

const lengthOf = (octets: Uint8Array): number | null =>
  octets.length < HEADER_LENGTH ? null : new ByteReader(octets, MARKER_LENGTH).u16();

const hasMarker = (octets: Uint8Array): boolean => octets.subarray(0, MARKER_LENGTH).every((octet) => octet === 0xff);

/** Type and length first: whoever reads the lines looks for those. */
function messageJson({ type, ...fields }: Fields, length: number, errors: readonly ErrorJson[]): MessageJson {
  return { type, length, ...fields, errors } as MessageJson;
}

function decodeOne(octets: Uint8Array, said: number | null, options: DecodeOptions): MessageJson {
  const length = said ?? octets.length;
  const maximum = options.extendedMessages ? MAX_EXTENDED_MESSAGE_LENGTH : MAX_MESSAGE_LENGTH;
  const context: UpdateContext = {
    fourOctetAs: options.fourOctetAs,
    internal: options.internal,
    families: PLAIN_FAMILIES,
    addPath: options.addPath ? PLAIN_FAMILIES : [],
  };
  try {
    // First what is wrong with the header: that some of its octets are missing is less than that.
    if (said !== null) checkHeader(octets, maximum);
    if (said === null || length > octets.length) return incomplete(octets, length);
    const message = decodeMessage(octets, context, maximum);
    const errors = message.type === 'UPDATE' ? message.errors.map(errorJson) : [];
    return messageJson(fieldsOf(message), length, errors);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const understood = error instanceof UpdateResetError ? error.understood : null;
    const milder = understood?.errors.map(errorJson) ?? [];
    const fields: Fields =
      understood === null ? withoutDecoding(octets) : { type: 'UPDATE', ...updateJson(understood.update) };
    return messageJson(fields, length, [resetJson(error), ...milder]);
  }
}

/** No session would answer it, it would wait for the rest; given as a message it has the wrong length. */
function incomplete(octets: Uint8Array, length: number): MessageJson {
  const whole = octets.length < HEADER_LENGTH ? `a header has ${HEADER_LENGTH}` : `its header says ${length}`;
  const data = octets.subarray(MARKER_LENGTH, MARKER_LENGTH + 2);
  const error: ErrorJson = {
    action: 'session-reset',
    code: 1,
    subcode: 2,
    data: data.length < 2 ? '' : toHex(data),
    message: `the message is cut: there are ${octets.length} octet(s), and ${whole}`,
    attribute: null,
    value: null,
  };
  return messageJson(withoutDecoding(octets), length, [error]);
}

function fieldsOf(message: Message): Fields {
  switch (message.type) {
    case 'OPEN':
      return { type: 'OPEN', ...openJson(message.open) };
    case 'UPDATE':
      return { type: 'UPDATE', ...updateJson(message.update) };
    case 'NOTIFICATION':
      return { type: 'NOTIFICATION', ...notificationJson(message.notification) };
    case 'KEEPALIVE':
      return { type: 'KEEPALIVE' };
    case 'ROUTE-REFRESH': {
      const { family, subtype } = message.refresh;
      return { type: 'ROUTE-REFRESH', ...family, subtype };
    }
  }
}

const openJson = (open: Open): OpenJson => ({
  version: 4, // no other is decoded
  myAs: open.myAs,
  holdTime: open.holdTime,
  bgpIdentifier: identifierText(open.bgpIdentifier),
  capabilities: open.capabilities.map(capabilityJson),
});

const notificationJson = (n: Notification): NotificationJson => ({
  code: n.code,
  subcode: n.subcode,
  name: notificationName(n),
  data: toHex(n.data),
  shutdownMessage: shutdownCommunication(n),
});

const TYPES: Readonly<Record<number, MessageName>> = {
  [MessageType.Open]: 'OPEN',
  [MessageType.Update]: 'UPDATE',
  [MessageType.Notification]: 'NOTIFICATION',
  [MessageType.Keepalive]: 'KEEPALIVE',
  [MessageType.RouteRefresh]: 'ROUTE-REFRESH',
};

/** The fields of a message that the decoder refused, as far as they have a fixed place; octets that are not there count as zero. */
function withoutDecoding(octets: Uint8Array): Fields {
  const type = TYPES[octets[HEADER_LENGTH - 1] ?? 0] ?? 'UNKNOWN';
  const fixed = new Uint8Array(10);
  fixed.set(octets.subarray(HEADER_LENGTH, HEADER_LENGTH + fixed.length));
  const r = new ByteReader(fixed);
  switch (type) {
    case 'OPEN':
      return {
        type,
        version: r.u8(),
        myAs: r.u16(),
        holdTime: r.u16(),
        bgpIdentifier: identifierText(r.u32()),
        capabilities: [],
      };
    case 'UPDATE':
      return { type, ...nothingUnderstood() };
    case 'NOTIFICATION':
      return {
        type,
        ...notificationJson({ code: r.u8(), subcode: r.u8(), data: octets.subarray(HEADER_LENGTH + 2) }),
      };
    case 'ROUTE-REFRESH': {
      const afi = r.u16();
      const subtype = r.u8();
      return { type, afi, safi: r.u8(), subtype };
    }
    default:
      return { type };
  }
}

const errorJson = (error: UpdateError): ErrorJson => ({
  action: error.action,
  code: null,
  subcode: null,
  data: null,
  message: error.message,
  attribute: error.attribute,
  value: error.attribute === null ? null : toHex(error.data),
});

function resetJson(error: ProtocolError): ErrorJson {
  const { code, subcode, data } = error.notification;
  const update = error instanceof UpdateResetError ? error.error : null;
  const attribute = update?.attribute ?? null;
  return {
    action: 'session-reset',
    code,
    subcode,
    data: toHex(data),
    message: update?.message ?? error.message,
    attribute,
    value: update === null || attribute === null ? null : toHex(update.data),
  };
}
