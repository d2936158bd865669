/**
 * The embedded Kubernetes API, without a socket: a request in, an answer out. It serves the demo, the tests and a user's own kubectl; it is no
 * cluster: no scheduler, no kubelet, no controllers but those that clean up (`Lifecycle`), and no authorization beyond one token.
 *
 * How the parts fit:
 * ```
 *  request -> router -> verbs (create, update, patch, apply, delete, list, watch, log, scale)
 *                         | save: schema, strategy of the kind, managed fields, checks
 *                         v
 *                       store -> listeners: watches, lifecycle, cluster IPs and node ports, definitions served
 * ```
 * Everything is synchronous, so each request sees and leaves a whole state, and a test needs no waiting.
 *
 * Deliberately not: protobuf, authorization rules, admission webhooks (their configurations are stored and not called), conversion webhooks,
 * API priority and fairness, and all built-in kinds that neither MetalLB nor its guide uses.
 */
import type { Clock } from '../time/clock.ts';
import { BUILT_IN } from './built-in.ts';
import { type Core, SERVICES, timeText } from './core.ts';
import { crdStrategy } from './kinds/crd.ts';
import { ServiceAddresses, type ServiceRanges } from './kinds/service-addresses.ts';
import { strategies } from './kinds/strategies.ts';
import { Lifecycle } from './lifecycle.ts';
import { Registry } from './registry.ts';
import { type Answer, Router } from './router.ts';
import { type Snapshot, Store, type StoreLimits } from './store/store.ts';
import type { ApiRequest, Applier, Discovery, ResourceSource, TablePrinter, Validator } from './types.ts';
import type { LogProvider } from './verbs/logs.ts';
import { Watches } from './verbs/watch.ts';
import { Versions } from './versions.ts';

/** The parts that judge, merge and print. */
export interface Parts {
  readonly validator: Validator;
  readonly applier: Applier;
  readonly printer: TablePrinter;
  readonly discovery: (resources: ResourceSource) => Discovery;
}

export interface ApiServerOptions {
  readonly parts: Parts;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly uid: () => string;
  readonly random: () => number;
  readonly isToken: (text: string) => boolean;
  readonly ranges: ServiceRanges;
  readonly limits?: Partial<StoreLimits>;
  readonly maxWatches?: number;
}

export interface ApiServerCounts {
  readonly resourceVersion: number;
  readonly objects: number;
  readonly bytes: number;
  readonly watches: number;
}

const FIRST_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const DEFAULT_MAX_WATCHES = 1000;

export class ApiServer {
  readonly #store: Store;
  readonly #watches: Watches;
  readonly #lifecycle: Lifecycle;
  readonly #addresses: ServiceAddresses;
  readonly #router: Router;
  readonly #first: Snapshot;

  constructor(options: ApiServerOptions) {
    const { parts, clock, wallClock } = options;
    const registry = new Registry(BUILT_IN);
    this.#store = new Store(options.limits);
    this.#addresses = new ServiceAddresses(this.#store.collection(SERVICES), options.ranges);
    const crd = crdStrategy(
      parts.validator,
      () => timeText(wallClock()),
      (group, plural, names) =>
        registry.list().find((other) => other.group === group && other.plural !== plural && other.kind === names.kind)
          ?.plural,
    );
    const core: Core = {
      store: this.#store,
      versions: new Versions(parts.validator),
      registry,
      strategies: strategies(this.#addresses, crd),
      validator: parts.validator,
      applier: parts.applier,
      printer: parts.printer,
      discovery: parts.discovery(registry),
      wallClock,
      uid: options.uid,
      random: options.random,
    };
    this.#lifecycle = new Lifecycle(core);
    this.#watches = new Watches(core, clock, options.maxWatches ?? DEFAULT_MAX_WATCHES);
    this.#router = new Router(core, this.#lifecycle, this.#watches, options.isToken);
    this.#populate();
    this.#first = this.#store.snapshot();
  }

  /** Answers a request. Never throws. */
  handle(request: ApiRequest): Answer {
    return this.#router.handle(request);
  }

  /** Registers who knows what the processes behind pods have said. */
  setLogs(provider: LogProvider | null): void {
    this.#router.logs = provider;
  }

  counts(): ApiServerCounts {
    const { resourceVersion, size, bytes } = this.#store;
    return { resourceVersion, objects: size, bytes, watches: this.#watches.size };
  }

  /** All objects as they are now. */
  snapshot(): Snapshot {
    return this.#store.snapshot();
  }

  /** As it was at its start: without any objects but those that every cluster has. */
  get empty(): Snapshot {
    return this.#first;
  }

  /** Back to an earlier state, resourceVersions too, as after the restore of a backup. Watches end. */
  restore(snapshot: Snapshot): void {
    this.#watches.close();
    this.#store.restore(snapshot);
    this.#addresses.reload();
    this.#lifecycle.reload();
  }

  /** Forgets what happened until now: who resumes a watch or a list gets 410. */
  compact(): void {
    this.#store.compact();
  }

  /** Ends all watches. */
  closeWatches(): void {
    this.#watches.close();
  }

  /** What every cluster has. */
  #populate(): void {
    const post = (path: string, body: unknown): void => {
      const { response } = this.handle({
        method: 'POST',
        path,
        query: new URLSearchParams('fieldManager=kube-apiserver'),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (response.status !== 201)
        throw new Error(`what every cluster has could not be made: ${JSON.stringify(response)}`);
    };
    for (const name of FIRST_NAMESPACES) post('/api/v1/namespaces', { metadata: { name } });
    post('/api/v1/namespaces/default/services', {
      metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: { ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
    });
  }
}
