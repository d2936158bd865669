/**
 * A Kubernetes API in memory, for tests in virtual time: lists in pages, watches, merge patches with a uid as precondition, server-side apply of
 * a status, and what Services have of their own. It counts what is asked of it, and misbehaves as a test says.
 */

import { isJsonObject } from '../../is-json-object.ts';
import { keyText } from '../object-key.ts';
import { apiVersionOf } from '../resource-types.ts';
import {
  type KubeApi,
  KubeError,
  type KubeMeta,
  type KubeObject,
  type ListOptions,
  type ListPage,
  type ObjectKey,
  type Patch,
  type ResourceType,
  type Selection,
  type WatchEvent,
  type WatchOptions,
} from '../types.ts';

type Json = Readonly<Record<string, unknown>>;
/** An object without what the API fills in. */
interface NewObject {
  readonly metadata: KubeMeta;
  readonly [field: string]: unknown;
}

type Verb = 'list' | 'watch' | 'get' | 'create' | 'replace' | 'patch' | 'delete';

/** One call that changed something, or tried to. */
export interface Write {
  readonly verb: Verb;
  readonly plural: string;
  readonly key: string;
  readonly body: unknown;
  /** Whether the object is another one than before. */
  readonly changed: boolean;
  readonly client: string;
}

interface Watcher {
  readonly type: ResourceType;
  readonly selection: Selection;
  readonly client: string;
  readonly onEvent: (event: WatchEvent) => void;
  readonly end: () => void;
}

interface LogEntry {
  readonly version: number;
  readonly plural: string;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result: Record<string, unknown> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

export class MemoryApi {
  readonly writes: Write[] = [];
  readonly reads: { readonly verb: Verb; readonly plural: string; readonly client: string }[] = [];
  /** Called before each request; what it throws is the answer, and a promise holds it up. */
  fault: ((verb: Verb, type: ResourceType, key: string, client: string) => unknown) | null = null;
  /** What the API makes of each object that is written, beside what it does by itself: fields of others that stay, fields that it drops. */
  admit: (object: KubeObject) => KubeObject = (object) => object;
  #version = 100;
  #uids = 0;
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #log: LogEntry[] = [];
  readonly #watchers = new Set<Watcher>();

  /** The API as one process sees it. */
  client(name: string): KubeApi {
    const before = async (verb: Verb, type: ResourceType, key: string, signal: AbortSignal): Promise<void> => {
      signal.throwIfAborted();
      const held = this.fault?.(verb, type, key, name);
      if (held instanceof Promise) {
        await Promise.race([
          held,
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ]);
      } else await null;
      signal.throwIfAborted();
    };
    return {
      list: async (type, selection, options, signal) => {
        await before('list', type, '', signal);
        this.reads.push({ verb: 'list', plural: type.plural, client: name });
        return this.#list(type, selection, options);
      },
      watch: async (type, selection, options, onEvent, signal) => {
        await before('watch', type, '', signal);
        return this.#watch(type, selection, options, onEvent, signal, name);
      },
      get: async (type, key, signal) => {
        await before('get', type, keyText(key), signal);
        this.reads.push({ verb: 'get', plural: type.plural, client: name });
        return this.#need(type, key);
      },
      create: async (type, object, signal) => {
        await before('create', type, keyText(object.metadata), signal);
        return this.create(type, object, name);
      },
      replace: async (type, object, signal) => {
        await before('replace', type, keyText(object.metadata), signal);
        const known = this.#need(type, { namespace: '', ...object.metadata });
        const { resourceVersion } = object.metadata;
        if (resourceVersion !== undefined && resourceVersion !== known.metadata.resourceVersion)
          throw new KubeError('the object has been modified', 409, 'Conflict');
        return this.#write('replace', type, object, name, object);
      },
      patch: async (type, key, patch, signal, subresource) => {
        await before('patch', type, keyText(key), signal);
        return this.#patch(type, key, patch, subresource, name);
      },
      delete: async (type, key, signal, precondition) => {
        await before('delete', type, keyText(key), signal);
        const known = this.#need(type, key);
        if (precondition !== undefined && known.metadata.uid !== precondition.uid)
          throw new KubeError('Precondition failed: UID', 409, 'Conflict');
        this.remove(type, key, name);
      },
    };
  }

