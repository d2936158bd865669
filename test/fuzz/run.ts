/** A run: which target is fed with what, how long, and what came of it. */

import type { State } from '../../src/bgp/fsm.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from '../../src/bgp/packet/constants.ts';
import { decodeMessages } from '../../src/cli/decode/messages.ts';
import { toHex } from '../../src/wire/hex.ts';
import { mutated } from './mutate.ts';
import { Random } from './random.ts';
import { Target, type TargetOptions } from './target.ts';

const EVERYTHING = ['four-octet-as', 'extended-message', 'route-refresh', 'enhanced-route-refresh'] as const;
const BOTH = [IPV4_UNICAST, IPV6_UNICAST];

const TARGETS: readonly TargetOptions[] = [
  { internal: false, dials: false, families: BOTH, capabilities: EVERYTHING },
  { internal: false, dials: true, families: BOTH, capabilities: EVERYTHING },
  { internal: true, dials: false, families: BOTH, capabilities: EVERYTHING },
  { internal: true, dials: true, families: BOTH, capabilities: ['four-octet-as'] },
  { internal: false, dials: false, families: BOTH, capabilities: [] },
  { internal: true, dials: false, families: BOTH, capabilities: ['extended-message'] },
  { internal: false, dials: false, families: [IPV4_UNICAST], capabilities: ['four-octet-as', 'route-refresh'] },
  { internal: false, dials: true, families: [IPV6_UNICAST], capabilities: EVERYTHING },
];

/** How often each state is fed: most is decided in Established. */
const STATES_FED: readonly State[] = [
  ...new Array<State>(11).fill('Established'),
  'OpenConfirm',
  'OpenConfirm',
  'OpenSent',
  'OpenSent',
  'OpenSent',
  'Active',
  'Connect',
  'Idle',
];

/** What a run has seen so far. */
export interface Summary {
  readonly iterations: number;
  /** How many messages were fed in which state. */
  readonly fed: Readonly<Record<string, number>>;
  /** How sessions ended, and errors of UPDATEs by their class. */
  readonly ends: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Messages of ours that were read back. */
  readonly written: number;
}

/** Counts from the highest on. */
export const listOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ') || 'none';

/** The lines of a report. */
export const bgpReport = ({ fed, ends, errors, written }: Summary): string[] => [
  `  fed in      ${listOf(fed)}`,
  `  sessions    ${listOf(ends)}`,
  `  UPDATEs     ${listOf(errors)}`,
  `  written     ${written} messages, all of them right`,
];

/** A case that did not hold: enough to see it again. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';
}

/** Goes on where it stopped. Everything that it does follows from the seed and the corpus. */
export class FuzzRun {
  readonly #seed: number;
  readonly #messages: readonly Uint8Array[];
  readonly #random: Random;
  readonly #targets: readonly Target[];
  readonly #fed: Record<string, number> = {};
  #iterations = 0;

  constructor(seed: number, messages: readonly Uint8Array[]) {
    this.#seed = seed;
    this.#messages = messages;
    this.#random = new Random(seed);
    this.#targets = TARGETS.map((options) => new Target(options, this.#random));
  }

  /** @throws {FuzzFailure} */
  run(iterations: number): void {
    for (let i = 0; i < iterations; i++) this.#one();
  }

  get summary(): Summary {
    const sum = (of: (target: Target) => Readonly<Record<string, number>>): Record<string, number> => {
      const total: Record<string, number> = {};
      for (const target of this.#targets)
        for (const [key, value] of Object.entries(of(target))) total[key] = (total[key] ?? 0) + value;
      return total;
    };
    return {
      iterations: this.#iterations,
      fed: { ...this.#fed },
      ends: sum((target) => target.ends),
      errors: sum((target) => target.errors),
      written: this.#targets.reduce((total, target) => total + target.written, 0),
    };
  }

  #one(): void {
    this.#iterations++;
    const random = this.#random;
    const target = random.pick(this.#targets);
    const octets = mutated(this.#messages, random);
    let before: State = target.state;
    try {
      // Sometimes as the octets before have left it: what one message does may show in the next.
      if (!random.once(4)) target.reach(random.pick(STATES_FED));
      before = target.state;
      this.#fed[before] = (this.#fed[before] ?? 0) + 1;
      target.feed(octets);
      if (random.once(64)) for (const message of decodeMessages(octets, DECODING)) JSON.stringify(message);
    } catch (error) {
      throw new FuzzFailure(
        `seed ${this.#seed}, iteration ${this.#iterations}: a peer (${target.name}) in ${before}, fed with ${toHex(octets)}`,
        { cause: error },
      );
    }
  }
}

const DECODING = { fourOctetAs: true, addPath: false, internal: false, extendedMessages: true };
