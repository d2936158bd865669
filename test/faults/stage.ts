/**
 * The place where faults are brought about: the embedded API server with our CRDs on a real socket, in virtual time.
 *
 * Server and client are in one process, so what is on its way is over as soon as the event loop has turned a few times and nothing more happens;
 * then the clock moves. So an hour takes a second, deadlines fall due when they should, and each run is the same.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Fault } from '../../src/apiserver/http/faults.ts';
import { PARTS } from '../../src/apiserver/parts.ts';
import { type RunningApiServer, startApiServer } from '../../src/apiserver/start.ts';
import type { ApiObject, Json } from '../../src/apiserver/types.ts';
import { LocalApi } from '../../src/demo/local-api.ts';
import { createLogger, type Logger } from '../../src/io/logger.ts';
import { EVENT, IP_ADDRESS_POOL, NAMESPACE, SERVICE } from '../../src/kube/resource-types.ts';
import { RestClient } from '../../src/kube/rest.ts';
import type { KubeApi, ResourceType } from '../../src/kube/types.ts';
import { Secret } from '../../src/secret.ts';
import type { Clock } from '../../src/time/clock.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';

export const OWN = 'metallb-system';

const START = Date.UTC(2026, 5, 1);
const CRDS = join(import.meta.dirname, '../../deploy/crds');
const CRD: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
/** So many turns of the event loop in which nothing happened: nothing is on its way. */
const QUIET_TURNS = 16;
const MAX_TURNS = 20_000;

/** What is asked of the server, as far as a fault may depend on it. */
export interface Asked {
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
  /** The first word of the User-Agent. */
  readonly client: string;
}

/** What a subject wrote to the API. */
export interface WriteCount {
  readonly client: string;
  readonly resource: string;
  readonly verb: string;
  readonly count: number;
  readonly changed: number;
}

const WRITES = ['create', 'update', 'patch', 'apply', 'delete', 'deletecollection'];

export class FaultStage {
  readonly server: RunningApiServer;
  /** A user: what goes wrong with requests goes not wrong with these. */
  readonly user: LocalApi;
  /** What was logged, as JSON. */
  readonly lines: Json[] = [];
  readonly #clients: RestClient[] = [];
  #fault: ((asked: Asked) => Fault | null) | null = null;
  #requests = 0;
  readonly #requestsOf = new Map<string, number>();
  #underWay = 0;
  #random = 1;
  #jumpedMs = 0;

  readonly #clock: Clock;

  private constructor(server: RunningApiServer, clock: Clock) {
    this.server = server;
    this.#clock = clock;
    this.user = new LocalApi(server.api, 'user');
    server.setFaults(({ verb, resource, subresource }, userAgent) => {
      const client = userAgent.split('/')[0] ?? '';
      this.#requests++;
      this.#requestsOf.set(client, this.requestsOf(client) + 1);
      return this.#fault?.({ verb, resource, subresource, client }) ?? null;
    });
    for (const file of readdirSync(CRDS).filter((name) => name.startsWith('metallb.io_')))
      for (const document of parseAllDocuments(readFileSync(join(CRDS, file), 'utf8')))
        this.user.create(CRD, document.toJS() as ApiObject);
    this.namespace(OWN);
  }

  /** @param clock - in real time nobody can {@link run} it, nor {@link settle}. */
  static async open(clock: Clock = new VirtualClock()): Promise<FaultStage> {
    let uids = 0;
    const server = await startApiServer({
      parts: PARTS,
      clock,
      wallClock: () => START + clock.now(),
      uid: () => `00000000-0000-4000-8000-${String(++uids).padStart(12, '0')}`,
      random: () => 0.5,
      tls: false,
    });
    return new FaultStage(server, clock);
  }

