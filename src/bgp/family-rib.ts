/**
 * One family of an Adj-RIB-Out: what one peer should hold, what it was told, and the difference, as records of numbers.
 *
 * Of each prefix a record says which attribute set is wanted and which one the peer was told. Where the two differ the prefix is pending and
 * lies in exactly one bucket: that of the set that is wanted, or the withdrawals. Buckets are lists linked through the records, so each
 * change moves one prefix in constant time; what is pending never exceeds the prefixes, however often they change; and the latest state is the only
 * one that can be sent.
 *
 * A set that is referred to by a record is counted in `attribute-sets.ts`, a prefix in `prefix-table.ts`: both are shared with other peers.
 */
import type { IpFamily } from '../net/ip.ts';
import type { Prefix } from '../net/prefix.ts';
import { type AttributeSets, NO_SET } from './attribute-sets.ts';
import { NO_PREFIX, type PrefixTable } from './prefix-table.ts';
import { Records } from './records.ts';
import type { RouteAttributes } from './route.ts';
import type { RouteTables } from './route-tables.ts';

/** The bucket of withdrawals. Any other bucket has the number of its attribute set. */
export const WITHDRAWALS = NO_SET;

/** Fields of a prefix: attribute sets wanted and told, and the neighbours in its bucket. */
const WANTED = 0;
const TOLD = 1;
const PREVIOUS = 2;
const NEXT = 3;
/** Fields of a bucket: its first and last prefix. It shares {@link PREVIOUS} and {@link NEXT}: its neighbours among the buckets. */
const FIRST = 0;
const LAST = 1;

/** Marks what was told as to be told again (RFC 2918): no set that is wanted equals it, so it is pending. */
const AGAIN = 1 << 30;

/** What was taken out of a bucket. */
export interface Taken {
  readonly prefixes: number;
  /** The place behind the last NLRI. */
  readonly end: number;
}

/** The routes of one family of one peer. */
export class FamilyRib {
  readonly #prefixes: PrefixTable;
  readonly #sets: AttributeSets;
  readonly #routes = new Records();
  readonly #buckets = new Records();
  /** The announcements that began first and last. */
  #oldest = WITHDRAWALS;
  #newest = WITHDRAWALS;
  #wanted = 0;
  #told = 0;
  #pending = 0;
  #again = 0;

  constructor(family: IpFamily, tables: RouteTables) {
    this.#prefixes = tables.prefixes(family);
    this.#sets = tables.sets;
  }

  /** Prefixes that the peer should hold. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Prefixes that the peer was told. */
  get advertised(): number {
    return this.#told;
  }

  /** Prefixes that the peer is still to be told something of. */
  get pending(): number {
    return this.#pending;
  }

  /** Of the pending ones, those that the last {@link refresh} asked for and that have not been told since. */
  get refreshing(): number {
    return this.#again;
  }

  /** The peer should hold this prefix with these attributes. Answers the number of the prefix. */
  announce(prefix: Prefix, attributes: RouteAttributes): number {
    const id = this.#prefixes.intern(prefix);
    const set = this.#sets.take(attributes);
    const wanted = this.#routes.get(id, WANTED);
    const told = this.#routes.get(id, TOLD);
    if (wanted === NO_SET) {
      this.#wanted++;
      if (told === NO_SET) this.#prefixes.retain(id);
    } else this.#sets.release(wanted);
    this.#move(id, wanted, told, set, told);
    return id;
  }

  /** The peer should not hold this prefix. */
  withdraw(prefix: Prefix): void {
    const id = this.#prefixes.find(prefix);
    if (id !== NO_PREFIX) this.#unwant(id);
  }

