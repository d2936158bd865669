/**
 * The Kubernetes API over HTTPS: one keep-alive pool for short requests, one connection for each watch.
 *
 * A watch is lines of JSON. One that cannot be understood ends the watch with an error, since what it said is then unknown; so does one that
 * stops in the middle of a line. Everything is bounded: how long a request takes, how large an answer and a line may be.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Secret } from '../secret.ts';
import type { Clock } from '../time/clock.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { LineSplitter } from './line-splitter.ts';
import { apiVersionOf } from './resource-types.ts';
import { listPath, listQuery, objectPath, queryOf, watchQuery } from './rest-paths.ts';
import {
  type KubeApi,
  KubeError,
  type KubeObject,
  type ListOptions,
  type ListPage,
  type ObjectKey,
  type Patch,
  type ResourceType,
  type Selection,
  type WatchEvent,
  type WatchOptions,
} from './types.ts';

/** Of a request that is no watch; the API server gives up after a minute itself. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How long a token from a file is used before the file is looked at again. */
const TOKEN_MAX_AGE_MS = 60_000;
/** A page of 500 objects, each of the largest size that etcd takes, would be more; such a list is refused. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const MAX_LINE = 8 * 1024 * 1024;
const MAX_SOCKETS = 24;

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

type HttpModule = Pick<typeof import('node:https'), 'request'> & { readonly Agent: typeof import('node:https').Agent };

export interface RestClientOptions {
  readonly access: ClusterAccess;
  readonly clock: Clock;
  /** Our name in the API server's audit log. */
  readonly userAgent: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

export class RestClient implements KubeApi {
  readonly #access: ClusterAccess;
  readonly #clock: Clock;
  readonly #userAgent: string;
  readonly #http: HttpModule;
  readonly #agent: InstanceType<HttpModule['Agent']>;
  #token: { readonly value: Secret | null; readonly readAt: number } | undefined;