  /** The clock of whoever is on the stage. */
  get clock(): VirtualClock {
    if (!(this.#clock instanceof VirtualClock)) throw new Error('this stage is in real time');
    return this.#clock;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.server.close();
  }

  /** The API over its socket, as a process of ours has it. */
  async connect(name: string, clock: Clock = this.clock): Promise<KubeApi> {
    const access = {
      server: this.server.url,
      ca: () => null,
      token: () => new Secret(this.server.token),
      clientCertificate: null,
      insecureSkipTlsVerify: false,
      tlsServerName: null,
      namespace: OWN,
    };
    const client = await RestClient.create({ access, clock, userAgent: `${name}/test` });
    this.#clients.push(client);
    const counted =
      <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        this.#underWay++;
        try {
          return await call(...args);
        } finally {
          this.#underWay--;
        }
      };
    return {
      list: counted(client.list.bind(client)),
      watch: client.watch.bind(client),
      get: counted(client.get.bind(client)),
      create: counted(client.create.bind(client)),
      replace: counted(client.replace.bind(client)),
      patch: counted(client.patch.bind(client)),
      delete: counted(client.delete.bind(client)),
    };
  }

  /** The log of a process: everything from info on. */
  log(client: string): Logger {
    const write = (line: string): void => void this.lines.push({ ...(JSON.parse(line) as Json), client });
    return createLogger('info', { write });
  }

  /** The event or operation of each line that a process has logged. */
  loggedBy(client: string): readonly string[] {
    return this.lines.filter((line) => line.client === client).map(({ event, op }) => String(event ?? op));
  }

  readonly wallClock = (): Date => new Date(START + this.#clock.now() + this.#jumpedMs);

  /** Sets the wall clock of our processes, as somebody sets a machine's. */
  wallClockJumps(ms: number): void {
    this.#jumpedMs += ms;
  }

  /** Deterministic, and different for each draw. */
  readonly random = (): number => {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  };

  /** What goes wrong with each request of our processes from now on; null: nothing. */
  setFault(fault: ((asked: Asked) => Fault | null) | null): void {
    this.#fault = fault;
  }

  /** Lets time pass. */
  async run(ms: number, stepMs = 250): Promise<void> {
    await this.settle();
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await this.settle();
    }
  }

  /** Between slices of work of our processes: a turn of the event loop, which {@link settle} sees, where a millisecond of the machine's would pass it by. */
  readonly breathe = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

  /** Lets everything run that waits for nothing but its turn, and for what is on its way. */
  async settle(): Promise<void> {
    let quiet = 0;
    let before = '';
    for (let turn = 0; quiet < QUIET_TURNS; turn++) {
      // A call that the server does not answer is on its way for good.
      if (turn > MAX_TURNS) throw new Error('the stage does not come to rest: something runs in a circle');
      await new Promise((resolve) => setImmediate(resolve));
      const { resourceVersion } = this.server.stats();
      const now = `${this.#requests} ${this.#underWay} ${this.lines.length} ${resourceVersion}`;
      // Whoever works in slices has asked for its next turn.
      const isAtWork = process.getActiveResourcesInfo().includes('Immediate');
      quiet = now === before && !isAtWork ? quiet + 1 : 0;
      before = now;
    }
  }

  /** Of our processes, since they were counted last. */
  takeWrites(): readonly WriteCount[] {
    const writes = this.server
      .stats()
      .requests.filter(({ verb, userAgent }) => userAgent !== '' && WRITES.includes(verb))
      .filter(({ code }) => code < 300)
      .map(({ userAgent: client, resource, verb, count, changed }) => ({ client, resource, verb, count, changed }));
    this.server.resetStats();
    return writes;
  }

  /** How many a process has made. */
  requestsOf(client: string): number {
    return this.#requestsOf.get(client) ?? 0;
  }

  namespace(name: string): void {
    this.user.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  pool(name: string, ...addresses: readonly string[]): void {
    const metadata = { name, namespace: OWN };
    this.user.create(IP_ADDRESS_POOL, {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata,
      spec: { addresses },
    });
  }

  service(name: string, metadata: Json = {}, spec: Json = {}): void {
    this.user.create(SERVICE, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'default', ...metadata, name },
      spec: { type: 'LoadBalancer', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
    });
  }

  removeService(name: string, namespace = 'default'): void {
    this.user.remove(SERVICE, { namespace, name });
  }

  /** The addresses of all LoadBalancer Services, by `NAMESPACE/NAME`; empty where one has none. */
  addresses(): ReadonlyMap<string, string> {
    return new Map(
      this.user
        .list(SERVICE)
        .filter(({ spec }) => (spec as Json).type === 'LoadBalancer')
        .map((service) => [`${service.metadata.namespace}/${service.metadata.name}`, ingressOf(service).join(' ')]),
    );
  }

  /** All Kubernetes events of a component: each time that one was told, with its reason behind the kind that it is about. */
  events(component: string): ReadonlyMap<string, string> {
    return new Map(
      this.user
        .list(EVENT)
        .filter(({ source }) => (source as Json).component === component)
        .map(({ metadata, count, reason, involvedObject }) => [
          `${metadata.uid} ${count}`,
          `${(involvedObject as Json).kind} ${reason}`,
        ]),
    );
  }
}

export function ingressOf(service: ApiObject): readonly string[] {
  const { loadBalancer } = (service.status ?? {}) as {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] };
  };
  return loadBalancer?.ingress?.map(({ ip }) => ip) ?? [];
}
