/**
 * FRR (zebra and bgpd, and bfdd where the configuration has BFD) in a namespace.
 *
 * The configuration is applied as FRR's own start script applies /etc/frr/frr.conf: by vtysh, to daemons that started without one.
 * A daemon given such a file with `-f` would read the parts of all the others as well and complain.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from './daemon.ts';
import type { NetworkNamespace } from './netns.ts';
import type { BfdRouter, BfdSession, RouterSession } from './router.ts';
import { run, until } from './run.ts';
import type { Sandbox } from './sandbox.ts';

const DAEMONS = '/usr/lib/frr';

export interface FrrOptions {
  readonly sandbox: Sandbox;
  readonly namespace: NetworkNamespace;
  readonly address: string;
  /** The text of an frr.conf. */
  readonly config: string;
}

interface ZebraNextHop {
  readonly ip?: string;
  readonly active?: boolean;
  /** Stands for another next hop of the list, which needs it to be reached. */
  readonly resolver?: boolean;
}

export class Frr implements BfdRouter {
  readonly name: string;
  readonly address: string;
  readonly namespace: NetworkNamespace;
  readonly software: string;
  /** What vtysh said when it applied the configuration; empty when nothing. */
  readonly remarks: string;
  readonly #directory: string;
  readonly #daemons: readonly string[];
  readonly #bgpd: Daemon;

  private constructor(
    { namespace, address }: FrrOptions,
    daemons: readonly string[],
    bgpd: Daemon,
    directory: string,
    software: string,
    remarks: string,
  ) {
    this.name = namespace.name;
    this.namespace = namespace;
    this.address = address;
    this.software = software;
    this.remarks = remarks;
    this.#directory = directory;
    this.#daemons = daemons;
    this.#bgpd = bgpd;
  }

  static async start(options: FrrOptions): Promise<Frr> {
    const { sandbox, namespace, config } = options;
    const directory = sandbox.subdirectory(`frr-${namespace.name}`);
    const file = join(directory, 'frr.conf');
    writeFileSync(file, config);
    await run(['chown', '-R', 'frr:frr', directory]);
    const zebraSocket = join(directory, 'zserv.api');
    const start = (daemon: string, ...further: readonly string[]): Daemon =>
      new Daemon({
        namespace,
        name: daemon,
        directory,
        argv: [
          `${DAEMONS}/${daemon}`,
          ...['-u', 'frr', '-g', 'frr', '-i', join(directory, `${daemon}.pid`), '--vty_socket', directory],
          // No telnet port; the socket in the directory is enough.
          ...['-P', '0', '-z', zebraSocket, '--log', 'stdout'],
          ...further,
        ],
      });
    start('zebra');
    // Whoever does not find it tries again after 10 s.
    await until(`zebra of ${namespace.name}`, async () => existsSync(zebraSocket), {
      timeoutMs: 10_000,
      everyMs: 20,
      done: (is) => is,
    });
    const bgpd = start('bgpd');
    const withBfd = /^bfd$/m.test(config);
    // Its control socket is in the file system, which namespaces share.
    if (withBfd) start('bfdd', '--bfdctl', join(directory, 'bfdd.sock'));
    const daemons = ['zebra', 'bgpd', ...(withBfd ? ['bfdd'] : [])];
    const version = await until(`FRR of ${namespace.name}`, () => vtysh(directory, 'show version'), {
      timeoutMs: 10_000,
      done: (text) => text.includes('FRRouting'),
    });
    // All daemons must be there before the configuration is handed out, else one misses its part without a word.
    await until(`daemons of ${namespace.name}`, () => vtysh(directory, 'show daemons'), {
      timeoutMs: 10_000,
      done: (text) => daemons.every((daemon) => text.includes(daemon)),
    });
    // bgpd asks bfdd for a session once, by way of zebra, which has nobody to pass it on to before bfdd is its client.
    if (withBfd)
      await until(`zebra's clients of ${namespace.name}`, () => vtysh(directory, 'show zebra client summary'), {
        timeoutMs: 30_000,
        done: (text) => /^bgp\b/m.test(text) && /^bfd\b/m.test(text),
      });
    const remarks = await run(['vtysh', '--vty_socket', directory, '-f', file]);
    const software = /^FRRouting (\S+)/m.exec(version)?.[1] ?? 'of unknown version';
    return new Frr(options, daemons, bgpd, directory, `FRR ${software}`, remarks.trim());
  }

  /** Asks one thing of vtysh, in its own words. */
  vtysh(command: string): Promise<string> {
    return vtysh(this.#directory, command);
  }

  /** Enters configuration mode and gives these commands. */
  async configure(...commands: readonly string[]): Promise<void> {
    const lines = ['configure terminal', ...commands].flatMap((command) => ['-c', command]);
    await run(['vtysh', '--vty_socket', this.#directory, ...lines]);
  }

  /** Gives its daemons real-time priority (SCHED_RR, 1): a router has its processor for itself, and here all share what there is. */
  async prioritise(): Promise<void> {
    for (const daemon of this.#daemons) {
      const pid = readFileSync(join(this.#directory, `${daemon}.pid`), 'utf8').trim();
      await run(['chrt', '--all-tasks', '--rr', '--pid', '1', pid]);
    }
  }

  /** What bgpd said so far. */
  log(): Promise<string> {
    return this.#bgpd.stdout();
  }

  async json<T>(command: string): Promise<T> {
    return JSON.parse(await this.vtysh(`${command} json`)) as T;
  }

  async sessions(): Promise<readonly RouterSession[]> {
    interface Summary {
      readonly peers?: Readonly<Record<string, { readonly state: string }>>;
    }
    const families = await this.json<Readonly<Record<string, Summary>>>('show bgp summary');
    return Object.values(families).flatMap(({ peers = {} }) =>
      Object.entries(peers).map(([neighbor, { state }]) => ({ neighbor, state })),
    );
  }

  sessionsText(): Promise<string> {
    return this.vtysh('show bgp summary');
  }

  async nextHops(prefix: string): Promise<readonly string[]> {
    interface Route {
      readonly protocol: string;
      readonly selected?: boolean;
      readonly nexthops?: readonly ZebraNextHop[];
    }
    const show = prefix.includes(':') ? 'show ipv6 route' : 'show ip route';
    const routes = await this.json<Readonly<Record<string, readonly Route[]>>>(`${show} ${prefix}`);
    return Object.values(routes)
      .flat()
      .filter(({ protocol, selected }) => protocol === 'bgp' && selected === true)
      .flatMap(({ nexthops = [] }) => nexthops)
      .filter(({ active, resolver }) => active === true && resolver !== true)
      .map(({ ip }) => ip ?? '')
      .sort();
  }

  async bfdSessions(): Promise<readonly BfdSession[]> {
    const peers = await this.json<readonly { readonly peer: string; readonly status: string }[]>('show bfd peers');
    return peers.map(({ peer, status }) => ({ neighbor: peer, isUp: status === 'up' }));
  }

  pathsText(prefix: string): Promise<string> {
    return this.vtysh(`show bgp ${prefix.includes(':') ? 'ipv6' : 'ipv4'} unicast ${prefix}`);
  }
}

function vtysh(directory: string, command: string): Promise<string> {
  return run(['vtysh', '--vty_socket', directory, '-c', command]);
}
