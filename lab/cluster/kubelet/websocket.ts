/**
 * The server's side of a WebSocket (RFC 6455): the handshake, and frames on a socket.
 *
 * Binary and text messages come whole; pings are answered; what a client may not do ends the connection with the status that the RFC has for it.
 * Extensions are not offered.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Of one message; kubectl sends 32 KiB. */
const MAX_MESSAGE = 16 * 1024 * 1024;

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** RFC 6455 section 7.4.1. */
export const CLOSE = { normal: 1000, protocolError: 1002, tooBig: 1009, internalError: 1011 } as const;

/** The lines of the answer to a client's handshake (section 4.2.2). */
export function handshakeAnswer(key: string, protocol: string): string {
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
    '\r\n',
  ].join('\r\n');
}

/** The first of ours that the client offers. */
export function chooseProtocol(
  { headers }: Pick<IncomingMessage, 'headers'>,
  ours: readonly string[],
): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return ours.find((name) => offered.includes(name));
}

/** One frame with FIN set, unmasked as a server's are (section 5.1). */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  let header: Buffer;
  if (length < 126) header = Buffer.from([0x80 | opcode, length]);
  else if (length < 65_536) {
    header = Buffer.from([0x80 | opcode, 126, 0, 0]);
    header.writeUInt16BE(length, 2);
  } else {
    header = Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}

interface Frame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Takes bytes, gives the frames that are complete. */
class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  *take(chunk: Buffer): Generator<Frame> {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame;
  }

  #next(): Frame | undefined {
    const bytes = this.#bytes;
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return undefined;
    if ((first & 0x70) !== 0) throw new FrameError(CLOSE.protocolError, 'reserved bits');
    if ((second & 0x80) === 0) throw new FrameError(CLOSE.protocolError, 'a client masks its frames');
    const short = second & 0x7f;
    const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0;
    const maskAt = 2 + lengthSize;
    if (bytes.length < maskAt + 4) return undefined;
    const length =
      lengthSize === 0 ? short : lengthSize === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (length > MAX_MESSAGE) throw new FrameError(CLOSE.tooBig, `a frame of ${length} bytes`);
    const from = maskAt + 4;
    if (bytes.length < from + length) return undefined;
    const mask = bytes.subarray(maskAt, from);
    const payload = Buffer.from(bytes.subarray(from, from + length));
    for (let i = 0; i < length; i += 1) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
    this.#bytes = bytes.subarray(from + length);
    return { isFinal: (first & 0x80) !== 0, opcode: first & 0x0f, payload };
  }
}

export class WebSocketConnection {
  readonly #socket: Duplex;
  readonly #reader = new FrameReader();
  readonly #onMessage: (payload: Buffer) => void;
  #parts: Buffer[] = [];
  #isInMessage = false;
  #closing = false;

  /** @param onClose - once, whoever closed it. */
  constructor(socket: Duplex, onMessage: (payload: Buffer) => void, onClose: () => void) {
    this.#socket = socket;
    this.#onMessage = onMessage;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.once('close', onClose);
  }

  /** Bytes that came with the handshake. */
  unshift(head: Buffer): void {
    if (head.length > 0) this.#take(head);
  }

  /** Resolves when there is room for more. */
  async send(payload: Buffer): Promise<void> {
    if (this.#closing || this.#socket.destroyed) return;
    if (this.#socket.write(encodeFrame(OPCODE.binary, payload))) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.#socket.off('drain', go);
        this.#socket.off('close', go);
        resolve();
      };
      this.#socket.on('drain', go);
      this.#socket.on('close', go);
    });
  }

  close(status: number = CLOSE.normal): void {
    if (this.#closing) return;
    this.#closing = true;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(status);
    this.#socket.end(encodeFrame(OPCODE.close, payload));
  }

  #take(chunk: Buffer): void {
    if (this.#closing) return;
    try {
      for (const frame of this.#reader.take(chunk)) this.#frame(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.close(error.status);
    }
  }

  #frame({ isFinal, opcode, payload }: Frame): void {
    switch (opcode) {
      case OPCODE.text:
      case OPCODE.binary:
      case OPCODE.continuation: {
        if (this.#isInMessage !== (opcode === OPCODE.continuation))
          throw new FrameError(CLOSE.protocolError, 'a part without its beginning, or a beginning inside of a message');
        this.#parts.push(payload);
        if (this.#parts.reduce((sum, part) => sum + part.length, 0) > MAX_MESSAGE)
          throw new FrameError(CLOSE.tooBig, 'a message in too many parts');
        this.#isInMessage = !isFinal;
        if (!isFinal) return;
        const message = Buffer.concat(this.#parts);
        this.#parts = [];
        this.#onMessage(message);
        return;
      }
      case OPCODE.ping:
        this.#socket.write(encodeFrame(OPCODE.pong, payload));
        return;
      case OPCODE.pong:
        return;
      case OPCODE.close:
        this.close();
        return;
      default:
        throw new FrameError(CLOSE.protocolError, `opcode ${opcode}`);
    }
  }
}
