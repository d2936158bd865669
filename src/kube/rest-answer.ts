/** What comes back from the API server, read with suspicion: objects, events of a watch, refusals, and connections that end early. */
import type { IncomingMessage } from 'node:http';
import { isJsonObject } from '../is-json-object.ts';
import { KubeError, type KubeObject, type WatchEvent } from './types.ts';

/** Ten objects of the largest size that etcd takes. A list that is longer is refused as `TooLarge`, and asked for in smaller pages (pager.ts). */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Of what a refusal says, beyond which nobody reads it. */
const MAX_MESSAGE = 1_000;

export interface Answer {
  readonly text: string;
  readonly bytes: number;
}

/** Seconds, as Kubernetes says it; a date (RFC 9110 section 10.2.3) is nothing that we could hold against a clock. */
export const retryAfterMs = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : null;

/** Whether something has what everybody relies on: a name. */
export const isObject = (value: unknown): value is KubeObject =>
  isJsonObject(value) && isJsonObject(value.metadata) && typeof value.metadata.name === 'string';

/** JSON; null where it is none. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** What a Status object says, as an error; the HTTP status where there is none. */
export function statusError(value: unknown, httpStatus: number, askedMs: number | null): KubeError {
  const status = (isJsonObject(value) ? value : {}) as {
    readonly message?: unknown;
    readonly reason?: unknown;
    readonly code?: unknown;
    readonly details?: { readonly retryAfterSeconds?: unknown };
  };
  const code = typeof status.code === 'number' ? status.code : httpStatus;
  const wait = status.details?.retryAfterSeconds;
  return new KubeError(
    typeof status.message === 'string' ? status.message.slice(0, MAX_MESSAGE) : `the API server answered ${code}`,
    code,
    typeof status.reason === 'string' && status.reason !== '' ? status.reason : 'Unknown',
    askedMs ?? (typeof wait === 'number' && wait > 0 ? wait * 1_000 : null),
  );
}

/** @throws {KubeError} where the line is no event, or is the server's error. */
export function eventOf(line: string): WatchEvent {
  // What a parser says of bad JSON quotes it, and it may be a Secret.
  const event = parsed(line);
  if (event === null) throw new KubeError('a line that is not JSON', 0, 'BadWatch');
  const { type, object } = (isJsonObject(event) ? event : {}) as { readonly type?: unknown; readonly object?: unknown };
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (isObject(object)) return { type, object };
      break;
    case 'BOOKMARK': {
      const version =
        isJsonObject(object) && isJsonObject(object.metadata) ? object.metadata.resourceVersion : undefined;
      if (typeof version === 'string') return { type, resourceVersion: version };
      break;
    }
    case 'ERROR':
      throw statusError(object, 500, null);
  }
  throw new KubeError(`an event of type ${JSON.stringify(type)?.slice(0, 40)} that is none`, 0, 'BadWatch');
}

export const networkError = (error: NodeJS.ErrnoException): KubeError =>
  error instanceof KubeError
    ? error
    : new KubeError(`cannot reach the API server: ${error.message}`, 0, error.code ?? 'NetworkError', null, error);

export const cutOff = (what: string, cause?: unknown): KubeError =>
  new KubeError(`${what}: the connection ended early`, 0, 'ConnectionClosed', null, cause);

/** The whole of an answer. @throws {KubeError} where it ends early, or is too large */
export function collect(response: IncomingMessage): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES)
        response.destroy(new KubeError(`an answer of more than ${MAX_ANSWER_BYTES} bytes`, 0, 'TooLarge'));
      else chunks.push(chunk);
    });
    response.on('end', () => resolve({ text: Buffer.concat(chunks).toString('utf8'), bytes: length }));
    response.on('error', (error) => reject(error instanceof KubeError ? error : cutOff('answer', error)));
    response.on('close', () => reject(cutOff('answer')));
  });
}
