/**
 * The embedded API server on a socket: HTTPS on loopback, behind one bearer token.
 *
 * `node:https` and no framework: a watch needs to know how much its client has not read yet, a test must be able to end a connection in the middle
 * of an object, and the paths are Kubernetes' own grammar (request/path.ts), which no router knows.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { makeCertificate } from '../io/certificate.ts';
import { type Prefix, parsePrefix } from '../net/prefix.ts';
import type { Clock } from '../time/clock.ts';
import { ApiServer, type ApiServerCounts, type Parts } from './api-server.ts';
import type { FaultRule } from './http/faults.ts';
import { Front } from './http/front.ts';
import { kubeconfigText } from './http/kubeconfig.ts';
import type { RequestCount } from './http/stats.ts';
import type { Snapshot, StoreLimits } from './store/store.ts';
import type { LogProvider } from './verbs/logs.ts';

export interface StartOptions {
  readonly parts: Parts;
  /** A loopback address; default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** The bearer token; default: one that nobody else knows. */
  readonly token?: string;
  /** Default true. kubectl sends its token over TLS alone. */
  readonly tls?: boolean;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** For uids and generated names; default: chance. */
  readonly uid?: () => string;
  readonly random?: () => number;
  readonly faults?: FaultRule;
  readonly limits?: Partial<StoreLimits>;
  readonly maxWatches?: number;
  readonly maxConnections?: number;
  /** Of cluster IPs; default 10.96.0.0/16. The first one's family is that of a Service that names none. */
  readonly serviceCidrs?: readonly string[];
  readonly nodePorts?: { readonly first: number; readonly last: number };
}

export interface ApiServerStats extends ApiServerCounts {
  readonly requests: readonly RequestCount[];
  readonly connections: number;
}

export interface RunningApiServer {
  readonly url: string;
  /** PEM; null without TLS. */
  readonly ca: string | null;
  readonly token: string;
  /** The text of a kubeconfig, which holds the token: for a file that others cannot read. */
  kubeconfig(): string;
  /** The server without its socket: for requests from within the process. */
  readonly api: ApiServer;
  setLogs(provider: LogProvider | null): void;
  setFaults(rule: FaultRule | null): void;
  /** Takes no more connections and ends those there are; `false`: as before. The port stays the same. */
  refuse(refused: boolean): Promise<void>;
  /** Ends all connections at once, in the middle of whatever they carry. */
  cutConnections(): void;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  /** Forgets all history: resumed watches and lists get 410. */
  compact(): void;
  stats(): ApiServerStats;
  resetStats(): void;
  close(): Promise<void>;
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const NODE_PORTS = { first: 30_000, last: 32_767 };

/** @throws Error for an address that is not loopback; rejects where the port cannot be had */
export async function startApiServer(options: StartOptions): Promise<RunningApiServer> {
  const host = options.host ?? '127.0.0.1';
  if (!LOOPBACK.includes(host)) throw new Error(`the embedded API server listens on loopback alone, not on ${host}`);
  const token = options.token ?? randomBytes(24).toString('base64url');
  const isToken = tokenCheck(token);
  const api = new ApiServer({
    parts: options.parts,
    clock: options.clock,
    wallClock: options.wallClock,
    uid: options.uid ?? randomUUID,
    random: options.random ?? (() => randomBytes(4).readUInt32BE() / 2 ** 32),
    isToken,
    ranges: {
      clusterIps: (options.serviceCidrs ?? ['10.96.0.0/16']).map(rangeOf),
      nodePorts: options.nodePorts ?? NODE_PORTS,
    },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.maxWatches === undefined ? {} : { maxWatches: options.maxWatches }),
  });
  const front = new Front(api, isToken, options.clock, options.faults ?? null);
  const certificate =
    options.tls === false ? null : makeCertificate('metallb-ts embedded API server', LOOPBACK, options.wallClock());
  const settings = { keepAliveTimeout: 60_000, headersTimeout: 10_000, requestTimeout: 30_000 };
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => front.serve(incoming, outgoing);
  const server: Server =
    certificate === null
      ? createServer(settings, onRequest)
      : createTlsServer({ ...settings, cert: certificate.certificate, key: certificate.key }, onRequest);
  server.maxConnections = options.maxConnections ?? 2000;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await listen(server, host, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const url = `${certificate === null ? 'http' : 'https'}://${host === '::1' ? '[::1]' : host}:${port}`;
  const ca = certificate?.ca ?? null;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const stop = (): Promise<void> => {
    api.closeWatches();
    return new Promise((resolve) => {
      server.close(() => resolve());
      cut();
    });
  };
  return {
    url,
    ca,
    token,
    kubeconfig: () => kubeconfigText(url, ca, token),
    api,
    setLogs: (provider) => api.setLogs(provider),
    setFaults: (rule) => front.setFaults(rule),
    refuse: (refused) => (refused ? (server.listening ? stop() : Promise.resolve()) : listen(server, host, port)),
    cutConnections: cut,
    snapshot: () => api.snapshot(),
    restore: (snapshot) => api.restore(snapshot),
    compact: () => api.compact(),
    stats: () => ({ ...api.counts(), requests: front.stats.list(), connections: sockets.size }),
    resetStats: () => front.stats.reset(),
    close: () => (server.listening ? stop() : Promise.resolve()),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  if (server.listening) return Promise.resolve();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Compares digests, so that neither the length nor the time of the comparison says anything of the token. */
function tokenCheck(token: string): (text: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = digest(token);
  return (text) => timingSafeEqual(digest(text), wanted);
}

function rangeOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (!prefix.ok) throw new Error(`a range of cluster IPs: ${prefix.error}`);
  return prefix.value;
}
