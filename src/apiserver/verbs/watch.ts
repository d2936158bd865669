/**
 * Watches: what happens to the objects of a selection, as JSON lines, from a resourceVersion on (apiserver: pkg/storage/cacher).
 *
 * An object that comes to match by a change is ADDED, one that stops matching is DELETED, whatever happened to it. Bookmarks come while nothing of
 * the selection happens but other things do, so that a client that resumes is not behind the history. A resourceVersion that has not come yet, as
 * after the restore of an older state, is waited for in silence: so do Kubernetes' caches, and clients must bear it.
 */
import type { Clock } from '../../time/clock.ts';
import type { Core } from '../core.ts';
import { apiVersionOf } from '../registry.ts';
import { flagOption, numberOption } from '../request/options.ts';
import type { Selection } from '../request/selection.ts';
import { ApiError, badRequest, expired, forbiddenField, invalid } from '../status.ts';
import type { Change } from '../store/collection.ts';
import type { ApiObject, Json } from '../types.ts';
import { represent, type View } from './represent.ts';

/** Where the lines of a stream go. */
export interface StreamSink {
  write(text: string): void;
  end(): void;
}

/** An answer that goes on: `start` begins it and returns what stops it when the client is gone. */
export interface StreamResponse {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  start(sink: StreamSink): () => void;
}

const BOOKMARK_MS = 1000;
/** Kubernetes draws between this and its double; without a wish of the client. */
const DEFAULT_TIMEOUT_SECONDS = 1800;

interface Options {
  readonly resourceVersion: number | undefined;
  readonly bookmarks: boolean;
  readonly initialEvents: boolean;
  readonly timeoutMs: number;
}

interface OpenWatch {
  bookmark(): void;
  end(): void;
}

export class Watches {
  readonly #core: Core;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #open = new Set<OpenWatch>();
  #stopTicking: (() => void) | null = null;

