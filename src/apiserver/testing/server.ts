/** An API server for tests, without a socket and on a clock that stands still; and requests to it in one line each. */
import { VirtualClock } from '../../time/virtual-clock.ts';
import { ApiServer, type ApiServerOptions, type Parts } from '../api-server.ts';
import { isStream } from '../router.ts';
import type { ApiObject, Json } from '../types.ts';

/** Parts that take everything as it is: for tests of what is around them. */
export const PLAIN_PARTS: Parts = {
  validator: { checkSchema: () => [], prepare: (_, object) => ({ object, unknown: [] }), validate: () => [] },
  applier: { apply: (_, live, applied) => ({ ...(live ?? {}), ...applied }), track: (_, __, next) => next },
  printer: {
    table: (_, __, objects) => ({ kind: 'Table', rows: objects.map(({ metadata }) => ({ cells: [metadata.name] })) }),
  },
  discovery: () => ({ answer: () => null }),
};

export const START = Date.parse('2026-01-01T00:00:00Z');

/** An answer, read as JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json & { readonly [field: string]: unknown };
  readonly object: ApiObject;
}

export interface Stream {
  /** The events so far, read as JSON; each is given once. */
  events(): readonly { readonly type: string; readonly object: ApiObject }[];
  readonly ended: boolean;
  text(): string;
  stop(): void;
}

export class TestServer {
  readonly clock = new VirtualClock();
  readonly api: ApiServer;

  constructor(options: Partial<ApiServerOptions> = {}) {
    let uids = 0;
    this.api = new ApiServer({
      parts: PLAIN_PARTS,
      clock: this.clock,
      wallClock: () => START + this.clock.now(),
      uid: () => `00000000-0000-4000-8000-${String(++uids).padStart(12, '0')}`,
      random: () => 0,
      isToken: (text) => text === 'right',
      ranges: {
        clusterIps: [{ address: { family: 4, value: 0x0a600000n }, length: 16 }],
        nodePorts: { first: 30_000, last: 32_767 },
      },
      ...options,
    });
  }

  /** `send('POST', '/api/v1/…?dryRun=All', body)`. */
  send(method: string, target: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
    const { response } = this.api.handle(request(method, target, body, headers));
    if (isStream(response)) throw new Error('a stream came where an answer was expected');
    const text = String(response.body);
    const parsed = response.headers['content-type']?.startsWith('application/json') ? JSON.parse(text) : { text };
    return { status: response.status, headers: response.headers, body: parsed, object: parsed };
  }

  stream(target: string, headers: Readonly<Record<string, string>> = {}): Stream {
    const { response } = this.api.handle(request('GET', target, undefined, headers));
    if (!isStream(response)) throw new Error(`no stream came: ${String(response.body)}`);
    let text = '';
    let read = 0;
    const state = { ended: false };
    const stop = response.start({
      write: (more) => {
        text += more;
      },
      end: () => {
        state.ended = true;
      },
    });
    return {
      events: () => {
        const fresh = text.slice(read);
        read = text.length;
        return fresh
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line));
      },
      get ended() {
        return state.ended;
      },
      text: () => text,
      stop,
    };
  }
}

function request(method: string, target: string, body: unknown, headers: Readonly<Record<string, string>>) {
  const [path = '', query = ''] = target.split('?');
  return {
    method,
    path,
    query: new URLSearchParams(query),
    headers: { 'content-type': 'application/json', 'user-agent': 'test/1', ...headers },
    body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
  };
}
