/** The embedded API from within its own process: no socket, so that an answer is there at once. */
import type { ApiServer } from '../apiserver/api-server.ts';
import { isObject, textAt } from '../apiserver/json.ts';
import { isStream } from '../apiserver/router.ts';
import type { ApiObject, Json } from '../apiserver/types.ts';
import { listPath, objectPath } from '../kube/rest-paths.ts';
import type { ObjectKey, ResourceType } from '../kube/types.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** What `kubectl get` prints of some objects: the server's own columns, each row with its object. */
export interface Table {
  readonly columns: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: ApiObject }[];
}

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
}

/** The server's refusal. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface Request {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** metav1.APIResource. */
interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export class LocalApi {
  readonly #api: ApiServer;
  readonly #manager: string;

  /** @param manager - the field manager, which stands in `metadata.managedFields` of what is written. */
  constructor(api: ApiServer, manager: string) {
    this.#api = api;
    this.#manager = manager;
  }

  /** The resource of a kind, as discovery tells it. @throws Error for one that is not served */
  typeOf({ apiVersion, kind }: Pick<ApiObject, 'apiVersion' | 'kind'>): ResourceType {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
    const { resources } = this.#send('GET', `${group === '' ? '/api' : `/apis/${group}`}/${version}`);
    // Beside each resource its subresources are listed, with a slash in their names.
    const found = (resources as readonly Resource[]).find((one) => one.kind === kind && !one.name.includes('/'));
    if (found === undefined) throw new Error(`no resource is of kind ${kind} in ${apiVersion}`);
    return { group: group ?? '', version: version ?? '', plural: found.name, kind, namespaced: found.namespaced };
  }

  list(type: ResourceType, namespace = ''): readonly ApiObject[] {
    // In a list the items have neither of the two; whoever looks at one here wants them.
    const { apiVersion, items } = this.#send('GET', listPath(type, namespace)) as unknown as {
      readonly apiVersion: string;
      readonly items: readonly ApiObject[];
    };
    return items.map((item) => ({ ...item, apiVersion, kind: type.kind }));
  }

  /** @returns undefined where there is none. */
  get(type: ResourceType, key: ObjectKey): ApiObject | undefined {
    try {
      return this.#send('GET', objectPath(type, key)) as ApiObject;
    } catch (error) {
      if (error instanceof RefusedError && error.code === 404) return undefined;
      throw error;
    }
  }

  create(type: ResourceType, object: ApiObject): ApiObject {
    return this.#send('POST', listPath(type, object.metadata.namespace ?? ''), { body: object }) as ApiObject;
  }

  /** A merge patch (RFC 7396). */
  patch(type: ResourceType, key: ObjectKey, body: Json, subresource?: 'status'): ApiObject {
    const headers = { 'content-type': 'application/merge-patch+json' };
    return this.#send('PATCH', objectPath(type, key, subresource), { body, headers }) as ApiObject;
  }

  /** Gone already is as good. @param graceSeconds - of a Pod; 0 is the kubelet's word that it has ended. */
  remove(type: ResourceType, key: ObjectKey, graceSeconds?: number): void {
    const query = graceSeconds === undefined ? {} : { gracePeriodSeconds: String(graceSeconds) };
    try {
      this.#send('DELETE', objectPath(type, key), { query });
    } catch (error) {
      if (!(error instanceof RefusedError && error.code === 404)) throw error;
    }
  }

  table(type: ResourceType, namespace = ''): Table {
    const { columnDefinitions, rows } = this.#send('GET', listPath(type, namespace), {
      headers: { accept: TABLE },
      query: { includeObject: 'Object' },
    }) as unknown as { readonly columnDefinitions: Table['columns']; readonly rows: Table['rows'] };
    return { columns: columnDefinitions, rows };
  }

  /**
   * Tells all objects that there are, then every change, from within the write that makes it: who writes in turn does so later.
   * @returns ends it
   */
  watch(type: ResourceType, onChange: (change: Change) => void): () => void {
    let stop: () => void = () => {};
    let stopped = false;
    const begin = (): void => {
      const { response } = this.#handle('GET', listPath(type, ''), { query: { watch: 'true' } });
      if (!isStream(response)) throw new Error(`no watch of ${type.plural}: ${String(response.body)}`);
      stop = response.start({
        write: (text) => {
          for (const line of text.split('\n')) if (line !== '') onChange(JSON.parse(line) as Change);
        },
        // The server ends each watch after a while. Nothing happens between the end and the next beginning.
        end: () => {
          if (!stopped) begin();
        },
      });
    };
    begin();
    return () => {
      stopped = true;
      stop();
    };
  }

  /** @throws RefusedError */
  #send(method: string, path: string, request: Request = {}): Json {
    const { response } = this.#handle(method, path, request);
    if (isStream(response)) throw new Error(`${method} ${path}: a stream came where an answer was expected`);
    const body: unknown = JSON.parse(String(response.body));
    if (response.status < 300 && isObject(body)) return body;
    throw new RefusedError(response.status, `${method} ${path}: ${textAt(body, 'message')}`);
  }

  #handle(method: string, path: string, { body, query = {}, headers = {} }: Request) {
    return this.#api.handle({
      method,
      path,
      query: new URLSearchParams({ fieldManager: this.#manager, ...query }),
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      body: body === undefined ? '' : JSON.stringify(body),
    });
  }
}
