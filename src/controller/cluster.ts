/**
 * What every controller follows, leading or not: the configuration, and the Nodes, Namespaces and Secrets that it is judged by.
 *
 * So a standby is warm where it matters: it judges the configuration, knows the last good version of what is faulty, and is ready. It does not
 * follow Services: who leads reads them anew, after it became the leader, so that it sees all that the leader before has written.
 */

import type { Node } from '../cluster/node.ts';
import { goneObject, readConfig, readCore } from '../follow/objects.ts';
import { follow, type RunningSource, type SourceChange, type SourceContext } from '../follow/source.ts';
import { parseKey } from '../kube/object-key.ts';
import { CONFIG_KINDS, NAMESPACE, NODE, SECRET } from '../kube/resource-types.ts';
import type { ResourceType } from '../kube/types.ts';
import type { Change } from '../plan/world/change.ts';
import { sameData } from '../plan/world/same-data.ts';
import type { CoreObject } from '../plan/world/world-object.ts';
import type { ConfigObject } from './config-reporter.ts';

/** What somebody is told of the cluster. */
export interface ClusterListener {
  changed(changes: readonly Change[]): void;
  configSeen(object: ConfigObject): void;
  configGone(object: Pick<ConfigObject, 'type' | 'key'>): void;
  /** Everything that there is has been handed over. */
  synced(): void;
}

export class ClusterSources {
  readonly configs = new Map<string, ConfigObject>();
  readonly nodes = new Map<string, Node>();
  /** Another one whenever a Node means something else. */
  nodesVersion = 0;
  readonly #listener: ClusterListener;
  readonly #namespace: string;
  #sources: readonly RunningSource[] = [];

  constructor(namespace: string, listener: ClusterListener) {
    this.#namespace = namespace;
    this.#listener = listener;
  }

  start(context: SourceContext): void {
    const synced = (): void => {
      if (this.synced) this.#listener.synced();
    };
    const everywhere = { namespace: '' };
    const own = { namespace: this.#namespace };
    const core = (type: ResourceType, selection: { readonly namespace: string }): RunningSource =>
      follow({ type, selection, read: readCore, synced, changed: (changes) => this.#core(type, changes) }, context);
    this.#sources = [
      core(NODE, everywhere),
      core(NAMESPACE, everywhere),
      core(SECRET, own),
      ...CONFIG_KINDS.map((type) =>
        follow(
          {
            type,
            selection: own,
            read: (object) => ({ ...readConfig(object), type }),
            synced,
            changed: (changes) => this.#config(type, changes),
          },
          context,
        ),
      ),
    ];
  }

  get synced(): boolean {
    return this.#sources.length > 0 && this.#sources.every((source) => source.synced);
  }

  get views() {
    return this.#sources.map(({ view }) => view);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.stop()));
  }

  #core(type: ResourceType, changes: readonly SourceChange<CoreObject>[]): void {
    if (type === NODE)
      for (const change of changes) {
        const { name } = parseKey(change.key);
        const node = change.type === 'upsert' && change.value.kind === 'Node' ? change.value.parsed.value : undefined;
        // A faulty Node counts as it last was.
        if (node === null || sameData(node, this.nodes.get(name))) continue;
        if (node === undefined) this.nodes.delete(name);
        else this.nodes.set(name, node);
        this.nodesVersion++;
      }
    this.#listener.changed(
      changes.map((change) =>
        change.type === 'upsert'
          ? { type: 'upsert', object: change.value }
          : { type: 'delete', object: goneObject(type, parseKey(change.key)) },
      ),
    );
  }

  #config(type: ResourceType, changes: readonly SourceChange<Omit<ConfigObject, 'key'>>[]): void {
    const told: Change[] = [];
    for (const change of changes) {
      const { key } = change;
      const id = `${type.kind} ${key}`;
      if (change.type === 'upsert') {
        this.configs.set(id, { ...change.value, key });
        told.push({ type: 'upsert', object: change.value.resource });
      } else {
        this.configs.delete(id);
        told.push({ type: 'delete', object: goneObject(type, parseKey(key)) });
      }
    }
    this.#listener.changed(told);
    for (const change of changes) {
      const object = this.configs.get(`${type.kind} ${change.key}`);
      if (object === undefined) this.#listener.configGone({ type, key: change.key });
      else this.#listener.configSeen(object);
    }
  }
}
