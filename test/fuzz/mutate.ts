/** Makes one message into another that is probably wrong somewhere. */
import { mutatedUpdate } from './mutate-update.ts';
import type { Random } from './random.ts';

const HEADER = 19;
const INTERESTING = [0, 1, 2, 4, 16, 32, 33, 127, 128, 129, 254, 255];
/** An extended message and a little. */
const MAX_LENGTH = 70_000;

type Mutation = (octets: Uint8Array, random: Random, messages: readonly Uint8Array[]) => Uint8Array;

/** A place behind the header, where there is one: a header that is wrong is found at once, and mutated less often. */
const place = (octets: Uint8Array, random: Random): number =>
  octets.length <= HEADER || random.once(16)
    ? random.below(octets.length)
    : HEADER + random.below(octets.length - HEADER);

const flipBit: Mutation = (octets, random) => {
  const at = place(octets, random);
  octets[at] = (octets[at] ?? 0) ^ (1 << random.below(8));
  return octets;
};

const setOctet: Mutation = (octets, random) => {
  octets[place(octets, random)] = random.once(2) ? random.pick(INTERESTING) : random.below(256);
  return octets;
};

/** Two octets that may be a length: a little more or less. */
const nudgeLength: Mutation = (octets, random) => {
  const at = place(octets, random);
  if (at + 1 >= octets.length) return octets;
  const value = ((octets[at] ?? 0) << 8) + (octets[at + 1] ?? 0) + random.below(9) - 4;
  octets[at] = value >> 8;
  octets[at + 1] = value;
  return octets;
};

const truncate: Mutation = (octets, random) => octets.slice(0, Math.max(1, place(octets, random)));

const remove: Mutation = (octets, random) => {
  const at = place(octets, random);
  const end = Math.min(octets.length, at + 1 + random.below(8));
  return octets.length - (end - at) < 1 ? octets : joined(octets.subarray(0, at), octets.subarray(end));
};

const insert: Mutation = (octets, random) => {
  const at = place(octets, random);
  const more = new Uint8Array(random.once(200) ? random.below(MAX_LENGTH - octets.length) : 1 + random.below(12));
  for (let i = 0; i < Math.min(more.length, 64); i++) more[i] = random.once(3) ? 0 : random.below(256);
  return joined(octets.subarray(0, at), more, octets.subarray(at));
};

const repeat: Mutation = (octets, random) => {
  const at = place(octets, random);
  const part = octets.subarray(at, at + 1 + random.below(24));
  return joined(octets.subarray(0, at), part, octets.subarray(at));
};

/** The head of this one and the tail of another. */
const splice: Mutation = (octets, random, messages) => {
  const other = random.pick(messages);
  return joined(octets.subarray(0, place(octets, random)), other.subarray(place(other, random)));
};

const MUTATIONS: readonly Mutation[] = [flipBit, setOctet, nudgeLength, truncate, remove, insert, repeat, splice];

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.subarray(0, MAX_LENGTH);
}

/** A mutation of one of the messages; its header's length mostly tells the truth, or nothing behind the header would ever be read. */
export function mutated(messages: readonly Uint8Array[], random: Random): Uint8Array {
  let octets: Uint8Array = random.pick(messages).slice();
  const kept = random.once(2) ? mutatedUpdate(octets, random, messages) : null;
  if (kept !== null) return kept;
  for (let i = random.below(5); i >= 0; i--) octets = random.pick(MUTATIONS)(octets, random, messages);
  if (octets.length >= HEADER && !random.once(12)) {
    octets.fill(0xff, 0, 16);
    octets[16] = octets.length >> 8;
    octets[17] = octets.length;
    // Mostly UPDATEs: they have the most in them.
    if (random.once(4)) octets[18] = 2;
  }
  return octets;
}
