/**
 * The lab's cluster with the product on it and the guide's multi-router configuration, where faults are brought about.
 *
 * What each process of the product says meanwhile is taken together: names of its log, metrics that change, Kubernetes events.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { deployProduct } from '../../../lab/cluster/deploy.ts';
import { CLUSTER_NODES } from '../../../lab/cluster/layout.ts';
import { until } from '../../../lab/run.ts';
import { type Harness, startHarness } from '../harness.ts';

export const OWN = 'metallb-system';
export const NEXT_HOPS: readonly string[] = CLUSTER_NODES.map(({ addresses: [ipv4] }) => ipv4);
/** The Service of the guide. */
export const ROUTE = '10.100.0.1/32';
export const TOKEN_SECONDS = 20;

const METRICS_PORT = 7472;
const READY_MS = 120_000;

export type Component = 'controller' | 'speaker';

interface PodObject {
  readonly metadata: { readonly name: string; readonly labels: { readonly component: Component } };
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly podIP?: string };
}

interface EventObject {
  readonly metadata: { readonly uid: string };
  readonly source?: { readonly component?: string };
  readonly involvedObject: { readonly kind: string };
  readonly reason: string;
  readonly count?: number;
}

export class FaultStage implements AsyncDisposable {
  readonly harness: Harness;
  #services = 0;

  private constructor(harness: Harness) {
    this.harness = harness;
  }

  static async open(): Promise<FaultStage> {
    const harness = await startHarness({ tokenSeconds: TOKEN_SECONDS });
    const stage = new FaultStage(harness);
    try {
      await deployProduct(harness.cluster);
      for (const chapter of ['multi-router', 'cluster/secrets.yaml', 'test-service'])
        await harness.kubectl('apply', '-f', `examples/guide/${chapter}`);
      await stage.untilRoutes(ROUTE);
      await harness.kubectl('rollout', 'status', 'deployment/nginx-test', '--timeout=60s');
      return stage;
    } catch (error) {
      await harness[Symbol.asyncDispose]();
      throw error;
    }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.harness[Symbol.asyncDispose]();
  }

  /** Each router forwards this prefix to every node. */
  async untilRoutes(prefix: string, nextHops: readonly string[] = NEXT_HOPS): Promise<void> {
    for (const router of this.harness.cluster.routers)
      await until(`${prefix} on ${router.name}`, () => router.nextHops(prefix), {
        timeoutMs: READY_MS,
        done: (hops) => hops.join() === nextHops.join(),
      });
  }

  /** No router has the prefix any more. */
  untilNoRoute(prefix: string): Promise<void> {
    return this.untilRoutes(prefix, []);
  }

  /** What the guide's Service answers to a client beyond the routers. */
  async curl(): Promise<string> {
    const argv = ['curl', '-sS', '-m', '3', 'http://10.100.0.1'];
    const { stdout, stderr } = await this.harness.cluster.client.tryRun(argv);
    return stdout + stderr;
  }

  /** One more Service of the guide's kind; its name. The API may still be on its way up. */
  async createService(): Promise<string> {
    this.#services += 1;
    const name = `more-${this.#services}`;
    const args = ['create', 'service', 'loadbalancer', name, '--tcp=80:80'];
    await until(`kubectl create ${name}`, async () => (await this.harness.cluster.kubectl(args)).stderr, {
      timeoutMs: 60_000,
      everyMs: 500,
      done: (stderr) => stderr === '' || stderr.includes('already exists'),
    });
    await this.harness.kubectl('set', 'selector', `service/${name}`, 'app=nginx-test');
    return name;
  }

  /** The Service has an endpoint on each node. */
  async untilEndpoints(name: string): Promise<void> {
    const selector = `kubernetes.io/service-name=${name}`;
    const path = 'jsonpath={.items[*].endpoints[*].nodeName}';
    await this.harness.until(
      ['get', 'endpointslices', '-l', selector, '-o', path],
      (text) => text.split(' ').sort().join() === CLUSTER_NODES.map((node) => node.name).join(),
      READY_MS,
    );
  }

