/**
 * Network namespaces and what is plugged into them.
 *
 * A namespace is entered by a command line put before the command, so the same code serves both kinds: named namespaces
 * (`ip netns`, needs root), and anonymous ones inside a user namespace (`unshare -Urn`, needs no root), which a holder process
 * keeps alive.
 */
import { type Finished, type RunOptions, run, tryRun } from './run.ts';

export class NetworkNamespace {
  readonly name: string;
  /** How `ip link … netns` names it: by name, or by the id of a process in it. */
  readonly reference: string;
  readonly #enter: readonly string[];

  constructor(name: string, reference: string, enter: readonly string[]) {
    this.name = name;
    this.reference = reference;
    this.#enter = enter;
  }

  /** The command line that runs this one inside; the process keeps its id through it. */
  command(argv: readonly string[]): readonly string[] {
    return [...this.#enter, ...argv];
  }

  /** @throws {CommandError} when the status is not 0. */
  run(argv: readonly string[], options?: RunOptions): Promise<string> {
    return run(this.command(argv), options);
  }

  tryRun(argv: readonly string[], options?: RunOptions): Promise<Finished> {
    return tryRun(this.command(argv), options);
  }

  /** `ip` commands in one go. @throws {CommandError} at the first that fails. */
  async ip(...lines: readonly string[]): Promise<void> {
    await this.run(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  /** Kernel settings of this namespace, as paths below /proc/sys/net; one that this kernel has not is left out. */
  async sysctl(settings: Readonly<Record<string, string | number>>): Promise<void> {
    const pairs = Object.entries(settings).flatMap(([path, value]) => [`/proc/sys/net/${path}`, String(value)]);
    const script = 'while [ $# -gt 0 ]; do if [ -e "$1" ]; then echo "$2" > "$1" || exit 1; fi; shift 2; done';
    await this.run(['sh', '-c', script, 'sh', ...pairs]);
  }
}

/** What every namespace of a lab starts with: loopback up, no reverse path filter, IPv6 addresses usable at once. */
export async function prepare(namespace: NetworkNamespace): Promise<void> {
  await namespace.ip('link set lo up');
  const settings: Record<string, number> = {
    // Frames between bridge ports are not the host firewall's business.
    'bridge/bridge-nf-call-iptables': 0,
    'bridge/bridge-nf-call-ip6tables': 0,
  };
  for (const scope of ['all', 'default']) {
    settings[`ipv4/conf/${scope}/rp_filter`] = 0;
    settings[`ipv4/conf/${scope}/send_redirects`] = 0;
    settings[`ipv6/conf/${scope}/accept_dad`] = 0;
    settings[`ipv6/conf/${scope}/dad_transmits`] = 0;
  }
  await namespace.sysctl(settings);
}

/**
 * Makes the namespace choose among equal next hops by the connection's five-tuple.
 *
 * Policy 3 with an explicit field list (source, destination, protocol, ports), not policy 1: the latter uses the hash that the
 * sender's socket left on the packet, which differs between connections of equal five-tuple and, across veth, need not stay the
 * same at every hop.
 */
export async function hashConnections(namespace: NetworkNamespace): Promise<void> {
  const fields = 0x37;
  await namespace.sysctl({
    'ipv4/fib_multipath_hash_policy': 3,
    'ipv4/fib_multipath_hash_fields': fields,
    'ipv6/fib_multipath_hash_policy': 3,
    'ipv6/fib_multipath_hash_fields': fields,
  });
}

/** Lets the namespace forward packets. */
export async function forward(namespace: NetworkNamespace): Promise<void> {
  await namespace.sysctl({ 'ipv4/ip_forward': 1, 'ipv6/conf/all/forwarding': 1 });
}

export interface LinkEnd {
  readonly namespace: NetworkNamespace;
  readonly device: string;
  /** Addresses with their lengths, `192.0.2.1/24`. */
  readonly addresses?: readonly string[];
  /** A bridge of that namespace which the end becomes a port of. */
  readonly bridge?: string;
}

/** Joins two namespaces by a cable. */
export async function link(a: LinkEnd, b: LinkEnd): Promise<void> {
  // Made from inside `a`, so that it never shows up anywhere else.
  await a.namespace.ip(`link add ${a.device} type veth peer name ${b.device} netns ${b.namespace.reference}`);
  for (const { namespace, device, addresses = [], bridge } of [a, b]) {
    await namespace.ip(
      ...addresses.map((address) => `addr add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`),
      ...(bridge === undefined ? [] : [`link set ${device} master ${bridge}`]),
      `link set ${device} up`,
    );
  }
}

/** The next hops that the kernel of this namespace forwards packets for exactly this prefix to, sorted. */
export async function kernelNextHops(namespace: NetworkNamespace, prefix: string): Promise<readonly string[]> {
  interface Route {
    readonly gateway?: string;
    readonly nexthops?: readonly { readonly gateway?: string }[];
  }
  const family = prefix.includes(':') ? '-6' : '-4';
  const text = await namespace.run(['ip', '-json', family, 'route', 'show', 'exact', prefix]);
  const routes = JSON.parse(text === '' ? '[]' : text) as readonly Route[];
  return routes
    .flatMap(({ gateway, nexthops }) => nexthops?.map((hop) => hop.gateway) ?? [gateway])
    .filter((gateway) => gateway !== undefined)
    .sort();
}

/** A counter of the kernel's TCP in this namespace, such as `TCPMD5Failure` or `OutRsts`; 0 where the kernel does not know it. */
export async function tcpCounter(namespace: NetworkNamespace, name: string): Promise<number> {
  const lines = (await namespace.run(['cat', '/proc/net/snmp', '/proc/net/netstat'])).split('\n');
  for (const group of ['Tcp:', 'TcpExt:']) {
    // Two lines each: the names, then the values.
    const [names, values] = lines.map((line) => line.split(' ')).filter(([label]) => label === group);
    const at = names?.indexOf(name) ?? -1;
    if (at > 0) return Number(values?.[at] ?? 0);
  }
  return 0;
}
