/**
 * Interned prefixes: each is a small number, the same for all peers of a speaker, for as long as one of them refers to it.
 *
 * What a peer knows of a prefix is then a record in an array, found without hashing, and its NLRI is written from words that are
 * already there: arithmetic with bigint happens once, where a prefix enters. The columns are typed arrays, indexed by the number; a
 * hash table with open addressing finds the number of a prefix (linear probing, deletion by shifting back: Knuth, The Art of Computer
 * Programming, volume 3, section 6.4, algorithm R).
 */
import type { IpFamily } from '../net/ip.ts';
import type { Prefix } from '../net/prefix.ts';

/** Stands for no prefix; numbers begin with one. */
export const NO_PREFIX = 0;

const INITIAL_CAPACITY = 64;

/** The prefixes of one address family. */
export class PrefixTable {
  readonly family: IpFamily;
  /** 32-bit words of an address. */
  readonly #width: 1 | 4;
  #words: Uint32Array;
  #lengths: Uint8Array;
  /** Of a number that is free, the next free one. */
  #references: Uint32Array;
  #free = NO_PREFIX;
  /** Numbers below this have been in use. */
  #used = 1;
  #size = 0;
  /** Numbers, each at or soon after the place that its hash gives; at most half full. */
  #slots: Uint32Array;
  /** Where an address becomes words: the lower half of a bigint in the first element, the upper half in the second. */
  readonly #halves = new BigUint64Array(2);
  readonly #key = new Uint32Array(4);

  constructor(family: IpFamily) {
    this.family = family;
    this.#width = family === 4 ? 1 : 4;
    this.#words = new Uint32Array(INITIAL_CAPACITY * this.#width);
    this.#lengths = new Uint8Array(INITIAL_CAPACITY);
    this.#references = new Uint32Array(INITIAL_CAPACITY);
    this.#slots = new Uint32Array(2 * INITIAL_CAPACITY);
  }

  /** Prefixes that somebody refers to. */
  get size(): number {
    return this.#size;
  }

  /** Every number that was given out is below this. */
  get limit(): number {
    return this.#used;
  }

  /** The number of a prefix, {@link NO_PREFIX} when nobody refers to it. */
  find(prefix: Prefix): number {
    this.#load(prefix);
    return this.#slots[this.#slotOf(prefix.length)] as number;
  }

  /** The number of a prefix, given out now if it has none. The caller then says by {@link retain} that it keeps it. */
  intern(prefix: Prefix): number {
    this.#load(prefix);
    const slot = this.#slotOf(prefix.length);
    const found = this.#slots[slot] as number;
    return found === NO_PREFIX ? this.#insert(slot, prefix.length) : found;
  }

