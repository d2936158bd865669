/**
 * The Kubernetes API as plain HTTP: what the contract suite asks with.
 *
 * It knows nothing of any server, and not our own client either: what it sends and sees is what is on the wire.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** Any JSON object of the API, read with {@link dig}. */
export interface Json {
  readonly [key: string]: unknown;
}

/** An object of the API as a test writes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Json;
  readonly [key: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, where it is a JSON object; else an empty one. */
  readonly body: Json;
  /** The texts of the Warning headers. */
  readonly warnings: readonly string[];
}

export type Query = Readonly<Record<string, string | number | boolean>>;

export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** Another token than the administrator's; `null`: none. */
  readonly token?: string | null;
}

export interface Target {
  readonly url: string;
  readonly ca?: string;
  readonly token: string;
}

/** The media types of a PATCH. */
export const PATCH = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** What lies at a path of keys and indices; undefined where the path ends early. */
export function dig(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}

export const items = (list: unknown): readonly Json[] => (dig(list, 'items') ?? []) as readonly Json[];

export const namesOf = (list: unknown): readonly string[] =>
  items(list).map((item) => String(dig(item, 'metadata', 'name')));

export const versionOf = (object: unknown): string => String(dig(object, 'metadata', 'resourceVersion'));

export const uidOf = (object: unknown): string => String(dig(object, 'metadata', 'uid'));

export class ApiClient {
  readonly #url: URL;
  readonly #target: Target;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(target: Target) {
    this.#target = target;
    this.#url = new URL(target.url);
    const { ca } = target;
    this.#agent =
      this.#url.protocol === 'https:'
        ? new HttpsAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) })
        : new HttpAgent({ keepAlive: true });
  }

  get(path: string, query: Query = {}, options: RequestOptions = {}): Promise<Answer> {
    return this.request('GET', path, { query, ...options });
  }

  post(path: string, body: unknown, query: Query = {}): Promise<Answer> {
    return this.request('POST', path, { body, query });
  }

  put(path: string, body: unknown, query: Query = {}): Promise<Answer> {
    return this.request('PUT', path, { body, query });
  }

  patch(type: keyof typeof PATCH, path: string, body: unknown, query: Query = {}): Promise<Answer> {
    return this.request('PATCH', path, { body, query, contentType: PATCH[type] });
  }

  delete(path: string, body?: unknown, query: Query = {}): Promise<Answer> {
    return this.request('DELETE', path, { body, query });
  }

  /** Sends one request; a body that is a string goes as it is, anything else as JSON. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const message = await this.#send(method, path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return {
      status: message.statusCode ?? 0,
      headers: message.headers,
      text,
      body: parseObject(text),
      warnings: warningsOf(message.headers.warning),
    };
  }

  /** Opens a watch; the caller closes it. */
  async watch(path: string, query: Query = {}): Promise<Watch> {
    return new Watch(await this.#send('GET', path, { query: { watch: true, ...query } }));
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, options: RequestOptions): Promise<IncomingMessage> {
    const { query = {}, body, contentType = 'application/json', accept = 'application/json' } = options;
    const url = new URL(path, this.#url);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    const token = options.token === undefined ? this.#target.token : options.token;
    const bytes = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(url, {
        method,
        agent: this.#agent,
        headers: {
          accept,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          // With a body a DELETE needs its length said, or servers take it for one without.
          ...(bytes === undefined ? {} : { 'content-type': contentType, 'content-length': bytes.length }),
        },
      });
      request.once('error', reject);
      request.once('response', resolve);
      request.end(bytes);
    });
  }
}

function parseObject(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
  } catch {
    return {};
  }
}

/** `299 - "text"`, of which several may stand in one header. */
const warningsOf = (header: string | undefined): readonly string[] =>
  [...(header ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'));

export interface Seen {
  readonly type: string;
  readonly object: Json;
}

const PATIENCE_MS = 15_000;

/** An open watch and the events that came, in order. */
export class Watch {
  readonly status: number;
  readonly #message: IncomingMessage;
  readonly #waiting: Seen[] = [];
  #rest = '';
  #ended = false;
  #wake: () => void = () => {};

  constructor(message: IncomingMessage) {
    this.#message = message;
    this.status = message.statusCode ?? 0;
    message.setEncoding('utf8');
    message.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      this.#waiting.push(...lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Seen));
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    message.on('close', end).on('end', end).on('error', end);
  }

  /** The next event; undefined where the server has ended the watch. @throws where none comes in time. */
  async next(): Promise<Seen | undefined> {
    const deadline = Date.now() + PATIENCE_MS;
    while (this.#waiting.length === 0 && !this.#ended) {
      if (Date.now() >= deadline) throw new Error(`no event within ${PATIENCE_MS} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#waiting.shift();
  }

  /** The next events that are no bookmarks, as `TYPE name`. */
  async take(count: number): Promise<readonly string[]> {
    const seen: string[] = [];
    while (seen.length < count) {
      const event = await this.next();
      if (event === undefined) break;
      if (event.type !== 'BOOKMARK') seen.push(`${event.type} ${String(dig(event.object, 'metadata', 'name'))}`);
    }
    return seen;
  }

  close(): void {
    this.#message.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Asks until the answer is as wanted. @throws with the last answer where it never is. */
export async function eventually(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
  withinMs = PATIENCE_MS,
): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() >= deadline) throw new Error(`not within ${withinMs} ms; last: ${answer.status} ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
