/**
 * One path over plain HTTP: `GET /metrics`.
 *
 * It has neither TLS nor authentication and is meant for loopback or a network that is trusted with the names of Services and routers. It is
 * bounded in all that a client can use up: connections, size and time of a request, time of an idle connection. A body is not read.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

const MAX_CONNECTIONS = 16;
const MAX_HEADER_BYTES = 8_192;
const REQUEST_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly contentType: string;
  readonly text: () => Promise<string>;
  readonly onListening: () => void;
  /** The server cannot listen, or no longer. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
  /** A scrape failed by a fault of ours; the client gets status 500. */
  readonly onFault: (error: unknown) => void;
}

/** A server that runs until it is closed. */
export interface MetricsServer {
  close(): void;
}

export function startMetricsServer(options: MetricsServerOptions): MetricsServer {
  const server: Server = createServer(
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
  server.listen({ host: options.host, port: options.port }, options.onListening);
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, options: MetricsServerOptions): void {
  const { method, url = '' } = request;
  if (url.replace(/\?.*$/s, '') !== '/metrics') {
    end(response, 404, 'only /metrics is here\n');
    return;
  }
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    end(response, 405, 'only GET and HEAD\n');
    return;
  }
  options.text().then(
    (text) => end(response, 200, method === 'HEAD' ? '' : text, options.contentType),
    (error: unknown) => {
      options.onFault(error);
      end(response, 500, 'the metrics could not be read; the log says why\n');
    },
  );
}

function end(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  // After a refusal there may be a body on its way, which nobody wants to read.
  if (status !== 200) response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' });
  response.end(text);
}
