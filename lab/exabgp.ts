/**
 * ExaBGP 4.2 in a namespace: it forwards nothing and keeps no table, but tells a program of ours of every message that it received.
 *
 * That program is a shell script which writes ExaBGP's JSON lines to a file, and hands what comes through a FIFO to ExaBGP as commands.
 * A configuration names it as the process `received`; its definition is put in front of the configuration here.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon } from './daemon.ts';
import type { NetworkNamespace } from './netns.ts';
import { run, until } from './run.ts';
import type { Sandbox } from './sandbox.ts';

export interface ExabgpOptions {
  readonly sandbox: Sandbox;
  readonly namespace: NetworkNamespace;
  /** The text of an exabgp.conf that sends what its neighbors receive to `processes [ received ]`. */
  readonly config: string;
}

/** The attributes of an UPDATE, as far as lab and tests read them. */
export interface ExabgpAttributes {
  readonly origin?: string;
  readonly 'as-path'?: readonly (number | readonly number[])[];
  readonly 'local-preference'?: number;
  readonly med?: number;
  readonly community?: readonly (readonly number[])[];
  readonly 'large-community'?: readonly (readonly number[])[];
}

interface Update {
  readonly attribute?: ExabgpAttributes;
  /** By family (`ipv4 unicast`), then next hop. */
  readonly announce?: Readonly<Record<string, Readonly<Record<string, readonly Nlri[]>>>>;
  readonly withdraw?: Readonly<Record<string, readonly Nlri[]>>;
}

interface Nlri {
  readonly nlri: string;
}

/** A line of the JSON API; the fields of `neighbor` depend on the type. */
export interface ExabgpEvent {
  readonly type: string;
  readonly header?: string;
  readonly body?: string;
  readonly neighbor?: {
    readonly direction?: 'send' | 'receive';
    readonly state?: string;
    readonly reason?: string;
    readonly message?: { readonly update?: Update; readonly eor?: { readonly afi: string; readonly safi: string } };
    readonly notification?: { readonly code: number; readonly subcode: number; readonly data: string };
    readonly [field: string]: unknown;
  };
}

/** A route that the neighbor has announced and not withdrawn. */
export interface ExabgpRoute {
  readonly nextHop: string;
  readonly attributes: ExabgpAttributes;
}

export class Exabgp {
  readonly namespace: NetworkNamespace;
  readonly daemon: Daemon;
  readonly #received: string;
  readonly #commands: string;

  private constructor(namespace: NetworkNamespace, daemon: Daemon, received: string, commands: string) {
    this.namespace = namespace;
    this.daemon = daemon;
    this.#received = received;
    this.#commands = commands;
  }

  static async start({ sandbox, namespace, config }: ExabgpOptions): Promise<Exabgp> {
    const directory = sandbox.subdirectory(`exabgp-${namespace.name}`);
    const [file, received, commands, program] = ['exabgp.conf', 'received.json', 'commands', 'received.sh'].map(
      (name) => join(directory, name),
    ) as [string, string, string, string];
    await run(['mkfifo', commands]);
    writeFileSync(received, '');
    // Opened for reading and writing, the FIFO has no end of file between two commands.
    writeFileSync(program, `#!/bin/sh\ncat <>${commands} &\nexec cat >>${received}\n`, { mode: 0o755 });
    writeFileSync(file, `process received {\n  run ${program};\n  encoder json;\n}\n\n${config}`);
    const daemon = new Daemon({
      namespace,
      name: 'exabgp',
      directory,
      argv: ['exabgp', file],
      // Without the command-line client no pipe in /run is needed; as root it stays, to listen on port 179.
      env: {
        'exabgp.api.cli': 'false',
        'exabgp.api.ack': 'false',
        'exabgp.daemon.drop': 'false',
        'exabgp.log.level': 'DEBUG',
      },
    });
    await until(`ExaBGP of ${namespace.name}`, () => daemon.stdout(), {
      timeoutMs: 15_000,
      done: (log) => log.includes('loaded new configuration successfully'),
    });
    return new Exabgp(namespace, daemon, received, commands);
  }

  /** Gives a command of the API, such as `announce route-refresh ipv4 unicast`; what it brings about has to be waited for. */
  command(text: string): void {
    appendFileSync(this.#commands, `${text}\n`);
  }

  /** Everything that it said through its API so far. */
  async events(): Promise<readonly ExabgpEvent[]> {
    const text = await readFile(this.#received, 'utf8');
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(printable(line)) as ExabgpEvent);
  }

  /** The neighbor's routes, by prefix, as its UPDATEs since the session came up leave them. */
  async routes(): Promise<ReadonlyMap<string, ExabgpRoute>> {
    const routes = new Map<string, ExabgpRoute>();
    for (const { type, neighbor } of await this.events()) {
      if (type === 'state' && neighbor?.state !== 'up') routes.clear();
      if (type !== 'update' || neighbor?.direction === 'send') continue;
      const { attribute = {}, announce = {}, withdraw = {} } = neighbor?.message?.update ?? {};
      for (const { nlri } of Object.values(withdraw).flat()) routes.delete(nlri);
      for (const [nextHop, prefixes] of Object.values(announce).flatMap((byNextHop) => Object.entries(byNextHop))) {
        for (const { nlri } of prefixes) routes.set(nlri, { nextHop, attributes: attribute });
      }
    }
    return routes;
  }
}

/** ExaBGP puts the octets of a message into a reason as they are, and quotes what is quoted already, neither of which is JSON. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ').replaceAll(/""([^"]*)""/g, '"$1"');
}
