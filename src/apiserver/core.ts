/** What all verbs work on: the objects, the definitions, the parts that judge and print, and the outside world as it was handed in. */
import type { Strategies } from './kinds/strategies.ts';
import type { Registry } from './registry.ts';
import { forbidden, notFound } from './status.ts';
import { keyOf, type Store } from './store/store.ts';
import type { ApiObject, Applier, Discovery, ResourceDefinition, TablePrinter, Validator } from './types.ts';
import type { Versions } from './versions.ts';

export interface Core {
  readonly store: Store;
  readonly versions: Versions;
  readonly registry: Registry;
  readonly strategies: Strategies;
  readonly validator: Validator;
  readonly applier: Applier;
  readonly printer: TablePrinter;
  readonly discovery: Discovery;
  /** The wall clock, in milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly uid: () => string;
  /** From 0 up to 1, as Math.random. */
  readonly random: () => number;
}

export const NAMESPACES = { group: '', plural: 'namespaces' } as const;
export const SERVICES = { group: '', plural: 'services' } as const;
export const PODS = { group: '', plural: 'pods' } as const;
export const EVENTS = { group: '', plural: 'events' } as const;
export const DEFINITIONS = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' } as const;

/** A moment as metav1.Time writes it: RFC 3339 in whole seconds. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** @throws ApiError 404 */
export function existing(core: Core, definition: ResourceDefinition, namespace: string, name: string): ApiObject {
  const object = core.store.collection(definition).get(keyOf(namespace, name));
  if (object === undefined) throw notFound(definition, name);
  return object;
}

/** @throws ApiError where nothing may be made in this namespace: there is none, or it is being deleted */
export function checkNamespace(core: Core, definition: ResourceDefinition, namespace: string, name: string): void {
  if (!definition.namespaced) return;
  const found = core.store.collection(NAMESPACES).get(namespace);
  if (found === undefined) throw notFound(NAMESPACES, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const refusal = forbidden(definition, name, why);
  throw Object.assign(refusal, {
    details: {
      ...refusal.details,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  });
}
