/**
 * A few paths over HTTP, to be read: metrics and health.
 *
 * Unless it is told otherwise there is neither TLS nor authentication: that is meant for loopback, for the kubelet's probes, or for a network that is
 * trusted with the names of Services and routers. It is bounded in all that a client can use up: connections, size and time of a request, time of an
 * idle connection. A body is not read.
 */
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';

const MAX_CONNECTIONS = 16;
const MAX_HEADER_BYTES = 8_192;
const REQUEST_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The media type; plain text where it is left out. */
  readonly type?: string;
  /** More headers. */
  readonly headers?: OutgoingHttpHeaders;
}

export interface HttpRoutesOptions {
  /** An address, or undefined for all of the host. */
  readonly host: string | undefined;
  readonly port: number;
  /** By path, without a query. */
  readonly routes: Readonly<Record<string, () => Answer | Promise<Answer>>>;
  readonly onListening: () => void;
  /** The server cannot listen, or no longer. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
  /** An answer failed by a fault of ours; the client gets status 500. */
  readonly onFault: (error: unknown) => void;
  /** Asked before each answer, with the request's Authorization header; null lets the request through. */
  readonly admit?: (authorization: string | undefined) => Promise<Answer | null>;
  /** Makes the server; one of plain HTTP where it is left out. */
  readonly create?: (options: ServerOptions, listener: RequestListener) => Server;
}

/** A server that runs until it is closed. */
export interface HttpRoutes {
  close(): void;
}

export function startHttpRoutes(options: HttpRoutesOptions): HttpRoutes {
  const server = (options.create ?? createServer)(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
    },
    (request, response) => answer(request, response, options),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('error', options.onError);
  server.listen(
    { port: options.port, ...(options.host === undefined ? {} : { host: options.host }) },
    options.onListening,
  );
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, options: HttpRoutesOptions): void {
  const { method, url = '' } = request;
  const path = url.replace(/\?.*$/s, '');
  const route = Object.hasOwn(options.routes, path) ? options.routes[path] : undefined;
  if (route === undefined) {
    end(response, { status: 404, text: `only ${Object.keys(options.routes).join(', ')} is here\n` });
    return;
  }
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    end(response, { status: 405, text: 'only GET and HEAD\n' });
    return;
  }
  Promise.resolve(options.admit?.(request.headers.authorization) ?? null)
    .then((refusal) => refusal ?? route())
    .then(
      (found) => end(response, method === 'HEAD' ? { ...found, text: '' } : found),
      (error: unknown) => {
        options.onFault(error);
        end(response, { status: 500, text: 'this could not be answered; the log says why\n' });
      },
    );
}

function end(
  response: ServerResponse,
  { status, text, type = 'text/plain; charset=utf-8', headers = {} }: Answer,
): void {
  // After a refusal there may be a body on its way, which nobody wants to read.
  if (status === 404 || status === 405) response.setHeader('Connection', 'close');
  response.writeHead(status, { ...headers, 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' });
  response.end(text);
}
