/**
 * The Kubernetes API over HTTPS: one keep-alive pool for short requests, one connection for each watch.
 *
 * A watch is lines of JSON. One that cannot be understood ends the watch with an error, since what it said is then unknown; so does one that
 * stops in the middle of a line. Everything is bounded: how long a request takes, how large an answer and a line may be.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { errorMessage } from '../error-message.ts';
import type { Secret } from '../secret.ts';
import type { Clock } from '../time/clock.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { listPageOf } from './list-page.ts';
import {
  type Answer,
  collect,
  eventOf,
  isObject,
  networkError,
  parsed,
  retryAfterMs,
  statusError,
} from './rest-answer.ts';
import { listPath, listQuery, objectPath, queryOf, watchQuery } from './rest-paths.ts';
import { TlsOptions } from './tls-options.ts';
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
import { eachLine } from './watch-lines.ts';

/** Of a request, and of a watch until it is taken; the API server gives up after a minute itself. */
const REQUEST_TIMEOUT_MS = 30_000;
/** A peer that vanished without a word is noticed ten seconds after this, by the kernel's probes. */
const KEEPALIVE_MS = 15_000;
/** How long a token from a file is used before the file is looked at again. */
const TOKEN_MAX_AGE_MS = 60_000;
const MAX_LINE = 8 * 1024 * 1024;
/** More than are ever under way: a lease must be renewed also while all other requests hang. */
const MAX_SOCKETS = 64;

