/**
 * What follows from a change without anybody asking for it: dependents go with their owner, contents with their namespace, objects with their
 * definition, and what is marked for deletion when nothing holds it any more. In a real cluster controllers do this a moment later; here it is
 * done before the request that caused it is answered.
 *
 * Listens to the store, notes what might follow, and does it in `settle`, which every write calls at its end.
 */
import { type Core, DEFINITIONS, EVENTS, NAMESPACES } from './core.ts';
import { withMeta, withoutMeta } from './json.ts';
import { definitionOf } from './kinds/crd.ts';
import { keyOfObject, type ResourceName } from './store/store.ts';
import type { ApiObject, ResourceDefinition } from './types.ts';
import { CLEANUP, deleteObject, FOREGROUND, IMMEDIATELY, isFree } from './verbs/delete.ts';

interface Where {
  readonly resource: ResourceName;
  readonly key: string;
}

const same = (a: ResourceName, b: ResourceName): boolean => a.group === b.group && a.plural === b.plural;
const textOf = ({ resource, key }: Where): string => `${resource.group}/${resource.plural}/${key}`;

/** Events beyond this many go, oldest first: nobody else removes them. */
const MAX_EVENTS = 10_000;

export class Lifecycle {
  readonly #core: Core;
  /** Every object by its uid, and who names it as owner. */
  readonly #byUid = new Map<string, Where>();
  readonly #dependents = new Map<string, Map<string, Where>>();
  /** To be looked at: their owners may be gone, or they may be free to go. */
  readonly #queue = new Map<string, Where>();
  /** Marked, and waiting for what is inside of them. */
  readonly #terminating = new Map<string, Where>();
  #settling = false;

  constructor(core: Core) {
    this.#core = core;
    core.store.listen((resource, { key, object, previous, type }) => {
      const where = { resource, key };
      if (previous !== null) this.#forget(where, previous);
      if (type !== 'DELETED') this.#note(where, object);
      if (same(resource, DEFINITIONS)) this.#serve(object, type === 'DELETED');
    });
  }

  /** Everything anew, after the store was set back. */
  reload(): void {
    this.#byUid.clear();
    this.#dependents.clear();
    this.#terminating.clear();
    this.#queue.clear();
    const { registry, store } = this.#core;
    for (const { source, group, plural } of registry.list()) if (source === 'custom') registry.remove(group, plural);
    for (const crd of store.collection(DEFINITIONS).objects()) this.#serve(crd, false);
    for (const [resource, collection] of store.collections())
      for (const object of collection.objects()) this.#note({ resource, key: keyOfObject(object) }, object);
    this.settle();
  }

  /** Does what follows, until nothing does. */
  settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      for (let progress = true; progress; ) {
        progress = this.#queue.size > 0;
        for (const [text, where] of this.#queue) {
          this.#queue.delete(text);
          this.#judge(where);
        }
        for (const where of [...this.#terminating.values()]) progress = this.#empty(where) || progress;
      }
      this.#boundEvents();
    } finally {
      this.#settling = false;
    }
  }

