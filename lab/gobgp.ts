/** GoBGP in a namespace: a route collector that forwards nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from './daemon.ts';
import type { NetworkNamespace } from './netns.ts';
import { until } from './run.ts';
import type { Sandbox } from './sandbox.ts';

export interface GobgpOptions {
  readonly sandbox: Sandbox;
  readonly namespace: NetworkNamespace;
  /** The text of a gobgpd.toml. */
  readonly config: string;
}

/** A path as `gobgp global rib -j` prints it; attributes by their IANA type code. */
export interface GobgpPath {
  readonly nlri: { readonly prefix: string };
  readonly attrs: readonly { readonly type: number; readonly [field: string]: unknown }[];
}

export class Gobgp {
  readonly namespace: NetworkNamespace;

  readonly #daemon: Daemon;

  private constructor(namespace: NetworkNamespace, daemon: Daemon) {
    this.namespace = namespace;
    this.#daemon = daemon;
  }

  static async start({ sandbox, namespace, config }: GobgpOptions): Promise<Gobgp> {
    const directory = sandbox.subdirectory(`gobgp-${namespace.name}`);
    const file = join(directory, 'gobgpd.toml');
    writeFileSync(file, config);
    const argv = ['gobgpd', '-f', file, '--api-hosts', '127.0.0.1:50051', '--pprof-disable', '-l', 'debug'];
    const daemon = new Daemon({ namespace, name: 'gobgpd', directory, argv });
    const gobgp = new Gobgp(namespace, daemon);
    await until(`GoBGP of ${namespace.name}`, () => gobgp.gobgp('global'), { timeoutMs: 10_000, done: () => true });
    return gobgp;
  }

  /** What it said so far, as lines of JSON. */
  log(): Promise<string> {
    return this.#daemon.stdout();
  }

  /** Asks one thing of the command-line client. */
  gobgp(...args: readonly string[]): Promise<string> {
    return this.namespace.run(['gobgp', ...args]);
  }

  /** The paths of a family (`ipv4`, `ipv6`) in its RIB, by prefix. */
  async rib(family: 'ipv4' | 'ipv6'): Promise<ReadonlyMap<string, readonly GobgpPath[]>> {
    const text = await this.gobgp('global', 'rib', '-a', family, '-j');
    const table = JSON.parse(text) as Readonly<Record<string, readonly GobgpPath[]>>;
    return new Map(Object.entries(table));
  }
}