  private constructor({ access, clock, userAgent }: RestClientOptions, http: HttpModule) {
    this.#access = access;
    this.#clock = clock;
    this.#userAgent = userAgent;
    this.#http = http;
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: 4 });
  }

  /** The HTTP module that the server's URL needs is loaded here: TLS costs a daemon 9 MB, and plain HTTP does without. */
  static async create(options: RestClientOptions): Promise<RestClient> {
    const http = options.access.server.startsWith('https:')
      ? await import('node:https')
      : ((await import('node:http')) as unknown as HttpModule);
    return new RestClient(options, http);
  }

  /** Closes idle connections; requests under way end by their signals. */
  close(): void {
    this.#agent.destroy();
  }

  async list(type: ResourceType, selection: Selection, options: ListOptions, signal: AbortSignal): Promise<ListPage> {
    const path = listPath(type, selection.namespace) + listQuery(selection, options);
    const answer = (await this.#call({ method: 'GET', path }, signal)) as {
      readonly metadata?: {
        readonly resourceVersion?: string;
        readonly continue?: string;
        readonly remainingItemCount?: number;
      };
      readonly items?: readonly KubeObject[] | null;
    };
    const apiVersion = apiVersionOf(type);
    return {
      resourceVersion: answer.metadata?.resourceVersion ?? '',
      continueToken: answer.metadata?.continue ?? '',
      ...(answer.metadata?.remainingItemCount === undefined
        ? {}
        : { remainingItemCount: answer.metadata.remainingItemCount }),
      // In a list, items of built-in kinds have neither of the two.
      items: (answer.items ?? []).map((item) => ({ ...item, apiVersion, kind: type.kind })),
    };
  }

  watch(
    type: ResourceType,
    selection: Selection,
    options: WatchOptions,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const path = listPath(type, selection.namespace) + watchQuery(selection, options);
    return new Promise((resolve, reject) => {
      const request = this.#send({ method: 'GET', path }, signal, false, (response) => {
        if (response.statusCode !== 200) {
          collect(response, MAX_ANSWER_BYTES).then((text) => reject(this.#errorOf(response, text)), reject);
          return;
        }
        const lines = new LineSplitter(MAX_LINE);
        const fail = (error: unknown): void => {
          response.destroy();
          reject(error);
        };
        response.on('data', (chunk: Buffer) => {
          try {
            for (const line of lines.take(chunk)) onEvent(eventOf(line));
          } catch (error) {
            fail(
              error instanceof KubeError ? error : new KubeError(`watch: ${(error as Error).message}`, 0, 'BadWatch'),
            );
          }
        });
        response.on('end', () => (lines.isInsideLine ? fail(cutOff('watch')) : resolve()));
        response.on('error', (error) => reject(signal.aborted ? signal.reason : cutOff('watch', error)));
        response.on('close', () => reject(signal.aborted ? signal.reason : cutOff('watch')));
      });
      request.on('error', (error) => reject(signal.aborted ? signal.reason : networkError(error)));
      request.end();
    });
  }

  get(type: ResourceType, key: ObjectKey, signal: AbortSignal): Promise<KubeObject> {
    return this.#call({ method: 'GET', path: objectPath(type, key) }, signal) as Promise<KubeObject>;
  }

  create(type: ResourceType, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    const path = listPath(type, object.metadata.namespace ?? '');
    return this.#call({ method: 'POST', path, body: object }, signal) as Promise<KubeObject>;
  }

  replace(type: ResourceType, object: KubeObject, signal: AbortSignal, subresource?: 'status'): Promise<KubeObject> {
    const { namespace = '', name } = object.metadata;
    const path = objectPath(type, { namespace, name }, subresource);
    return this.#call({ method: 'PUT', path, body: object }, signal) as Promise<KubeObject>;
  }

  patch(
    type: ResourceType,
    key: ObjectKey,
    patch: Patch,
    signal: AbortSignal,
    subresource?: 'status',
  ): Promise<KubeObject> {
    const query = patch.type === 'apply' ? queryOf({ fieldManager: patch.fieldManager, force: true }) : '';
    const call = {
      method: 'PATCH',
      path: objectPath(type, key, subresource) + query,
      body: patch.body,
      contentType: PATCH_TYPES[patch.type],
    };
    return this.#call(call, signal) as Promise<KubeObject>;
  }

  async delete(
    type: ResourceType,
    key: ObjectKey,
    signal: AbortSignal,
    precondition?: { readonly uid: string },
  ): Promise<void> {
    const body =
      precondition === undefined
        ? undefined
        : { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: precondition.uid } };
    await this.#call(
      { method: 'DELETE', path: objectPath(type, key), ...(body === undefined ? {} : { body }) },
      signal,
    );
  }

  /** Any request that answers with JSON. */
  raw(method: string, path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return this.#call({ method, path, ...(body === undefined ? {} : { body }) }, signal);
  }

  async #call(call: Call, signal: AbortSignal): Promise<unknown> {
    const used = this.#currentToken();
    try {
      return await this.#once(call, signal);
    } catch (error) {
      // A token that was renewed meanwhile is worth a second attempt; the same one is not.
      if (!(error instanceof KubeError) || error.status !== 401) throw error;
      this.#token = undefined;
      const fresh = this.#currentToken();
      if (fresh === null || used === null || fresh.equals(used)) throw error;
      return this.#once(call, signal);
    }
  }

  #once(call: Call, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = this.#send(call, signal, true, (response) => {
        collect(response, MAX_ANSWER_BYTES).then(
          (text) => {
            const { statusCode = 0 } = response;
            if (statusCode < 200 || statusCode > 299) reject(this.#errorOf(response, text));
            else
              try {
                resolve(JSON.parse(text));
              } catch {
                reject(new KubeError(`${call.method} ${call.path}: the answer is not JSON`, statusCode, 'BadAnswer'));
              }
          },
          (error: unknown) => reject(signal.aborted ? signal.reason : error),
        );
      });
      request.on('error', (error) => reject(signal.aborted ? signal.reason : networkError(error)));
      request.setTimeout(REQUEST_TIMEOUT_MS, () => request.destroy(new Error('no answer in time')));
      if (call.body === undefined) request.end();
      else {
        const bytes = Buffer.from(JSON.stringify(call.body));
        // Without its length Node leaves out the body of a DELETE's description, and the API server ignores the body.
        request.setHeader('Content-Length', bytes.length);
        request.end(bytes);
      }
    });
  }

  #send(
    call: Call,
    signal: AbortSignal,
    pooled: boolean,
    onResponse: (response: IncomingMessage) => void,
  ): ClientRequest {
    const url = new URL(this.#access.server + call.path);
    const token = this.#currentToken();
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'User-Agent': this.#userAgent,
      ...(token === null ? {} : { Authorization: `Bearer ${token.reveal()}` }),
      ...(call.body === undefined ? {} : { 'Content-Type': call.contentType ?? 'application/json' }),
    };
    const options: RequestOptions = {
      method: call.method,
      headers,
      signal,
      agent: pooled ? this.#agent : false,
      ...(url.protocol === 'https:' ? this.#tls() : {}),
    };
    return this.#http.request(url, options, onResponse);
  }

  #tls(): RequestOptions & Record<string, unknown> {
    const { ca, clientCertificate, insecureSkipTlsVerify, tlsServerName } = this.#access;
    const authority = ca();
    return {
      ...(authority === null ? {} : { ca: authority }),
      ...(clientCertificate === null ? {} : { cert: clientCertificate.cert, key: clientCertificate.key.reveal() }),
      ...(insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
      ...(tlsServerName === null ? {} : { servername: tlsServerName }),
    };
  }

  #currentToken(): Secret | null {
    const now = this.#clock.now();
    if (this.#token === undefined || now - this.#token.readAt > TOKEN_MAX_AGE_MS)
      this.#token = { value: this.#access.token(), readAt: now };
    return this.#token.value;
  }

  #errorOf(response: IncomingMessage, text: string): KubeError {
    const { statusCode = 0, headers } = response;
    // A watch has no second attempt of its own: the next one has the token that there is then.
    if (statusCode === 401) this.#token = undefined;
    const seconds = Number(headers['retry-after']);
    const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 && headers['retry-after'] ? seconds * 1_000 : null;
    return statusError(parsed(text), statusCode, retryAfterMs);
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** What a Status object says, as an error; the HTTP status where there is none. */
function statusError(value: unknown, httpStatus: number, retryAfterMs: number | null): KubeError {
  const status = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly message?: unknown;
    readonly reason?: unknown;
    readonly code?: unknown;
    readonly details?: { readonly retryAfterSeconds?: unknown };
  };
  const code = typeof status.code === 'number' ? status.code : httpStatus;
  const wait = status.details?.retryAfterSeconds;
  return new KubeError(
    typeof status.message === 'string' ? status.message : `the API server answered ${code}`,
    code,
    typeof status.reason === 'string' && status.reason !== '' ? status.reason : 'Unknown',
    retryAfterMs ?? (typeof wait === 'number' && wait > 0 ? wait * 1_000 : null),
  );
}