  #note(where: Where, object: ApiObject): void {
    const { uid = '', ownerReferences = [], deletionTimestamp } = object.metadata;
    this.#byUid.set(uid, where);
    for (const owner of ownerReferences) {
      const of = this.#dependents.get(owner.uid) ?? new Map<string, Where>();
      this.#dependents.set(owner.uid, of.set(textOf(where), where));
    }
    if (deletionTimestamp !== undefined) this.#terminating.set(textOf(where), where);
    if (ownerReferences.length > 0) this.#queue.set(textOf(where), where);
  }

  #forget(where: Where, object: ApiObject): void {
    const { uid = '', ownerReferences = [] } = object.metadata;
    this.#byUid.delete(uid);
    this.#terminating.delete(textOf(where));
    for (const owner of ownerReferences) {
      const of = this.#dependents.get(owner.uid);
      of?.delete(textOf(where));
      if (of?.size === 0) this.#dependents.delete(owner.uid);
    }
    // Whether it is gone is seen when they are looked at.
    for (const [text, dependent] of this.#dependents.get(uid) ?? []) this.#queue.set(text, dependent);
  }

  #serve(crd: ApiObject, gone: boolean): void {
    const definition = definitionOf(crd);
    if (gone) this.#core.registry.remove(definition.group, definition.plural);
    else this.#core.registry.set(definition);
  }

  #find({ resource, key }: Where): readonly [ResourceDefinition, ApiObject] | undefined {
    const definition = this.#core.registry.get(resource.group, resource.plural);
    const object = this.#core.store.collection(resource).get(key);
    return definition === undefined || object === undefined ? undefined : [definition, object];
  }

  /** An object whose owners are all gone goes too. */
  #judge(where: Where): void {
    const found = this.#find(where);
    if (found === undefined) return;
    const { ownerReferences = [], deletionTimestamp } = found[1].metadata;
    if (
      ownerReferences.length > 0 &&
      deletionTimestamp === undefined &&
      !ownerReferences.some(({ uid }) => this.#byUid.has(uid))
    )
      this.#delete(...found);
  }

  #delete(definition: ResourceDefinition, { metadata }: ApiObject): void {
    deleteObject(this.#core, definition, metadata.namespace ?? '', metadata.name, IMMEDIATELY);
  }

  /** Of something marked: deletes what is inside of it, and then itself. @returns whether anything happened */
  #empty(where: Where): boolean {
    const found = this.#find(where);
    if (found === undefined) return false;
    const [definition, object] = found;
    if (same(where.resource, NAMESPACES)) return this.#emptyNamespace(definition, object);
    const { uid = '', finalizers = [] } = object.metadata;
    if (finalizers.includes(FOREGROUND)) {
      const dependents = [...(this.#dependents.get(uid)?.values() ?? [])];
      return this.#clear(definition, object, dependents, FOREGROUND);
    }
    if (finalizers.includes(CLEANUP)) {
      const { group, plural } = definitionOf(object);
      const keys = this.#core.store.collection({ group, plural }).keys();
      return this.#clear(
        definition,
        object,
        keys.map((key) => ({ resource: { group, plural }, key })),
        CLEANUP,
      );
    }
    return isFree(definition, object) && this.#core.store.remove(definition, where.key) !== undefined;
  }

  /** Deletes what a finalizer waits for; where nothing is left of it, the finalizer goes. */
  #clear(definition: ResourceDefinition, object: ApiObject, contents: readonly Where[], finalizer: string): boolean {
    if (contents.length > 0) return this.#deleteAll(contents);
    const finalizers = (object.metadata.finalizers ?? []).filter((other) => other !== finalizer);
    const freed = finalizers.length > 0 ? withMeta(object, { finalizers }) : withoutMeta(object, 'finalizers');
    if (isFree(definition, freed)) this.#core.store.remove(definition, keyOfObject(freed), freed);
    else this.#core.store.put(definition, freed);
    return true;
  }

  #emptyNamespace(definition: ResourceDefinition, { metadata }: ApiObject): boolean {
    const prefix = `${metadata.name}/`;
    const contents: Where[] = [];
    for (const [resource, collection] of this.#core.store.collections())
      for (const key of collection.keys()) if (key.startsWith(prefix)) contents.push({ resource, key });
    if (contents.length > 0) return this.#deleteAll(contents);
    if ((metadata.finalizers ?? []).length > 0) return false;
    return this.#core.store.remove(definition, metadata.name) !== undefined;
  }

  /** @returns whether any of them was not on its way already */
  #deleteAll(contents: readonly Where[]): boolean {
    let any = false;
    for (const where of contents) {
      const found = this.#find(where);
      if (found === undefined || found[1].metadata.deletionTimestamp !== undefined) continue;
      this.#delete(...found);
      any = true;
    }
    return any;
  }

  /** Dependents forget their owner, which may then go without them. */
  orphan(uid: string): void {
    for (const where of [...(this.#dependents.get(uid)?.values() ?? [])]) {
      const found = this.#find(where);
      if (found === undefined) continue;
      const left = (found[1].metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
      const object =
        left.length > 0 ? withMeta(found[1], { ownerReferences: left }) : withoutMeta(found[1], 'ownerReferences');
      this.#core.store.put(found[0], object);
    }
  }

  #boundEvents(): void {
    const events = this.#core.store.collection(EVENTS);
    if (events.size <= MAX_EVENTS) return;
    // In the order in which they were made; a tenth at once, so that it is seldom.
    const oldest = [...events.objects()].slice(0, MAX_EVENTS / 10);
    for (const event of oldest) this.#core.store.remove(EVENTS, keyOfObject(event));
  }
}
