/** One resource that is followed: a reflector whose objects are handed on until it is stopped, and not after. */
import { Reflector, type ReflectorHealth } from '../kube/reflector.ts';
import type { KubeApi, KubeObject, ResourceType, Selection } from '../kube/types.ts';
import type { Clock } from '../time/clock.ts';

/** How following goes. */
export interface ReflectorView {
  readonly resource: string;
  readonly synced: boolean;
  readonly failing: boolean;
  readonly objects: number;
  readonly lists: number;
  readonly watches: number;
  readonly events: number;
  readonly errors: number;
  readonly silences: number;
}

/** One change of the resource; the key is `NAMESPACE/NAME`. */
export type SourceChange<T> =
  | { readonly type: 'upsert'; readonly key: string; readonly value: T }
  | { readonly type: 'delete'; readonly key: string };

export interface SourceOptions<T> {
  readonly type: ResourceType;
  /** In log and metrics; default the resource's plural, which no two sources of a process may share. */
  readonly name?: string;
  readonly selection: Selection;
  /** Stands in for a field selector that the server does not know. */
  readonly keep?: (object: KubeObject) => boolean;
  /** What is kept of an object; undefined passes it over. */
  readonly read: (object: KubeObject) => T | undefined;
  readonly changed: (changes: readonly SourceChange<T>[]) => void;
  /** Once: everything that there is has been handed over. */
  readonly synced: () => void;
}

/** What all sources of a process share. */
export interface SourceContext {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: () => number;
  /** Lets the event loop run between the slices of a list. */
  readonly breathe: () => Promise<void>;
  /** How following the resource of this name goes. */
  readonly onHealth: (resource: string, health: ReflectorHealth) => void;
}

/** What is asked of a source whatever it reads. */
export interface RunningSource {
  readonly synced: boolean;
  readonly view: ReflectorView;
  stop(): Promise<void>;
}

const TURNS = new WeakMap<SourceContext, Promise<void>>();

/** The sources of a process begin one after the other, and others have their turn between: each opens a connection, which takes milliseconds. */
function turnOf(context: SourceContext): Promise<void> {
  const turn = (TURNS.get(context) ?? Promise.resolve()).then(context.breathe);
  TURNS.set(context, turn);
  return turn;
}

/** Starts to follow a resource. */
export function follow<T>(options: SourceOptions<T>, context: SourceContext): RunningSource {
  const { type, name: resource = type.plural, selection, keep, read, changed, synced } = options;
  const { api, clock, random, breathe, onHealth } = context;
  let stopped = false;
  const reflector = new Reflector<T>({
    api,
    type,
    selection,
    ...(keep === undefined ? {} : { keep }),
    transform: read,
    clock,
    random,
    breathe,
    handler: {
      changed: (events) => {
        if (!stopped) changed(events);
      },
      synced: () => {
        if (!stopped) synced();
      },
    },
    onHealth: (health) => {
      if (!stopped) onHealth(resource, health);
    },
  });
  void turnOf(context).then(() => {
    if (!stopped) reflector.start();
  });
  return {
    get synced() {
      return reflector.health.synced;
    },
    get view() {
      const { synced, failingSince, lists, watches, events, errors, silences } = reflector.health;
      return {
        resource,
        synced,
        failing: failingSince !== null,
        objects: reflector.size,
        lists,
        watches,
        events,
        errors,
        silences,
      };
    },
    stop() {
      stopped = true;
      return reflector.stop();
    },
  };
}
