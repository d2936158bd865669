/** A `metallb speaker` process over a folder of its own, and the guide's first router on loopback to announce to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DemoRouter } from '../../src/demo/router.ts';
import type { FromRouter, NeighborConfig } from '../../src/demo/router-protocol.ts';
import { systemClock } from '../../src/time/clock.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'examples/guide');
const PATIENCE_MS = 15_000;

export interface LogLine {
  readonly level: string;
  readonly event?: string;
  readonly msg: string;
  // biome-ignore lint/suspicious/noExplicitAny: a log line's fields are whatever the event has.
  readonly [field: string]: any;
}

let worlds = 0;

/** Loopback addresses, a folder and a port that no other test uses. */
export class World {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'metallb-speaker-'));
  readonly routerAddress: string;
  readonly nodeAddress: string;
  readonly port: number;
  readonly log: LogLine[] = [];
  output = '';
  router: Extract<FromRouter, { type: 'changed' }> | undefined;
  #child: ChildProcess | undefined;

  private constructor(net: number, port: number) {
    this.routerAddress = `127.${net}.1.1`;
    this.nodeAddress = `127.${net}.1.10`;
    this.port = port;
  }

  static async create(): Promise<World> {
    const net = 200 + (process.pid % 40) + (worlds++ % 10);
    const probe = createServer();
    const port = await new Promise<number>((done) => {
      probe.listen({ host: `127.${net}.1.1`, port: 0 }, () => {
        const address = probe.address();
        probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    const world = new World(net, port);
    for (const chapter of ['multi-router', 'test-service', 'cluster'])
      cpSync(join(EXAMPLES, chapter), join(world.folder, chapter), { recursive: true });
    writeFileSync(
      join(world.folder, 'transport-map'),
      JSON.stringify({
        peers: { '192.168.1.1:179': `${world.routerAddress}:${port}` },
        nodes: { node1: world.nodeAddress },
      }),
    );
    return world;
  }

  /** Starts the guide's dc1-router-primary, with what is different about it. */
  startRouter(over: Partial<NeighborConfig> & { routerAsn?: number } = {}): void {
    const { routerAsn = 64512, ...neighbor } = over;
    new DemoRouter(
      {
        name: 'dc1-router-primary',
        asn: routerAsn,
        address: '192.168.1.1',
        listen: { address: this.routerAddress, port: this.port },
        neighbors: [
          {
            name: 'node1',
            address: '192.168.1.10',
            source: this.nodeAddress,
            asn: 64513,
            holdTimeSeconds: 90,
            keepaliveSeconds: 30,
            password: 'your-secure-password',
            ...neighbor,
          },
        ],
      },
      systemClock,
      Math.random,
      (message) => {
        if (message.type === 'changed') this.router = message;
      },
    ).start();
  }

  startSpeaker(extra: readonly string[] = []): void {
    const args = ['speaker', '--from', this.folder, '--node', 'node1', '--bgp-listen-port', '0'];
    const map = ['--transport-map', join(this.folder, 'transport-map')];
    const child = spawn(process.execPath, [join(ROOT, 'bin/metallb.js'), ...args, ...map, ...extra], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.output += `${line}\n`;
      this.log.push(JSON.parse(line) as LogLine);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** The exit status once the speaker has ended. */
  async exited(): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    return new Promise((done) => child.once('exit', (status) => done(status)));
  }

  /** Prefix to communities, as the router holds them now. */
  routes(): Record<string, readonly string[]> {
    const entries = this.router?.table ?? [];
    return Object.fromEntries(
      entries.map(({ prefix, best }) => [prefix, best.flatMap(({ route }) => route.communities)]),
    );
  }

  updates(): number {
    return this.router?.neighbors[0]?.updatesReceived ?? 0;
  }

  events(name: string): LogLine[] {
    return this.log.filter(({ event }) => event === name);
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!holds()) {
      if (performance.now() > deadline)
        throw new Error(`waited in vain for ${what}; the speaker said:\n${this.output}`);
      await new Promise((done) => systemClock.after(10, () => done(undefined)));
    }
  }

  /** Long enough for a change of the folder to be noticed, had there been anything to do. */
  async quiet(ms = 2_600): Promise<void> {
    await new Promise((done) => systemClock.after(ms, () => done(undefined)));
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  async end(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((done) => this.#child?.once('exit', done));
      this.#child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
