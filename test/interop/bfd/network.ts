/** A node and a router on a cable, with an address each behind it for sessions over several hops, and our end of BFD on the node. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../../../lab/daemon.ts';
import { forward, type NetworkNamespace } from '../../../lab/netns.ts';
import { NODE, Pair, ROUTER } from '../../../lab/pair.ts';
import { until } from '../../../lab/run.ts';
import { Sandbox } from '../../../lab/sandbox.ts';
import type { EndCommand, EndLine, EndSession } from './messages.ts';

/** Addresses that are reached by a route: what is between them counts as more than one hop. */
export const FAR = { node: '203.0.113.10', router: '203.0.113.1' } as const;

export type LineOf<E extends EndLine['event']> = Extract<EndLine, { event: E }>;

/** Our end, in its namespace. */
export class End {
  readonly #daemon: Daemon;
  readonly #commands: string;

  constructor(sandbox: Sandbox, namespace: NetworkNamespace, sessions: readonly EndSession[]) {
    const directory = sandbox.subdirectory('bfd');
    const file = join(directory, 'sessions.json');
    this.#commands = join(directory, 'commands');
    writeFileSync(file, JSON.stringify(sessions));
    writeFileSync(this.#commands, '');
    const argv = [process.execPath, join(import.meta.dirname, 'end.ts'), file, this.#commands];
    this.#daemon = new Daemon({ namespace, name: 'end', directory, argv });
  }

  do(command: EndCommand): void {
    appendFileSync(this.#commands, `${JSON.stringify(command)}\n`);
  }

  /** All that happened of a kind, so far. */
  async lines<E extends EndLine['event']>(event: E): Promise<readonly LineOf<E>[]> {
    const text = await this.#daemon.stdout();
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as EndLine)
      .filter((line): line is LineOf<E> => line.event === event);
  }

  /** Waits until more than so many things of a kind have happened, and answers the last one. */
  async next<E extends EndLine['event']>(event: E, before: number, timeoutMs = 20_000): Promise<LineOf<E>> {
    const found = await until(`${event} of our end`, () => this.lines(event), {
      timeoutMs,
      everyMs: 20,
      done: (lines) => lines.length > before,
    });
    return found.at(-1) as LineOf<E>;
  }

  async report(): Promise<LineOf<'report'>> {
    const { length } = await this.lines('report');
    this.do({ do: 'report' });
    return await this.next('report', length);
  }

  /** The states that a session went through. */
  async states(name: string): Promise<readonly LineOf<'state'>[]> {
    return (await this.lines('state')).filter((line) => line.name === name);
  }

  /** Waits until the Echo function of a session is in a state. */
  async echoIs(name: string, state: string, timeoutMs = 20_000): Promise<void> {
    await until(`Echo of ${name} ${state}`, () => this.lines('echo'), {
      timeoutMs,
      everyMs: 20,
      done: (lines) => lines.filter((line) => line.name === name).at(-1)?.state === state,
    });
  }

  /** Waits until a session is in a state. */
  async inState(name: string, state: string, timeoutMs = 20_000): Promise<LineOf<'state'>> {
    const states = await until(`${name} ${state}`, () => this.states(name), {
      timeoutMs,
      everyMs: 10,
      done: (lines) => lines.at(-1)?.state === state,
    });
    return states.at(-1) as LineOf<'state'>;
  }

  async downs(name: string): Promise<number> {
    return (await this.states(name)).filter(({ state }) => state === 'Down').length;
  }

  async said(): Promise<string> {
    return (await this.#daemon.stdout()) + (await this.#daemon.stderr());
  }

  async stop(): Promise<void> {
    if (this.#daemon.running) await this.#daemon.stop('SIGKILL');
  }
}

export class BfdNetwork {
  readonly sandbox: Sandbox;
  readonly pair: Pair;

  private constructor(sandbox: Sandbox, pair: Pair) {
    this.sandbox = sandbox;
    this.pair = pair;
  }

  static async build(): Promise<BfdNetwork> {
    const sandbox = new Sandbox('root');
    const pair = await Pair.build(sandbox);
    await pair.node.ip(`addr add ${FAR.node}/32 dev lo`, `route add ${FAR.router}/32 via ${ROUTER.ipv4}`);
    await pair.router.ip(`addr add ${FAR.router}/32 dev lo`, `route add ${FAR.node}/32 via ${NODE.ipv4}`);
    await forward(pair.node);
    return new BfdNetwork(sandbox, pair);
  }

  /** The link-local address of an end of the cable, and the index of its interface. */
  async linkLocal(namespace: NetworkNamespace): Promise<{ readonly address: string; readonly index: number }> {
    interface Link {
      readonly ifindex: number;
      readonly addr_info: readonly { readonly local: string; readonly scope: string }[];
    }
    const [link] = JSON.parse(
      await namespace.run(['ip', '-json', '-6', 'addr', 'show', 'dev', 'eth0']),
    ) as readonly Link[];
    const address = link?.addr_info.find(({ scope }) => scope === 'link')?.local;
    if (link === undefined || address === undefined) throw new Error('eth0 has no link-local address');
    return { address, index: link.ifindex };
  }

  end(sessions: readonly EndSession[]): End {
    return new End(this.sandbox, this.pair.node, sessions);
  }

  /** Loses whatever comes to either of the two, and what they would forward, without a word. */
  async cut(): Promise<number> {
    const chains = ['input', 'forward'].map(
      (hook) => `chain ${hook}s { type filter hook ${hook} priority -300; drop; }; `,
    );
    const rules = `table inet cut { ${chains.join('')}}`;
    await Promise.all([this.pair.router, this.pair.node].map((each) => each.run(['nft', rules])));
    return Date.now();
  }

  async mend(): Promise<void> {
    await Promise.all([this.pair.router, this.pair.node].map((each) => each.run(['nft', 'delete table inet cut'])));
  }
}

/** Sessions as the tests want them unless they say otherwise. */
export const session = (changes: Partial<EndSession> & Pick<EndSession, 'name'>): EndSession => ({
  remote: ROUTER.ipv4,
  local: NODE.ipv4,
  desiredMinTxMs: 300,
  requiredMinRxMs: 300,
  detectMult: 3,
  ...changes,
});

export const multihop = (changes: Partial<EndSession> & Pick<EndSession, 'name'>): EndSession =>
  session({ remote: FAR.router, local: FAR.node, minimumTtl: 254, ...changes });
