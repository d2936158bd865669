/**
 * The network of a Pod: a namespace of its own, on a cable to its node.
 *
 * The node's end has the gateway's addresses, each for this one cable, and a route to the Pod; the Pod's end sends everything there. Two
 * Pods of one node reach each other through the node, whose kube-proxy sees both directions.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { record } from '../../ledger.ts';
import { link, NetworkNamespace, prepare } from '../../netns.ts';
import { tryRun } from '../../run.ts';
import type { ClusterNode } from '../layout.ts';

export interface PodNetwork {
  /** The file of the namespace. */
  readonly file: string;
  /** IPv4, then IPv6. */
  readonly addresses: readonly string[];
  remove(): Promise<void>;
}

export interface PodNetworksOptions {
  readonly node: ClusterNode;
  /** Of the node itself. */
  readonly namespace: string;
  /** Begins the names of the namespaces of this lab. */
  readonly prefix: string;
  /** Where the janitor reads what to remove. */
  readonly ledger: string;
}

/** Hosts of a /24 that Pods get, the gateway being the first. */
const FIRST_HOST = 2;
const LAST_HOST = 254;

const fileOf = (namespace: string): string => `/run/netns/${namespace}`;

export class PodNetworks {
  readonly #options: PodNetworksOptions;
  readonly #node: NetworkNamespace;
  readonly #used = new Set<number>();
  #next = FIRST_HOST;
  #made = 0;

  constructor(options: PodNetworksOptions) {
    this.#options = options;
    this.#node = namespaceOf(options.namespace);
  }

  /** That of a Pod with `hostNetwork`. */
  get hosts(): PodNetwork {
    const { namespace, node } = this.#options;
    return { file: fileOf(namespace), addresses: node.addresses, remove: async () => {} };
  }

  async make(): Promise<PodNetwork> {
    const { node, prefix, ledger } = this.#options;
    const host = this.#takeHost();
    this.#made += 1;
    const name = `${prefix}-${node.name}-pod${this.#made}`;
    record(ledger, { name });
    const { status, stderr } = await tryRun(['ip', 'netns', 'add', name]);
    if (status !== 0) throw new Error(`network namespace ${name}: ${stderr}`);
    const pod = namespaceOf(name);
    const device = `pod${this.#made}`;
    const addresses = [
      node.podNetworks[0].replace(/0\/24$/, String(host)),
      node.podNetworks[1].replace(/\/64$/, host.toString(16)),
    ];
    await prepare(pod);
    const [gateway4, gateway6] = node.podGateways;
    await link(
      { namespace: this.#node, device, addresses: [`${gateway4}/32`, `${gateway6}/128`] },
      { namespace: pod, device: 'eth0', addresses: [`${addresses[0]}/32`, `${addresses[1]}/128`] },
    );
    await this.#node.ip(`route add ${addresses[0]} dev ${device}`, `route add ${addresses[1]} dev ${device}`);
    await pod.ip(
      `route add ${gateway4} dev eth0`,
      `route add default via ${gateway4}`,
      `route add ${gateway6} dev eth0`,
      `route add default via ${gateway6}`,
    );
    return { file: fileOf(name), addresses, remove: () => this.#remove(name, host) };
  }

  async #remove(name: string, host: number): Promise<void> {
    this.#used.delete(host);
    const { status, stderr } = await tryRun(['ip', 'netns', 'delete', name]);
    if (status !== 0) process.stderr.write(`network namespace ${name} is left behind: ${stderr}`);
    // The cable goes with the namespace, a moment later.
    await sleep(0);
  }

  /** Addresses are used again as late as may be: who still has an old answer shall not meet another Pod. */
  #takeHost(): number {
    for (let tried = FIRST_HOST; tried <= LAST_HOST; tried += 1) {
      const host = this.#next;
      this.#next = host === LAST_HOST ? FIRST_HOST : host + 1;
      if (this.#used.has(host)) continue;
      this.#used.add(host);
      return host;
    }
    throw new Error('no address is left for a Pod');
  }
}

/** Entered without `ip netns exec`, which would give it a mount namespace of its own. */
const namespaceOf = (name: string): NetworkNamespace =>
  new NetworkNamespace(name, name, ['nsenter', `--net=${fileOf(name)}`, '--']);