/** @throws {KubeError} where the line is no event, or is the server's error. */
function eventOf(line: string): WatchEvent {
  const event = JSON.parse(line) as { readonly type?: unknown; readonly object?: KubeObject };
  const { type, object } = event;
  if (typeof object === 'object' && object !== null)
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        return { type, object };
      case 'BOOKMARK':
        return { type, resourceVersion: object.metadata.resourceVersion ?? '' };
      case 'ERROR':
        throw statusError(object, 500, null);
    }
  throw new KubeError(`an event of type ${JSON.stringify(type)}`, 0, 'BadWatch');
}

const networkError = (error: NodeJS.ErrnoException): KubeError =>
  new KubeError(`cannot reach the API server: ${error.message}`, 0, error.code ?? 'NetworkError', null, error);

const cutOff = (what: string, cause?: unknown): KubeError =>
  new KubeError(`${what}: the connection ended early`, 0, 'ConnectionClosed', null, cause);

function collect(response: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) response.destroy(new KubeError(`an answer of more than ${maxBytes} bytes`, 0, 'TooLarge'));
      else chunks.push(chunk);
    });
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.on('error', (error) => reject(error instanceof KubeError ? error : cutOff('answer', error)));
    response.on('close', () => reject(cutOff('answer')));
  });
}