  objects(type: ResourceType): readonly KubeObject[] {
    return [...(this.#objects.get(type.plural)?.values() ?? [])];
  }

  get(type: ResourceType, key: string): KubeObject | undefined {
    return this.#objects.get(type.plural)?.get(key);
  }

  create(type: ResourceType, object: NewObject, client = 'user'): KubeObject {
    const key = keyText(object.metadata);
    if (this.get(type, key) !== undefined) throw new KubeError(`${key} exists`, 409, 'AlreadyExists');
    const metadata = {
      creationTimestamp: new Date(Date.UTC(2026, 0, 1) + this.#uids * 1_000).toISOString(),
      generation: 1,
      ...object.metadata,
      uid: `uid-${++this.#uids}`,
    };
    return this.#write('create', type, { ...object, apiVersion: '', kind: '', metadata }, client, object);
  }

  /** Changes an object as a user does. */
  edit(type: ResourceType, key: string, patch: Json, client = 'user'): KubeObject {
    const known = this.get(type, key);
    if (known === undefined) throw new Error(`no ${type.kind} ${key}`);
    const next = merged(known, patch) as KubeObject;
    const generation = (known.metadata.generation ?? 1) + ('spec' in patch ? 1 : 0);
    return this.#write('patch', type, { ...next, metadata: { ...next.metadata, generation } }, client, patch);
  }

  remove(type: ResourceType, key: ObjectKey | string, client = 'user'): void {
    const text = typeof key === 'string' ? key : keyText(key);
    const known = this.get(type, text);
    if (known === undefined) throw new Error(`no ${type.kind} ${text}`);
    this.#objects.get(type.plural)?.delete(text);
    this.writes.push({ verb: 'delete', plural: type.plural, key: text, body: null, changed: true, client });
    this.#publish(type, known, undefined);
  }

  /** Ends the watches of a client, or of all. */
  cut(client?: string): void {
    for (const watcher of [...this.#watchers]) if (client === undefined || watcher.client === client) watcher.end();
  }

  /** Forgets all history: watches from before get 410. */
  compact(): void {
    this.#log.length = 0;
    this.cut();
  }

  #need(type: ResourceType, key: ObjectKey): KubeObject {
    const known = this.get(type, keyText(key));
    if (known === undefined) throw new KubeError(`${type.plural} "${key.name}" not found`, 404, 'NotFound');
    return known;
  }

  readonly #lists = new Map<string, { from: number; all: readonly KubeObject[]; resourceVersion: string }>();
  #pages = 0;

  #list(type: ResourceType, selection: Selection, { limit = 500, continueToken = '' }: ListOptions): ListPage {
    const { from, all, resourceVersion } = this.#lists.get(continueToken) ?? {
      from: 0,
      all: this.objects(type)
        .filter((object) => selects(selection, object))
        .sort((a, b) => (keyText(a.metadata) < keyText(b.metadata) ? -1 : 1)),
      resourceVersion: String(this.#version),
    };
    this.#lists.delete(continueToken);
    const end = from + limit;
    const next = end < all.length ? `list-${++this.#pages}` : '';
    // As the API server: the pages of a list are of one moment, and have its version.
    if (next !== '') this.#lists.set(next, { from: end, all, resourceVersion });
    const { labelSelector, fieldSelector } = selection;
    // As the API server: where something selects it does not know how many there are.
    const isWhole = labelSelector === undefined && fieldSelector === undefined;
    return {
      resourceVersion,
      items: all.slice(from, end),
      continueToken: next,
      ...(isWhole && end < all.length ? { remainingItemCount: all.length - end } : {}),
    };
  }

  #watch(
    type: ResourceType,
    selection: Selection,
    { resourceVersion }: WatchOptions,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
    client: string,
  ): Promise<void> {
    // It may have been aborted since it was looked at.
    signal.throwIfAborted();
    const from = Number(resourceVersion);
    const oldest = this.#log[0]?.version ?? this.#version + 1;
    if (from < oldest - 1) throw new KubeError('too old resource version', 410, 'Expired');
    return new Promise((resolve, reject) => {
      const watcher: Watcher = {
        type,
        selection,
        client,
        onEvent,
        end: () => {
          this.#watchers.delete(watcher);
          resolve();
        },
      };
      for (const entry of this.#log) if (entry.version > from) deliver(watcher, entry);
      this.#watchers.add(watcher);
      signal.addEventListener('abort', () => {
        this.#watchers.delete(watcher);
        reject(signal.reason);
      });
    });
  }

  #patch(
    type: ResourceType,
    key: ObjectKey,
    patch: Patch,
    subresource: 'status' | undefined,
    client: string,
  ): KubeObject {
    const known = this.#need(type, key);
    if (patch.type === 'json') throw new Error('no JSON patches here');
    const body = patch.body as Json;
    const { uid } = (body.metadata ?? {}) as { readonly uid?: string };
    if (uid !== undefined && uid !== known.metadata.uid)
      throw new KubeError('Precondition failed: UID', 409, 'Conflict');
    // Whoever applies owns the whole status here: nobody else applies.
    const next =
      patch.type === 'apply'
        ? { ...known, [subresource ?? 'spec']: body[subresource ?? 'spec'] }
        : (merged(known, body) as KubeObject);
    return this.#write(
      'patch',
      type,
      { ...next, spec: subresource === 'status' ? known.spec : next.spec },
      client,
      body,
    );
  }

  #write(verb: Verb, type: ResourceType, object: KubeObject, client: string, body: unknown): KubeObject {
    const key = keyText(object.metadata);
    let objects = this.#objects.get(type.plural);
    if (objects === undefined) {
      objects = new Map();
      this.#objects.set(type.plural, objects);
    }
    const before = objects.get(key);
    const apiVersion = apiVersionOf(type);
    const whole = withDefaults(this.admit({ ...object, apiVersion, kind: type.kind }));
    const changed = before === undefined || JSON.stringify(bare(before)) !== JSON.stringify(bare(whole));
    this.writes.push({ verb, plural: type.plural, key, body, changed, client });
    if (before !== undefined && !changed) return before;
    const after = { ...whole, metadata: { ...whole.metadata, resourceVersion: String(this.#version + 1) } };
    objects.set(key, after);
    this.#publish(type, before, after);
    return after;
  }

  #publish({ plural }: ResourceType, before: KubeObject | undefined, after: KubeObject | undefined): void {
    const entry = { version: ++this.#version, plural, before, after };
    this.#log.push(entry);
    for (const watcher of [...this.#watchers]) deliver(watcher, entry);
  }
}

/** As the API server does: `ipMode` is filled in, and what is no LoadBalancer has no addresses. */
function withDefaults(object: KubeObject): KubeObject {
  if (object.kind !== 'Service') return object;
  const { type } = (object.spec ?? {}) as { readonly type?: string };
  const { loadBalancer = {} } = (object.status ?? {}) as {
    readonly loadBalancer?: { readonly ingress?: readonly Json[] };
  };
  const ingress = type === 'LoadBalancer' ? (loadBalancer.ingress ?? []) : [];
  const status = {
    loadBalancer: ingress.length === 0 ? {} : { ingress: ingress.map((entry) => ({ ipMode: 'VIP', ...entry })) },
  };
  return { ...object, status };
}

const bare = ({ metadata: { resourceVersion: _, ...metadata }, ...rest }: KubeObject): unknown =>
  sorted({ ...rest, metadata });

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}

/** Selectors as we use them: `metadata.name=`, `spec.type=`, and one label. */
function selects({ namespace, fieldSelector, labelSelector }: Selection, { metadata, spec }: KubeObject): boolean {
  if (namespace !== '' && metadata.namespace !== namespace) return false;
  const fields: Json = { 'metadata.name': metadata.name, 'spec.type': (spec as Json | undefined)?.type };
  return matches(fieldSelector, fields) && matches(labelSelector, metadata.labels ?? {});
}

function matches(selector: string | undefined, values: Json): boolean {
  if (selector === undefined) return true;
  const [name = '', wanted] = selector.split('=');
  return values[name] === wanted;
}

function deliver({ type, selection, onEvent }: Watcher, { version, plural, before, after }: LogEntry): void {
  if (plural !== type.plural) return;
  const was = before !== undefined && selects(selection, before);
  if (after !== undefined && selects(selection, after)) onEvent({ type: was ? 'MODIFIED' : 'ADDED', object: after });
  else if (was)
    onEvent({
      type: 'DELETED',
      object: { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } },
    });
}
