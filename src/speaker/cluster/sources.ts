/**
 * What the speaker of a node follows of a cluster: the configuration with the Secrets of its namespace, its own Node, all EndpointSlices
 * and the Services of type LoadBalancer. Each object is reduced where it comes in.
 *
 * Of other Nodes nothing is needed, and a large cluster's Nodes change all the time. Only where two advertisements may want different local
 * preferences the labels of all of them matter, to whether the configuration is valid (docs/decisions.md 16): then they are followed too.
 */
import { goneObject, readConfig, readCore, readService, type SeenConfig } from '../../follow/objects.ts';
import { follow, type RunningSource, type SourceChange, type SourceContext } from '../../follow/source.ts';
import { parseKey } from '../../kube/object-key.ts';
import { BGP_PEER, CONFIG_KINDS, ENDPOINT_SLICE, NODE, SECRET, SERVICE } from '../../kube/resource-types.ts';
import type { KubeObject, ResourceType, Selection } from '../../kube/types.ts';
import type { Change } from '../../plan/world/change.ts';
import type { CoreObject } from '../../plan/world/world-object.ts';

/** Who is told of the cluster. */
export interface ClusterListener {
  /** Everything but Services. */
  changed(changes: readonly Change[]): void;
  servicesChanged(changes: readonly SourceChange<CoreObject>[]): void;
  /** Whether the labels of all Nodes matter, by what was handed over so far. */
  needsAllNodes(): boolean;
  /** Everything that there is has been handed over. */
  synced(): void;
}

const EVERYWHERE = { namespace: '' };

const isLoadBalancer = ({ spec }: KubeObject): boolean =>
  (spec as { readonly type?: unknown } | undefined)?.type === 'LoadBalancer';

interface CoreOptions {
  /** What the source is called. */
  readonly name?: string;
  readonly isWanted?: (object: KubeObject) => boolean;
}

const all = (): boolean => true;

export class ClusterSources {
  /** By name: the peers as objects of the API, for events about them. */
  readonly peers = new Map<string, Pick<SeenConfig, 'uid' | 'resource'>>();
  readonly #node: string;
  readonly #namespace: string;
  readonly #listener: ClusterListener;
  #context: SourceContext | null = null;
  #sources: RunningSource[] = [];
  #allNodes: RunningSource | null = null;
  #changes = 0;

  constructor(node: string, namespace: string, listener: ClusterListener) {
    this.#node = node;
    this.#namespace = namespace;
    this.#listener = listener;
  }

  start(context: SourceContext): void {
    this.#context = context;
    const own = { namespace: this.#namespace };
    this.#sources = [
      ...CONFIG_KINDS.map((type) => this.#config(type, own)),
      this.#core(SECRET, own),
      this.#core(NODE, { ...EVERYWHERE, fieldSelector: `metadata.name=${this.#node}` }),
      this.#core(ENDPOINT_SLICE, EVERYWHERE),
      follow(
        {
          type: SERVICE,
          selection: { ...EVERYWHERE, fieldSelector: 'spec.type=LoadBalancer' },
          keep: isLoadBalancer,
          read: readService,
          changed: (changes) => {
            this.#changes += changes.length;
            this.#listener.servicesChanged(changes);
          },
          synced: this.#synced,
        },
        context,
      ),
    ];
  }

  get synced(): boolean {
    return this.#sources.length > 0 && this.#sources.every((source) => source.synced);
  }

  get views() {
    return this.#sources.map(({ view }) => view);
  }

  /** How many changes of objects were handed over. */
  get changes(): number {
    return this.#changes;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.stop()));
  }

  readonly #synced = (): void => {
    this.#followAllNodes();
    if (this.synced) this.#listener.synced();
  };

  /** Once they matter they are followed until the end: to forget them again would gain little. */
  #followAllNodes(): void {
    if (this.#allNodes !== null || this.#context === null || !this.#listener.needsAllNodes()) return;
    const isOther = ({ metadata }: KubeObject): boolean => metadata.name !== this.#node;
    this.#allNodes = this.#core(NODE, EVERYWHERE, { name: 'othernodes', isWanted: isOther });
    this.#sources.push(this.#allNodes);
  }

  #core(type: ResourceType, selection: Selection, { name = type.plural, isWanted = all }: CoreOptions = {}) {
    if (this.#context === null) throw new Error('not started');
    return follow(
      {
        type,
        name,
        selection,
        read: (object) => (isWanted(object) ? readCore(object) : undefined),
        changed: (changes) =>
          this.#hand(
            changes.map((change) =>
              change.type === 'upsert'
                ? { type: 'upsert', object: change.value }
                : { type: 'delete', object: goneObject(type, parseKey(change.key)) },
            ),
          ),
        synced: this.#synced,
      },
      this.#context,
    );
  }

  #config(type: ResourceType, selection: Selection) {
    if (this.#context === null) throw new Error('not started');
    return follow(
      {
        type,
        selection,
        read: readConfig,
        changed: (changes) => {
          if (type === BGP_PEER) for (const change of changes) this.#notePeer(change);
          this.#hand(
            changes.map((change) =>
              change.type === 'upsert'
                ? { type: 'upsert', object: change.value.resource }
                : { type: 'delete', object: goneObject(type, parseKey(change.key)) },
            ),
          );
        },
        synced: this.#synced,
      },
      this.#context,
    );
  }

  #hand(changes: readonly Change[]): void {
    this.#changes += changes.length;
    this.#listener.changed(changes);
    if (this.synced) this.#followAllNodes();
  }

  #notePeer(change: SourceChange<SeenConfig>): void {
    const { name } = parseKey(change.key);
    if (change.type === 'delete') this.peers.delete(name);
    else this.peers.set(name, { uid: change.value.uid, resource: change.value.resource });
  }
}
