/** A cluster of the embedded API server, our controller and a speaker per node on it, and the guide's first router on loopback. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PARTS } from '../../src/apiserver/parts.ts';
import { type RunningApiServer, startApiServer } from '../../src/apiserver/start.ts';
import { type RunningController, startController } from '../../src/controller/run.ts';
import type { FromRouter, NeighborConfig, ToRouter } from '../../src/demo/router-protocol.ts';
import { createLogger } from '../../src/io/logger.ts';
import { kubeconfigAccess } from '../../src/kube/kubeconfig.ts';
import * as types from '../../src/kube/resource-types.ts';
import { RestClient } from '../../src/kube/rest.ts';
import { KubeError, type KubeObject, type ObjectKey, type ResourceType } from '../../src/kube/types.ts';
import { parseManifests } from '../../src/manifest/manifest.ts';
import { DEFAULT_PLAN_OPTIONS } from '../../src/plan/snapshot.ts';
import { type RunningClusterSpeaker, startClusterSpeaker } from '../../src/speaker/cluster/run.ts';
import type { TransportMap } from '../../src/speaker/transport-map.ts';
import { parseTransportMap } from '../../src/speaker/transport-map-file.ts';
import { systemClock } from '../../src/time/clock.ts';
import type { LogLine } from './speaker-harness.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'examples/guide');
const PATIENCE_MS = 15_000;
export const SYSTEM = 'metallb-system';

/** Types by kind, of what tests apply. */
const TYPES: ReadonlyMap<string, ResourceType> = new Map(
  [
    ...Object.values(types).filter((type): type is ResourceType => typeof type === 'object' && 'plural' in type),
    {
      group: 'apiextensions.k8s.io',
      version: 'v1',
      plural: 'customresourcedefinitions',
      kind: 'CustomResourceDefinition',
      namespaced: false,
    },
    { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true },
  ].map((type) => [type.kind, type]),
);

export const typeOf = (kind: string): ResourceType => {
  const type = TYPES.get(kind);
  if (type === undefined) throw new Error(`no type ${kind}`);
  return type;
};

/** The objects of a file or folder. */
export function manifestsOf(path: string): readonly KubeObject[] {
  const files = path.endsWith('.yaml') ? [path] : readdirSync(path).map((file) => join(path, file));
  return files
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
    .flatMap((file) => objectsOf(readFileSync(file, 'utf8')));
}

