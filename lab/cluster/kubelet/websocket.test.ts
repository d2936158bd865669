import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { chooseProtocol, encodeFrame, handshakeAnswer, WebSocketConnection } from './websocket.ts';

/** A client's frame: masked (RFC 6455 section 5.3). */
function clientFrame(opcode: number, payload: Buffer, isFinal = true): Buffer {
  const frame = encodeFrame(opcode, payload);
  const header = frame.subarray(0, frame.length - payload.length);
  header[0] = (isFinal ? 0x80 : 0) | opcode;
  header[1] = (header[1] ?? 0) | 0x80;
  const mask = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([header, mask, payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]);
}

/** A socket whose other end the test holds. */
class Wire extends PassThrough {
  readonly written: Buffer[] = [];
  override write(chunk: unknown): boolean {
    this.written.push(Buffer.from(chunk as Buffer));
    return true;
  }
  override end(chunk?: unknown): this {
    if (chunk !== undefined) this.written.push(Buffer.from(chunk as Buffer));
    return this;
  }
}

function connect() {
  const wire = new Wire();
  const messages: string[] = [];
  const connection = new WebSocketConnection(
    wire,
    (payload) => messages.push(payload.toString('latin1')),
    () => {},
  );
  return { wire, messages, connection, take: (bytes: Buffer) => wire.emit('data', bytes) };
}

it("answers the handshake as the RFC's example does (section 1.3)", () => {
  expect(handshakeAnswer('dGhlIHNhbXBsZSBub25jZQ==', 'chat')).toBe(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n',
  );
});

it('chooses the first protocol of ours that is offered', () => {
  const headers = { 'sec-websocket-protocol': 'v4, v5' };
  expect(chooseProtocol({ headers }, ['v6', 'v5', 'v4'])).toBe('v5');
  expect(chooseProtocol({ headers: {} }, ['v5'])).toBeUndefined();
});

describe('WebSocketConnection', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])('takes a message of %i bytes, byte by byte or at once', (length) => {
    const { take, messages } = connect();
    const frame = clientFrame(2, Buffer.alloc(length, 'x'));
    take(frame);
    const head = frame.subarray(0, 20);
    for (const byte of head) take(Buffer.of(byte));
    take(frame.subarray(20));
    expect(messages.map((message) => message.length)).toEqual([length, length]);
  });

  it('joins the parts of a message, and answers a ping between them', () => {
    const { take, messages, wire } = connect();
    take(
      Buffer.concat([
        clientFrame(1, Buffer.from('one '), false),
        clientFrame(9, Buffer.from('?')),
        clientFrame(0, Buffer.from('two')),
      ]),
    );
    expect(messages).toEqual(['one two']);
    expect(wire.written).toEqual([encodeFrame(10, Buffer.from('?'))]);
  });

  it.each([
    ['an unmasked frame', encodeFrame(2, Buffer.from('x')), 1002],
    ['reserved bits', Buffer.from([0xc2, 0x80, 0, 0, 0, 0]), 1002],
    ['an unknown opcode', clientFrame(3, Buffer.alloc(0)), 1002],
    ['a part without beginning', clientFrame(0, Buffer.from('x')), 1002],
    [
      'a beginning inside of a message',
      Buffer.concat([clientFrame(2, Buffer.alloc(1), false), clientFrame(2, Buffer.alloc(1))]),
      1002,
    ],
    ['a frame that is too large', Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), 1009],
    ['the end', clientFrame(8, Buffer.alloc(0)), 1000],
  ])('closes upon %s', (_what, bytes, code) => {
    const { take, wire, messages } = connect();
    take(bytes);
    take(clientFrame(2, Buffer.from('too late')));
    expect(wire.written.map((frame) => [frame[0], frame.readUInt16BE(2)])).toEqual([[0x88, code]]);
    expect(messages).toEqual([]);
  });
});
