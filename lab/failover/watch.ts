/**
 * What happens on a router and on the node, seen from outside and by one clock: the kernel's time stamps of BFD packets, and `ip monitor`'s of routes and
 * links.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BfdCapture, captureCommand } from '../bfd-capture.ts';
import type { NetworkNamespace } from '../netns.ts';

const STATES = ['AdminDown', 'Down', 'Init', 'Up'];

/** Since 1970, in milliseconds with a fraction. */
export type Moment = number;

/** Programs that write as they see something, until {@link Watch.stop}. */
abstract class Watch {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  protected constructor([file = '', ...args]: readonly string[]) {
    // `ip monitor` tells local time.
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, TZ: 'UTC' } });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.read(chunk));
    this.#closed = once(this.#child, 'close');
  }

  protected abstract read(chunk: Buffer): void;

  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.#closed;
  }
}

/** When each sender said a state of its BFD session that it had not said with the packet before. Needs dumpcap. */
export class BfdWatch extends Watch {
  readonly #said: { readonly source: string; readonly state: string; readonly at: Moment }[] = [];
  readonly #last = new Map<string, string>();
  readonly #capture = new BfdCapture();

  constructor(namespace: NetworkNamespace, device: string) {
    super(captureCommand(namespace, device));
  }

  /** When this sender first said so after that moment; undefined where it has not. */
  said(source: string, state: string, after: Moment): Moment | undefined {
    return this.#said.find((each) => each.source === source && each.state === state && each.at > after)?.at;
  }

  protected override read(chunk: Buffer): void {
    for (const { at, source, state } of this.#capture.take(chunk)) {
      const said = STATES[state] ?? '';
      if (this.#last.get(source) === said) continue;
      this.#last.set(source, said);
      this.#said.push({ source, state: said, at });
    }
  }
}

/** `ip monitor` of routes or links, line by line. */
export class IpMonitor extends Watch {
  readonly #lines: { readonly text: string; readonly at: Moment }[] = [];
  #pending = '';

  constructor(namespace: NetworkNamespace, what: 'route' | 'link') {
    super(namespace.command(['ip', '-ts', 'monitor', what]));
  }

  /** When the first line after that moment was that matches. */
  saw(pattern: RegExp, after: Moment): Moment | undefined {
    return this.#lines.find(({ text, at }) => at > after && pattern.test(text))?.at;
  }

  protected override read(chunk: Buffer): void {
    const lines = `${this.#pending}${chunk.toString()}`.split('\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) {
      const [, date, time, micros, text] = /^\[(\S+?)T([\d:]+)\.(\d+)\]\s*(.*)$/.exec(line) ?? [];
      if (text === undefined) continue;
      this.#lines.push({ text, at: Date.parse(`${date}T${time}Z`) + Number(micros) / 1_000 });
    }
  }
}