/** The objects of a text with several documents. */
export function objectsOf(text: string): readonly KubeObject[] {
  const parsed = parseManifests('test', text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value.documents.map(({ value }) => value as KubeObject);
}

let worlds = 0;

export interface SpeakerHandle {
  readonly running: RunningClusterSpeaker;
  readonly log: readonly LogLine[];
}

export class ClusterWorld {
  readonly api: RestClient;
  readonly server: RunningApiServer;
  readonly routerAddress: string;
  readonly port: number;
  readonly speakers = new Map<string, SpeakerHandle>();
  readonly kubeconfig: string;
  router: Extract<FromRouter, { type: 'changed' }> | undefined;
  controller: RunningController | undefined;
  readonly controllerLog: LogLine[] = [];
  #router: ChildProcess | undefined;
  readonly #folder: string;
  readonly #transportMap: TransportMap;
  readonly #nodes: Readonly<Record<string, string>>;

  private constructor(server: RunningApiServer, api: RestClient, folder: string, net: number, port: number) {
    this.server = server;
    this.api = api;
    this.#folder = folder;
    this.kubeconfig = join(folder, 'kubeconfig');
    this.port = port;
    this.routerAddress = `127.${net}.1.1`;
    this.#nodes = {
      node1: `127.${net}.1.10`,
      node2: `127.${net}.1.11`,
      node3: `127.${net}.1.12`,
      node9: `127.${net}.1.19`,
    };
    const map = parseTransportMap(
      JSON.stringify({
        peers: {
          '192.168.1.1:179': `${this.routerAddress}:${port}`,
          // The guide's other routers: nobody is there.
          '192.168.1.2:179': `127.${net}.1.2:${port}`,
          '192.168.2.1:179': `127.${net}.2.1:${port}`,
          '192.168.2.2:179': `127.${net}.2.2:${port}`,
        },
        nodes: this.#nodes,
      }),
    );
    if (!map.ok) throw new Error(map.error.join());
    this.#transportMap = map.value;
  }

  /** With CRDs, the guide's nodes and Secrets; and a router's port that nobody has. */
  static async create(options: Partial<Parameters<typeof startApiServer>[0]> = {}): Promise<ClusterWorld> {
    const net = 200 + (process.pid % 40) + (worlds++ % 10);
    const probe = createServer();
    const port = await new Promise<number>((done) => {
      probe.listen({ host: `127.${net}.1.1`, port: 0 }, () => {
        const address = probe.address();
        probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    const server = await startApiServer({ parts: PARTS, clock: systemClock, wallClock: Date.now, ...options });
    const folder = mkdtempSync(join(tmpdir(), 'metallb-cluster-'));
    writeFileSync(join(folder, 'kubeconfig'), server.kubeconfig(), { mode: 0o600 });
    const access = kubeconfigAccess(join(folder, 'kubeconfig'));
    if (!access.ok) throw new Error(access.error);
    const api = await RestClient.create({ access: access.value, clock: systemClock, userAgent: 'test' });
    const world = new ClusterWorld(server, api, folder, net, port);
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM } });
    for (const object of manifestsOf(join(ROOT, 'deploy/crds'))) await world.apply(object);
    await world.applyExample('cluster');
    return world;
  }

  /** Applies a chapter of the guide. */
  async applyExample(chapter: string): Promise<void> {
    for (const object of manifestsOf(join(EXAMPLES, chapter))) await this.apply(object);
  }

  async apply(object: KubeObject): Promise<void> {
    const type = typeOf(object.kind);
    const namespace = type.namespaced ? (object.metadata.namespace ?? 'default') : '';
    const { status, ...rest } = object;
    const key = { namespace, name: object.metadata.name };
    await this.api.patch(type, key, { type: 'apply', body: rest, fieldManager: 'test' }, signal());
    if (object.kind !== 'Node' || status === undefined) return;
    const body = { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: key.name }, status };
    await this.api.patch(type, key, { type: 'apply', body, fieldManager: 'test' }, signal(), 'status');
  }

  /** Applies a text of manifests. */
  async applyText(text: string): Promise<void> {
    for (const object of objectsOf(text)) await this.apply(object);
  }

  async merge(type: ResourceType, key: ObjectKey, body: unknown, subresource?: 'status'): Promise<void> {
    await this.api.patch(type, key, { type: 'merge', body }, signal(), subresource);
  }

  delete(type: ResourceType, key: ObjectKey): Promise<void> {
    return this.api.delete(type, key, signal());
  }

  /** Null: it is not there. */
  async get(type: ResourceType, namespace: string, name: string): Promise<KubeObject | null> {
    try {
      return await this.api.get(type, { namespace, name }, signal());
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return null;
      throw error;
    }
  }

  async list(type: ResourceType, namespace = ''): Promise<readonly KubeObject[]> {
    return [...(await this.api.list(type, { namespace }, {}, signal())).items];
  }

  startController(): void {
    this.controller = startController(
      { planOptions: DEFAULT_PLAN_OPTIONS, podName: '' },
      {
        api: this.api,
        clock: systemClock,
        wallClock: () => new Date(),
        random: Math.random,
        log: createLogger('debug', { write: (line: string) => void this.controllerLog.push(JSON.parse(line)) }),
      },
    );
  }

  startSpeaker(node: string, options: Partial<Parameters<typeof startClusterSpeaker>[0]> = {}): SpeakerHandle {
    const log: LogLine[] = [];
    const running = startClusterSpeaker(
      {
        node,
        planOptions: DEFAULT_PLAN_OPTIONS,
        podName: '',
        serviceStatuses: { perSecond: 10, limit: 20_000 },
        listenPort: 0,
        transportMap: this.#transportMap,
        ...options,
      },
      {
        api: this.api,
        clock: systemClock,
        wallClock: () => new Date(),
        random: Math.random,
        log: createLogger('debug', { write: (line: string) => void log.push(JSON.parse(line)) }),
      },
    );
    const handle = { running, log };
    this.speakers.set(node, handle);
    return handle;
  }

  /** Starts the guide's dc1-router-primary, with what is different about its neighbors. */
  startRouter(nodes: readonly string[], over: Partial<NeighborConfig> = {}): void {
    const guide: Readonly<Record<string, string>> = {
      node1: '192.168.1.10',
      node2: '192.168.1.11',
      node3: '192.168.1.12',
    };
    const config = {
      name: 'dc1-router-primary',
      asn: 64512,
      address: '192.168.1.1',
      listen: { address: this.routerAddress, port: this.port },
      neighbors: nodes.map((name) => ({
        name,
        address: guide[name] ?? '',
        source: this.#nodes[name] ?? '',
        asn: 64513,
        holdTimeSeconds: 90,
        keepaliveSeconds: 30,
        password: 'your-secure-password',
        ...over,
      })),
    };
    const child = fork(join(ROOT, 'src/demo/router-main.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#router = child;
    child.on('message', (message: FromRouter) => {
      if (message.type === 'changed') this.router = message;
    });
    child.send({ type: 'start', config } satisfies ToRouter);
  }

  /** Ends the router as a loss of power would. */
  async killRouter(): Promise<void> {
    const child = this.#router;
    this.#router = undefined;
    this.router = undefined;
    if (child === undefined) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }

  /** Prefix to the names of the nodes that are its next hops, as the router holds them now. */
  nextHops(): Record<string, readonly string[]> {
    return Object.fromEntries(
      (this.router?.table ?? []).map(({ prefix, best }) => [prefix, best.map(({ neighbor }) => neighbor)]),
    );
  }

  /** Prefix to communities. */
  routes(): Record<string, readonly string[]> {
    return Object.fromEntries(
      (this.router?.table ?? []).map(({ prefix, best }) => [prefix, best.flatMap(({ route }) => route.communities)]),
    );
  }

  neighbor(name: string) {
    return this.router?.neighbors.find((neighbor) => neighbor.name === name);
  }

  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (performance.now() > deadline)
        throw new Error(
          `waited in vain for ${what}; the speakers said:\n${[...this.speakers.values()]
            .flatMap(({ log }) => [...log.filter((line) => 'op' in line), ...log.slice(-10)])
            .map((line) => JSON.stringify(line))
            .join('\n')}`,
        );
      await this.pause(10);
    }
  }

  pause(ms: number): Promise<void> {
    return new Promise((done) => systemClock.after(ms, () => done()));
  }

  async end(): Promise<void> {
    await this.controller?.stop();
    await Promise.all([...this.speakers.values()].map(({ running }) => running.stop()));
    await this.killRouter();
    this.api.close();
    await this.server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const signal = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);
