/** What stands between a socket and the server: authentication, bounds, faults, counting. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../time/clock.ts';
import { failure } from '../answer.ts';
import type { ApiServer } from '../api-server.ts';
import { infoOf, type RequestInfo } from '../request/info.ts';
import { isStream } from '../router.ts';
import { ApiError } from '../status.ts';
import { readRequest, requestOf, sendResponse, sendStream } from './connection.ts';
import { type Fault, type FaultRule, refusalOf } from './faults.ts';
import { RequestStats } from './stats.ts';

/** What a kubelet's probe may ask without a token. */
const HEALTH = /^\/(?:healthz|livez|readyz)(?:\/|$)/;

export class Front {
  readonly #api: ApiServer;
  readonly #isToken: (text: string) => boolean;
  readonly #clock: Clock;
  #faults: FaultRule | null;
  readonly stats = new RequestStats();

  constructor(api: ApiServer, isToken: (text: string) => boolean, clock: Clock, faults: FaultRule | null) {
    this.#api = api;
    this.#isToken = isToken;
    this.#clock = clock;
    this.#faults = faults;
  }

  setFaults(rule: FaultRule | null): void {
    this.#faults = rule;
  }

  /** Answers one request of a socket; whatever happens to it stays with it. */
  serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    // A client that goes away is no error: its streams stop by 'close'.
    outgoing.on('error', () => outgoing.destroy());
    incoming.on('error', () => outgoing.destroy());
    this.#serve(incoming, outgoing).catch((error: unknown) => {
      if (outgoing.destroyed || outgoing.headersSent) outgoing.destroy();
      else sendResponse(outgoing, failure(error), undefined);
    });
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const head = requestOf(incoming);
    const info = infoOf(head);
    const userAgent = head.headers['user-agent'] ?? '';
    const refuse = (error: ApiError): void => {
      this.stats.count(info, userAgent, error.code);
      // The body was not read: the connection cannot be used again.
      outgoing.shouldKeepAlive = false;
      incoming.resume();
      sendResponse(outgoing, failure(error), undefined);
    };
    if (!HEALTH.test(head.path) && !this.#isToken(bearerOf(head.headers.authorization ?? '')))
      return refuse(new ApiError(401, 'Unauthorized', 'Unauthorized'));
    const fault = this.#faults?.(info, userAgent) ?? null;
    if (fault?.type === 'status') return refuse(refusalOf(fault));
    if (fault?.type === 'latency') await new Promise<void>((resolve) => this.#clock.after(fault.ms, resolve));
    this.#answer(await readRequest(incoming), info, userAgent, outgoing, fault);
  }

  #answer(
    request: Parameters<ApiServer['handle']>[0],
    before: RequestInfo,
    userAgent: string,
    outgoing: ServerResponse,
    fault: Fault | null,
  ): void {
    if (outgoing.destroyed) return;
    const { response, info } = this.#api.handle(request);
    this.stats.count({ ...before, changed: info.changed }, userAgent, response.status);
    const cutAfter = fault?.type === 'cut' ? fault.afterBytes : undefined;
    if (isStream(response)) sendStream(outgoing, response, cutAfter, fault?.type === 'silent');
    else sendResponse(outgoing, response, cutAfter);
  }
}

/** The token of an `Authorization` header; empty where there is none. */
const bearerOf = (header: string): string => /^Bearer ([\x21-\x7e]+)$/i.exec(header)?.[1] ?? '';
