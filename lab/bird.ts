/** BIRD 2 in a namespace. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from './daemon.ts';
import { kernelNextHops, type NetworkNamespace } from './netns.ts';
import type { BfdRouter, BfdSession, RouterSession } from './router.ts';
import { run, until } from './run.ts';
import type { Sandbox } from './sandbox.ts';

export interface BirdOptions {
  readonly sandbox: Sandbox;
  readonly namespace: NetworkNamespace;
  readonly address: string;
  /** The text of a bird.conf. */
  readonly config: string;
}

export class Bird implements BfdRouter {
  readonly name: string;
  readonly address: string;
  readonly namespace: NetworkNamespace;
  readonly software: string;
  readonly #socket: string;
  readonly #daemon: Daemon;

  private constructor({ namespace, address }: BirdOptions, daemon: Daemon, socket: string, software: string) {
    this.name = namespace.name;
    this.namespace = namespace;
    this.address = address;
    this.software = software;
    this.#daemon = daemon;
    this.#socket = socket;
  }

  /** @throws {WaitError} when BIRD does not come up; what it said of its configuration is in the message. */
  static async start(options: BirdOptions): Promise<Bird> {
    const { sandbox, namespace, config } = options;
    const directory = sandbox.subdirectory(`bird-${namespace.name}`);
    const file = join(directory, 'bird.conf');
    const socket = join(directory, 'bird.ctl');
    writeFileSync(file, config);
    await run(['bird', '-p', '-c', file]);
    const argv = ['bird', '-f', '-c', file, '-s', socket, '-P', join(directory, 'bird.pid')];
    const daemon = new Daemon({ namespace, name: 'bird', directory, argv });
    const status = await until(`BIRD of ${namespace.name}`, () => birdc(socket, 'show status'), {
      timeoutMs: 10_000,
      done: (text) => text.includes('up and running'),
    });
    return new Bird(options, daemon, socket, `BIRD ${/^BIRD (\S+)/m.exec(status)?.[1] ?? 'of unknown version'}`);
  }

  /** Asks one thing of birdc, in its own words. */
  birdc(command: string): Promise<string> {
    return birdc(this.#socket, command);
  }

  /** What it said so far, where its configuration has `log stderr all`. */
  log(): Promise<string> {
    return this.#daemon.stderr();
  }

  async sessions(): Promise<readonly RouterSession[]> {
    const text = await this.birdc('show protocols all');
    // A block per protocol: its name at the margin, then indented lines.
    return text.split(/\n(?=\S)/).flatMap((block) => {
      const neighbor = /^\s+Neighbor address: (\S+)/m.exec(block)?.[1];
      const state = /^\s+BGP state:\s+(\S+)/m.exec(block)?.[1];
      return neighbor === undefined || state === undefined ? [] : [{ neighbor, state }];
    });
  }

  sessionsText(): Promise<string> {
    return this.birdc('show protocols');
  }

  async bfdSessions(): Promise<readonly BfdSession[]> {
    const text = await this.birdc('show bfd sessions');
    // IP address, interface, state, since, interval, timeout.
    return [...text.matchAll(/^([\d.]+|[\da-f]*:[\da-f:]+)\s+\S+\s+(\S+)/gm)].map(([, neighbor = '', state]) => ({
      neighbor,
      isUp: state === 'Up',
    }));
  }

  /** BIRD merges paths only on the way to the kernel: the kernel's routes are what it forwards to. */
  nextHops(prefix: string): Promise<readonly string[]> {
    return kernelNextHops(this.namespace, prefix);
  }

  pathsText(prefix: string): Promise<string> {
    return this.birdc(`show route for ${prefix} all`);
  }
}

/** The answer without its first line, which only greets. */
async function birdc(socket: string, command: string): Promise<string> {
  const answer = await run(['birdc', '-s', socket, ...command.split(' ')]);
  return answer.slice(answer.indexOf('\n') + 1);
}