  /** Withdraws every prefix whose number is not among these. */
  keepOnly(kept: Iterable<number>): void {
    const isKept = new Uint8Array(this.#prefixes.limit);
    for (const id of kept) isKept[id] = 1;
    for (const id of this.#routes.ids()) if (isKept[id] !== 1) this.#unwant(id);
  }

  /** The session ended: the peer has forgotten all that it was told (RFC 4271 section 3). */
  reset(): void {
    for (const id of this.#routes.ids()) {
      const told = this.#routes.get(id, TOLD);
      if (told !== NO_SET) this.#forget(id, this.#routes.get(id, WANTED), told);
    }
  }

  /** The peer asked for the family once more: what it was told becomes pending again. */
  refresh(): void {
    for (const id of this.#routes.ids()) {
      const told = this.#routes.get(id, TOLD);
      if (told === NO_SET || (told & AGAIN) !== 0) continue;
      const wanted = this.#routes.get(id, WANTED);
      this.#again++;
      this.#move(id, wanted, told, wanted, told | AGAIN);
    }
  }

  /** The bucket to be emptied next, withdrawals first; null when nothing is pending. */
  get nextBucket(): number | null {
    if (this.#pending === 0) return null;
    return this.#buckets.get(WITHDRAWALS, FIRST) === NO_PREFIX ? this.#oldest : WITHDRAWALS;
  }

  /** Takes prefixes from the head of a bucket as long as their NLRI fit between `at` and `end`; they count as told from now on. */
  take(bucket: number, into: Uint8Array, at: number, end: number): Taken {
    let count = 0;
    let id = this.#buckets.get(bucket, FIRST);
    while (id !== NO_PREFIX && at + this.#prefixes.octets(id) <= end) {
      at = this.#prefixes.write(id, into, at);
      const next = this.#routes.get(id, NEXT);
      this.#tell(id, bucket);
      count++;
      id = next;
    }
    if (bucket !== WITHDRAWALS) {
      this.#sets.share(bucket, count);
      this.#told += count;
    }
    this.#pending -= count;
    this.#buckets.set(bucket, FIRST, id);
    if (id !== NO_PREFIX) this.#routes.set(id, PREVIOUS, NO_PREFIX);
    else this.#end(bucket);
    return { prefixes: count, end: at };
  }

  /** What the peer was told and has not been told to forget. */
  *routes(): Generator<{ readonly prefix: Prefix; readonly attributes: RouteAttributes }> {
    for (const id of this.#routes.ids()) {
      const told = this.#routes.get(id, TOLD);
      if (told === NO_SET) continue;
      yield { prefix: this.#prefixes.prefix(id), attributes: this.#sets.of(told & ~AGAIN).attributes };
    }
  }

  #unwant(id: number): void {
    const wanted = this.#routes.get(id, WANTED);
    if (wanted === NO_SET) return;
    const told = this.#routes.get(id, TOLD);
    this.#sets.release(wanted);
    this.#wanted--;
    this.#move(id, wanted, told, NO_SET, told);
    if (told === NO_SET) this.#prefixes.release(id);
  }

  /** The peer does not hold this prefix any more, without having been told. */
  #forget(id: number, wanted: number, told: number): void {
    this.#untell(told);
    this.#move(id, wanted, told, wanted, NO_SET);
    if (wanted === NO_SET) this.#prefixes.release(id);
  }

  /** Takes the first prefix of a bucket out of it, its links left to the caller, and notes what the peer is told. */
  #tell(id: number, bucket: number): void {
    const told = this.#routes.get(id, TOLD);
    if (told !== NO_SET) this.#untell(told);
    this.#routes.set(id, TOLD, bucket);
    if (bucket === WITHDRAWALS) this.#prefixes.release(id);
  }

  #untell(told: number): void {
    this.#sets.release(told & ~AGAIN);
    this.#told--;
    if ((told & AGAIN) !== 0) this.#again--;
  }

  /** Writes what is wanted and told, and takes the prefix from the bucket where the old values had it to that of the new ones. */
  #move(id: number, oldWanted: number, oldTold: number, wanted: number, told: number): void {
    this.#routes.set(id, WANTED, wanted);
    this.#routes.set(id, TOLD, told);
    const was = oldWanted !== oldTold;
    const is = wanted !== told;
    if (was && is && wanted === oldWanted) return;
    if (was) this.#remove(id, oldWanted);
    if (is) this.#append(id, wanted);
  }

  #append(id: number, bucket: number): void {
    const last = this.#buckets.get(bucket, LAST);
    this.#routes.set(id, PREVIOUS, last);
    this.#routes.set(id, NEXT, NO_PREFIX);
    if (last !== NO_PREFIX) this.#routes.set(last, NEXT, id);
    else {
      this.#buckets.set(bucket, FIRST, id);
      if (bucket !== WITHDRAWALS) this.#begin(bucket);
    }
    this.#buckets.set(bucket, LAST, id);
    this.#pending++;
  }

  #remove(id: number, bucket: number): void {
    const previous = this.#routes.get(id, PREVIOUS);
    const next = this.#routes.get(id, NEXT);
    if (previous === NO_PREFIX) this.#buckets.set(bucket, FIRST, next);
    else this.#routes.set(previous, NEXT, next);
    if (next === NO_PREFIX) this.#buckets.set(bucket, LAST, previous);
    else this.#routes.set(next, PREVIOUS, previous);
    this.#pending--;
    if (previous === NO_PREFIX && next === NO_PREFIX) this.#end(bucket);
  }

  #begin(bucket: number): void {
    this.#buckets.set(bucket, PREVIOUS, this.#newest);
    this.#buckets.set(bucket, NEXT, WITHDRAWALS);
    if (this.#newest === WITHDRAWALS) this.#oldest = bucket;
    else this.#buckets.set(this.#newest, NEXT, bucket);
    this.#newest = bucket;
  }

  /** A bucket has become empty. */
  #end(bucket: number): void {
    this.#buckets.set(bucket, FIRST, NO_PREFIX);
    this.#buckets.set(bucket, LAST, NO_PREFIX);
    if (bucket === WITHDRAWALS) return;
    const previous = this.#buckets.get(bucket, PREVIOUS);
    const next = this.#buckets.get(bucket, NEXT);
    if (previous === WITHDRAWALS) this.#oldest = next;
    else this.#buckets.set(previous, NEXT, next);
    if (next === WITHDRAWALS) this.#newest = previous;
    else this.#buckets.set(next, PREVIOUS, previous);
  }
}