  constructor(core: Core, clock: Clock, limit: number) {
    this.#core = core;
    this.#clock = clock;
    this.#limit = limit;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws ApiError for options that contradict each other, 429 where there are too many watches */
  watch(view: View, selection: Selection, query: URLSearchParams): StreamResponse {
    const options = optionsOf(query, this.#core.random);
    if (this.#open.size >= this.#limit)
      throw new ApiError(429, 'TooManyRequests', `there are ${this.#limit} watches already`, { retryAfterSeconds: 1 });
    return {
      status: 200,
      headers: { 'content-type': contentTypeOf(view) },
      start: (sink) => this.#start(view, selection, options, sink),
    };
  }

  /** Ends all of them, as a server does that stops. */
  close(): void {
    for (const watch of [...this.#open]) watch.end();
  }

  #start(view: View, selection: Selection, options: Options, sink: StreamSink): () => void {
    const { store } = this.#core;
    const collection = store.collection(view.definition);
    const write = new EventWriter(this.#core, view, sink);
    // The newest that the client knows of: nothing of its selection lies between this and now.
    let said = options.resourceVersion ?? store.resourceVersion;
    const fromHistory = options.resourceVersion !== undefined && !options.initialEvents;
    if (fromHistory && !collection.remembers(said)) {
      write.error(expired(`too old resource version: ${said} (${collection.oldest})`));
      sink.end();
      return () => {};
    }
    const deliver = (change: Change): void => {
      if (change.resourceVersion <= said) return;
      const event = asSelected(change, selection);
      if (event === undefined) return;
      said = change.resourceVersion;
      write.event(event, change.type === 'DELETED' || event !== 'DELETED' ? change.object : gone(change));
    };
    if (fromHistory) for (const change of collection.since(said)) deliver(change);
    else {
      for (const key of collection.keys()) {
        const object = collection.get(key) as ApiObject;
        if (key.startsWith(selection.prefix) && selection.matches(object)) write.event('ADDED', object);
      }
      said = store.resourceVersion;
      if (options.initialEvents && options.bookmarks) write.bookmark(said, true);
    }
    let ended = false;
    const stopListening = collection.listen(deliver);
    const stop = (): void => {
      if (ended) return;
      ended = true;
      stopListening();
      stopTimeout();
      this.#open.delete(open);
      if (this.#open.size === 0) this.#stopTick();
    };
    const open: OpenWatch = {
      bookmark: () => {
        if (!options.bookmarks || store.resourceVersion <= said) return;
        said = store.resourceVersion;
        write.bookmark(said, false);
      },
      end: () => {
        if (ended) return;
        open.bookmark();
        stop();
        sink.end();
      },
    };
    const stopTimeout = this.#clock.after(options.timeoutMs, open.end);
    this.#open.add(open);
    this.#tick();
    return stop;
  }

  #tick(): void {
    if (this.#stopTicking !== null) return;
    this.#stopTicking = this.#clock.after(BOOKMARK_MS, () => {
      this.#stopTicking = null;
      for (const watch of [...this.#open]) watch.bookmark();
      if (this.#open.size > 0) this.#tick();
    });
  }

  #stopTick(): void {
    this.#stopTicking?.();
    this.#stopTicking = null;
  }
}

const contentTypeOf = ({ as }: View): string =>
  as.type === 'table' ? `application/json;as=Table;v=${as.apiVersion.split('/')[1]};g=meta.k8s.io` : 'application/json';

function optionsOf(query: URLSearchParams, random: () => number): Options {
  const resourceVersion = resourceVersionOption(query);
  const initialEvents = flagOption(query, 'sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  if (query.has('sendInitialEvents') ? match !== 'NotOlderThan' : match !== '')
    throw invalid('meta.k8s.io', 'ListOptions', '', [
      forbiddenField(
        'resourceVersionMatch',
        query.has('sendInitialEvents')
          ? 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
          : 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    ]);
  const seconds = numberOption(query, 'timeoutSeconds') ?? DEFAULT_TIMEOUT_SECONDS * (1 + random());
  return {
    resourceVersion,
    bookmarks: flagOption(query, 'allowWatchBookmarks'),
    initialEvents,
    timeoutMs: seconds * 1000,
  };
}

/** The resourceVersion that a query names; undefined for the newest, and for any (`0`). */
export function resourceVersionOption(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '' || text === '0') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(`Invalid value: ${JSON.stringify(text)}: a resource version is a number here`);
  return Number(text);
}

/** What a change is to somebody who sees only a part of the objects; undefined: nothing. */
function asSelected(change: Change, selection: Selection): Change['type'] | undefined {
  if (!change.key.startsWith(selection.prefix)) return undefined;
  if (selection.all) return change.type;
  const was = change.previous !== null && selection.matches(change.previous);
  const is = change.type !== 'DELETED' && selection.matches(change.object);
  if (was) return is ? 'MODIFIED' : 'DELETED';
  return is ? 'ADDED' : undefined;
}

/** An object that left the selection: as it was when it was in it, at the resourceVersion at which it left. */
const gone = ({ previous, object }: Change): ApiObject => ({
  ...(previous as ApiObject),
  metadata: { ...(previous as ApiObject).metadata, resourceVersion: object.metadata.resourceVersion as string },
});

/** The last object that was made text: all watches of a resource get a change one after the other. */
let lastText: { readonly object: ApiObject; readonly apiVersion: string; readonly text: string } | null = null;

class EventWriter {
  readonly #core: Core;
  readonly #view: View;
  readonly #sink: StreamSink;
  #columns = true;

  constructor(core: Core, view: View, sink: StreamSink) {
    this.#core = core;
    this.#view = view;
    this.#sink = sink;
  }

  event(type: Change['type'], object: ApiObject): void {
    this.#line(type, this.#text(object));
  }

  bookmark(resourceVersion: number, initialEventsEnd: boolean): void {
    const { definition, version, as } = this.#view;
    const metadata = {
      resourceVersion: String(resourceVersion),
      creationTimestamp: null,
      ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    };
    const bare = { kind: definition.kind, apiVersion: apiVersionOf(definition.group, version.name), metadata };
    const object: Json =
      as.type === 'table'
        ? {
            kind: 'Table',
            apiVersion: as.apiVersion,
            metadata: { resourceVersion: String(resourceVersion) },
            columnDefinitions: null,
            rows: [{ cells: [], object: { ...bare, kind: 'PartialObjectMetadata', apiVersion: as.apiVersion } }],
          }
        : as.type === 'metadata'
          ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
          : bare;
    this.#line('BOOKMARK', JSON.stringify(object));
  }

  error(error: ApiError): void {
    this.#line('ERROR', JSON.stringify(error.toStatus()));
  }

  #line(type: string, object: string): void {
    this.#sink.write(`{"type":"${type}","object":${object}}\n`);
  }

  #text(object: ApiObject): string {
    const { definition, version, as } = this.#view;
    if (as.type !== 'object') {
      const text = JSON.stringify(represent(this.#core, this.#view, object, this.#columns));
      this.#columns = false;
      return text;
    }
    const apiVersion = apiVersionOf(definition.group, version.name);
    if (lastText === null || lastText.object !== object || lastText.apiVersion !== apiVersion)
      lastText = { object, apiVersion, text: JSON.stringify(this.#core.versions.read(definition, version, object)) };
    return lastText.text;
  }
}