  /** The address that a Service has, as soon as it has one. */
  addressOf(name: string): Promise<string> {
    const path = 'jsonpath={.status.loadBalancer.ingress[0].ip}';
    return this.harness.until(['get', 'service', name, '-o', path], (text) => text !== '', READY_MS);
  }

  /** One more Service gets an address, and each router has it; the prefix. */
  async announceOneMore(): Promise<string> {
    const prefix = `${await this.addressOf(await this.createService())}/32`;
    await this.untilRoutes(prefix);
    return prefix;
  }

  async removeService(name: string): Promise<void> {
    await this.harness.kubectl('delete', 'service', name);
  }

  async pods(component: Component, node?: string): Promise<readonly PodObject[]> {
    const selector = `component=${component}`;
    const fields = node === undefined ? [] : [`--field-selector=spec.nodeName=${node}`];
    const text = await this.harness.kubectl('get', 'pods', '-n', OWN, '-l', selector, ...fields, '-o', 'json');
    return (JSON.parse(text) as { readonly items: readonly PodObject[] }).items;
  }

  /** The processes of a component, as the machine counts, by what each of them was started with. */
  processes(component: Component, node?: string): readonly number[] {
    const named = (pid: string): boolean => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        // Another cluster may be on this machine: a container's root lies in the directory of its own one.
        return (
          words.includes(component) &&
          words.includes(`--metrics-port=${METRICS_PORT}`) &&
          readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(this.harness.sandbox.directory) &&
          (node === undefined || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`METALLB_NODE_NAME=${node}\0`))
        );
      } catch {
        // It has ended.
        return false;
      }
    };
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && named(name))
      .map(Number);
  }

  signal(component: Component, signal: NodeJS.Signals, node?: string): void {
    const pids = this.processes(component, node);
    if (pids.length === 0) throw new Error(`no process of a ${component}`);
    for (const pid of pids) process.kill(pid, signal);
  }

  /** Every name of an event or operation that the component's Pods have logged since then, with those of runs that ended. */
  async loggedSince(component: Component, since: Date): Promise<ReadonlySet<string>> {
    const names = new Set<string>();
    for (const { metadata } of await this.pods(component))
      for (const previous of [[], ['--previous']]) {
        const args = ['logs', '-n', OWN, metadata.name, `--since-time=${since.toISOString()}`, ...previous];
        // There is no previous run of most.
        for (const line of (await this.harness.cluster.kubectl(args)).stdout.split('\n')) {
          if (!line.startsWith('{')) continue;
          const { event, op } = JSON.parse(line) as { readonly event?: string; readonly op?: string };
          names.add(event ?? op ?? '');
        }
      }
    return names;
  }

  /** By metric of the component all its lines, from all its Pods. A Pod that cannot be asked has none. */
  async metrics(component: Component, pods: readonly PodObject[]): Promise<ReadonlyMap<string, string>> {
    const from = this.harness.cluster.namespace('node1');
    const texts = await Promise.all(
      pods
        .filter(({ metadata }) => metadata.labels.component === component)
        .map(async ({ status: { podIP } }) => {
          const url = `http://${podIP}:${METRICS_PORT}/metrics`;
          return (await from.tryRun(['curl', '-sS', '-m', '5', url])).stdout;
        }),
    );
    const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '' && !line.startsWith('#'));
    const grouped = Map.groupBy(lines, (line) => /^[a-z0-9_]+/.exec(line)?.[0] ?? '');
    return new Map([...grouped].map(([name, values]) => [name, values.join('\n')]));
  }

  /** All Kubernetes events of ours: each time that one was told, with its reason behind the kind that it is about. */
  async events(): Promise<ReadonlyMap<string, string>> {
    const text = await this.harness.kubectl('get', 'events', '-A', '-o', 'json');
    const { items } = JSON.parse(text) as { readonly items: readonly EventObject[] };
    return new Map(
      items
        .filter(({ source }) => source?.component?.startsWith('metallb-'))
        .map(({ metadata, count, involvedObject, reason }) => [
          `${metadata.uid} ${count}`,
          `${involvedObject.kind} ${reason}`,
        ]),
    );
  }
}

/** A label that nobody has. */
export const randomName = (prefix: string): string => `${prefix}-${randomBytes(3).toString('hex')}`;
