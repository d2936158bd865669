/** One request over HTTP: its body within bounds, its answer in one piece or as a stream that a slow reader cannot make large. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeProtobuf, PROTOBUF } from '../protobuf/decode.ts';
import { ApiError } from '../status.ts';
import type { ApiRequest, ApiResponse } from '../types.ts';
import type { StreamResponse, StreamSink } from '../verbs/watch.ts';

/** As kube-apiserver: three mebibytes. */
const MAX_BODY = 3 * 1024 * 1024;
const MAX_DISCARDED = 16 * 1024 * 1024;
/** A stream that has this much waiting to be read is ended: its client can resume. */
const MAX_UNREAD = 8 * 1024 * 1024;

/** @throws ApiError 413 for a body that is too large, 400 and 415 for protobuf that cannot be read */
export async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
    // Somewhat more is read and thrown away: a client that is still writing would not see the answer.
    else if (size > MAX_DISCARDED) break;
  }
  if (size > MAX_BODY)
    throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY}`);
  const body = Buffer.concat(chunks);
  if (!(incoming.headers['content-type'] ?? '').startsWith(PROTOBUF)) return requestOf(incoming, body.toString());
  // From here on there is JSON alone.
  const request = requestOf(incoming, JSON.stringify(decodeProtobuf(body)));
  return { ...request, headers: { ...request.headers, 'content-type': 'application/json' } };
}

/** The request without its body. */
export function requestOf(incoming: IncomingMessage, body = ''): ApiRequest {
  const [path = '/', query = ''] = splitOnce(incoming.url ?? '/', '?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return { method: incoming.method ?? 'GET', path, query: new URLSearchParams(query), headers, body };
}

/** @param cutAfter - octets of the body after which the connection ends; undefined: never */
export function sendResponse(outgoing: ServerResponse, response: ApiResponse, cutAfter: number | undefined): void {
  const body = Buffer.from(response.body as string);
  if (cutAfter === 0) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(response.status, { ...response.headers, 'content-length': body.length });
  if (cutAfter === undefined || cutAfter >= body.length) outgoing.end(body);
  else outgoing.write(body.subarray(0, cutAfter), () => outgoing.destroy());
}

/** @param silent - nothing is ever said */
export function sendStream(
  outgoing: ServerResponse,
  response: StreamResponse,
  cutAfter: number | undefined,
  silent: boolean,
): void {
  if (cutAfter === 0) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(response.status, response.headers);
  // The client learns that it is taken before anything happens.
  outgoing.flushHeaders();
  let left = cutAfter;
  let stop = (): void => {};
  const sink: StreamSink = {
    write: (text) => {
      if (silent || outgoing.destroyed || outgoing.writableEnded) return;
      const bytes = Buffer.from(text);
      if (left !== undefined && bytes.length >= left) {
        const last = bytes.subarray(0, left);
        left = 0;
        outgoing.write(last, () => outgoing.destroy());
        return;
      }
      if (left !== undefined) left -= bytes.length;
      outgoing.write(bytes);
      if (outgoing.writableLength > MAX_UNREAD) outgoing.destroy();
    },
    end: () => outgoing.end(),
  };
  outgoing.once('close', () => stop());
  stop = response.start(sink);
  if (outgoing.destroyed) stop();
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