/** As many as a controller's writes at once: a connection that is closed between two bursts costs a handshake in the next. */
const MAX_FREE_SOCKETS = 16;

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
  /** Null over plain HTTP. */
  readonly #tls: TlsOptions | null;
  readonly #agent: InstanceType<HttpModule['Agent']>;
  /** A connection for each watch. It remembers TLS sessions: with one a handshake costs the server's certificate no second look. */
  readonly #watchAgent: InstanceType<HttpModule['Agent']>;
  #token: { readonly value: Secret | null; readonly readAt: number } | undefined;

  private constructor({ access, clock, userAgent }: RestClientOptions, http: HttpModule, tls: TlsOptions | null) {
    this.#access = access;
    this.#clock = clock;
    this.#userAgent = userAgent;
    this.#http = http;
    this.#tls = tls;
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_FREE_SOCKETS });
    this.#watchAgent = new http.Agent({ keepAlive: false });
  }

  /** The HTTP module that the server's URL needs is loaded here: TLS costs a daemon 9 MB, and plain HTTP does without. */
  static async create(options: RestClientOptions): Promise<RestClient> {
    if (!options.access.server.startsWith('https:'))
      return new RestClient(options, process.getBuiltinModule('node:http') as unknown as HttpModule, null);
    const https = process.getBuiltinModule('node:https');
    const { createSecureContext } = process.getBuiltinModule('node:tls');
    const client = new RestClient(options, https, new TlsOptions(options.access, createSecureContext));
    client.#parseCredentials();
    return client;
  }

  /** Takes milliseconds, which the first request is spared; that one tells what cannot be read. */
  #parseCredentials(): void {
    try {
      this.#tls?.current();
    } catch {
      // A file may come later.
    }
  }

  /** Closes idle connections; requests under way end by their signals. */
  close(): void {
    this.#agent.destroy();
  }

  async list(type: ResourceType, selection: Selection, options: ListOptions, signal: AbortSignal): Promise<ListPage> {
    const path = listPath(type, selection.namespace) + listQuery(selection, options);
    const { text, bytes } = await this.#call({ method: 'GET', path }, signal);
    const page = listPageOf(text, type);
    if (page === null) throw new KubeError(`GET ${path}: the answer is no list of objects`, 200, 'BadAnswer');
    return { ...page, bytes };
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
      const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : error);
      const request = this.#send({ method: 'GET', path }, signal, false, (response) => {
        cancel();
        if (response.statusCode !== 200) {
          collect(response).then(({ text }) => fail(this.#errorOf(response, text)), fail);
          return;
        }
        eachLine(response, MAX_LINE, (line) => onEvent(eventOf(line))).then(resolve, (error) =>
          fail(error instanceof KubeError ? error : new KubeError(`watch: ${errorMessage(error)}`, 0, 'BadWatch')),
        );
      });
      // Until it is taken; from then on whoever watches knows what silence means.
      const cancel = this.#timeOut(request);
      request.on('socket', (socket) => socket.setKeepAlive(true, KEEPALIVE_MS));
      request.on('error', (error) => fail(networkError(error)));
      request.on('close', cancel);
      request.end();
    });
  }

  get(type: ResourceType, key: ObjectKey, signal: AbortSignal): Promise<KubeObject> {
    return this.#object({ method: 'GET', path: objectPath(type, key) }, signal);
  }

  create(type: ResourceType, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    const path = listPath(type, object.metadata.namespace ?? '');
    return this.#object({ method: 'POST', path, body: object }, signal);
  }

  replace(type: ResourceType, object: KubeObject, signal: AbortSignal, subresource?: 'status'): Promise<KubeObject> {
    const { namespace = '', name } = object.metadata;
    const path = objectPath(type, { namespace, name }, subresource);
    return this.#object({ method: 'PUT', path, body: object }, signal);
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
    return this.#object(call, signal);
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
  async raw(method: string, path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const call = { method, path, ...(body === undefined ? {} : { body }) };
    return jsonOf(call, await this.#call(call, signal));
  }

  async #object(call: Call, signal: AbortSignal): Promise<KubeObject> {
    const value = jsonOf(call, await this.#call(call, signal));
    if (!isObject(value)) throw new KubeError(`${call.method} ${call.path}: the answer is no object`, 200, 'BadAnswer');
    return value;
  }

  async #call(call: Call, signal: AbortSignal): Promise<Answer> {
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

  #once(call: Call, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : error);
      const request = this.#send(call, signal, true, (response) => {
        collect(response).then((answer) => {
          const { statusCode = 0 } = response;
          if (statusCode < 200 || statusCode > 299) fail(this.#errorOf(response, answer.text));
          else resolve(answer);
        }, fail);
      });
      request.on('close', this.#timeOut(request));
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server gave an idle connection up in the moment in which it was used. A write may have been carried out.
        if (request.reusedSocket && error.code === 'ECONNRESET' && call.method === 'GET' && !signal.aborted)
          this.#once(call, signal).then(resolve, reject);
        else fail(networkError(error));
      });
      if (call.body === undefined) request.end();
      else {
        const bytes = Buffer.from(JSON.stringify(call.body));
        // Without its length Node leaves out the body of a DELETE's description, and the API server ignores the body.
        request.setHeader('Content-Length', bytes.length);
        request.end(bytes);
      }
    });
  }

  /** Ends a request whose time is up, also one that trickles. @returns cancels */
  #timeOut(request: ClientRequest): () => void {
    const late = (): void => void request.destroy(new KubeError('no answer in time', 0, 'Timeout'));
    return this.#clock.after(REQUEST_TIMEOUT_MS, late);
  }

  /** @throws {KubeError} where the request cannot even be made: an authority's file that is gone, a token with a line break in it */
  #send(
    call: Call,
    signal: AbortSignal,
    pooled: boolean,
    onResponse: (response: IncomingMessage) => void,
  ): ClientRequest {
    const url = new URL(this.#access.server + call.path);
    try {
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
        agent: pooled ? this.#agent : this.#watchAgent,
        ...this.#tls?.current(),
      };
      return this.#http.request(url, options, onResponse);
    } catch (error) {
      throw new KubeError(`cannot ask the API server: ${errorMessage(error)}`, 0, 'BadAccess', null, error);
    }
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
    return statusError(parsed(text), statusCode, retryAfterMs(headers['retry-after']));
  }
}

/** What an answer says. */
function jsonOf({ method, path }: Call, { text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeError(`${method} ${path}: the answer is not JSON`, 200, 'BadAnswer');
  }
}