  /** One reference more. */
  retain(id: number): void {
    (this.#references[id] as number)++;
  }

  /** One reference less; the last one frees the number. */
  release(id: number): void {
    const left = (this.#references[id] as number) - 1;
    this.#references[id] = left;
    if (left === 0) this.#remove(id);
  }

  /** The prefix of a number that is in use, as a value. */
  prefix(id: number): Prefix {
    const at = id * this.#width;
    let value = 0n;
    for (let i = 0; i < this.#width; i++) value = (value << 32n) | BigInt(this.#words[at + i] as number);
    return { address: { family: this.family, value }, length: this.#lengths[id] as number };
  }

  /** The octets of its NLRI: the length, and what of the address it needs (RFC 4271 section 4.3). */
  octets(id: number): number {
    return 1 + (((this.#lengths[id] as number) + 7) >> 3);
  }

  /** Writes its NLRI; answers the place behind it. */
  write(id: number, into: Uint8Array, at: number): number {
    const length = this.#lengths[id] as number;
    const end = at + 1 + ((length + 7) >> 3);
    into[at] = length;
    let word = id * this.#width;
    let i = at + 1;
    for (; i + 4 <= end; i += 4) {
      const value = this.#words[word++] as number;
      into[i] = value >>> 24;
      into[i + 1] = value >>> 16;
      into[i + 2] = value >>> 8;
      into[i + 3] = value;
    }
    for (let shift = 24; i < end; i++, shift -= 8) into[i] = (this.#words[word] as number) >>> shift;
    return end;
  }

  #load({ address: { value } }: Prefix): void {
    if (this.#width === 1) {
      this.#key[0] = Number(value);
      return;
    }
    this.#halves[0] = value;
    this.#halves[1] = value >> 64n;
    const [low = 0n, high = 0n] = this.#halves;
    this.#key[0] = Number(high >> 32n);
    this.#key[1] = Number(high & LOW_WORD);
    this.#key[2] = Number(low >> 32n);
    this.#key[3] = Number(low & LOW_WORD);
  }

  /** Where the loaded prefix stands, or would. */
  #slotOf(length: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(this.#key, 0, this.#width, length) & mask;
    for (let id = this.#slots[slot] as number; id !== NO_PREFIX; id = this.#slots[slot] as number) {
      if (this.#lengths[id] === length && this.#holdsKey(id)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #holdsKey(id: number): boolean {
    const at = id * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#words[at + i] !== this.#key[i]) return false;
    return true;
  }

  #insert(slot: number, length: number): number {
    let id = this.#free;
    if (id === NO_PREFIX) {
      id = this.#used++;
      if (id >= this.#lengths.length) this.#growColumns();
    } else this.#free = this.#references[id] as number;
    this.#references[id] = 0;
    this.#lengths[id] = length;
    const at = id * this.#width;
    for (let i = 0; i < this.#width; i++) this.#words[at + i] = this.#key[i] as number;
    this.#slots[slot] = id;
    this.#size++;
    if (2 * this.#size > this.#slots.length) this.#growSlots();
    return id;
  }

  #remove(id: number): void {
    const mask = this.#slots.length - 1;
    let hole = this.#homeOf(id);
    while (this.#slots[hole] !== id) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; this.#slots[slot] !== NO_PREFIX; slot = (slot + 1) & mask) {
      const other = this.#slots[slot] as number;
      // Who would be looked for from a place behind the hole stays: it is found without crossing it.
      if (((slot - this.#homeOf(other)) & mask) < ((slot - hole) & mask)) continue;
      this.#slots[hole] = other;
      hole = slot;
    }
    this.#slots[hole] = NO_PREFIX;
    this.#references[id] = this.#free;
    this.#free = id;
    this.#size--;
  }

  #homeOf(id: number): number {
    const at = id * this.#width;
    return hash(this.#words, at, this.#width, this.#lengths[id] as number) & (this.#slots.length - 1);
  }

  #growColumns(): void {
    const capacity = 2 * this.#lengths.length;
    this.#words = enlarged(this.#words, new Uint32Array(capacity * this.#width));
    this.#lengths = enlarged(this.#lengths, new Uint8Array(capacity));
    this.#references = enlarged(this.#references, new Uint32Array(capacity));
  }

  #growSlots(): void {
    const ids = this.#slots.filter((id) => id !== NO_PREFIX);
    this.#slots = new Uint32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (const id of ids) {
      let slot = this.#homeOf(id);
      while (this.#slots[slot] !== NO_PREFIX) slot = (slot + 1) & mask;
      this.#slots[slot] = id;
    }
  }
}

const LOW_WORD = 0xffff_ffffn;

function enlarged<A extends Uint32Array | Uint8Array>(from: A, into: A): A {
  into.set(from);
  return into;
}

/** Every bit of the address and the length has its say in every bit of the outcome: neighbours must not crowd (finaliser of MurmurHash3). */
function hash(words: Uint32Array, at: number, width: number, length: number): number {
  let h = length;
  for (let i = 0; i < width; i++) {
    h = Math.imul(h ^ (words[at + i] as number), 0x85eb_ca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2_ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}
