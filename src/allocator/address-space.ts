/**
 * The addresses of one pool in one family: who uses which, and the first one that a Service may have.
 *
 * Addresses are never spelled out. A cursor runs through the ranges in the order of `spec.addresses`; what lies before it is in use,
 * skipped or in a heap of released addresses. So finding the first free address costs O(log released) amortised, in a /12 as in a /64,
 * however often addresses come and go. Addresses that are shared are indexed by sharing key, so that a Service which may share finds
 * the lowest shared address without looking at the others.
 */

import { compareText } from '../compare-text.ts';
import type { IpRange } from '../net/ip-range.ts';
import { rangeSize } from '../net/ip-range.ts';
import type { Tenant } from './sharing-key.ts';

interface Segment {
  readonly first: bigint;
  readonly last: bigint;
  /** How many addresses of the pool come before this range in the order of allocation. */
  readonly before: bigint;
}

interface Place {
  readonly position: bigint;
  readonly value: bigint;
}

interface SharedAddresses {
  /** Ascending by position. */
  readonly places: Place[];
  /** By set of ports: how many of `places`, from the first, are known to clash with it. */
  readonly clashing: Map<string, number>;
}

/** Who uses an address: nearly always one Service, else all by their keys. */
type Users = Tenant | Map<string, Tenant>;

export class AddressSpace {
  readonly #segments: readonly Segment[];
  readonly #byValue: readonly Segment[];
  readonly #avoidBuggy: boolean;
  readonly #users = new Map<bigint, Users>();
  readonly #released = new PlaceHeap();
  readonly #shared = new Map<string, SharedAddresses>();
  #segment = 0;
  #next: bigint;

  /**
   * @param ranges - of one family, in the order of allocation, not overlapping.
   * @param avoidBuggy - whether addresses that end in .0 or .255 are left out (IPv4 only).
   */
  constructor(ranges: readonly IpRange[], avoidBuggy: boolean) {
    let before = 0n;
    this.#segments = ranges.map((range) => {
      const segment = { first: range.first.value, last: range.last.value, before };
      before += rangeSize(range);
      return segment;
    });
    this.#byValue = [...this.#segments].sort((a, b) => (a.first < b.first ? -1 : 1));
    this.#avoidBuggy = avoidBuggy;
    this.#next = this.#segments[0]?.first ?? 0n;
  }

  /** How many addresses are in use; a shared one counts once. */
  get inUse(): number {
    return this.#users.size;
  }

  /** How many addresses can be given out at all. */
  get usable(): bigint {
    let count = 0n;
    for (const { first, last } of this.#segments) {
      count += last - first + 1n;
      if (this.#avoidBuggy) count -= multiplesIn(first, last, 0n) + multiplesIn(first, last, 255n);
    }
    return count;
  }

  /** Whether the address belongs to this space; one that is avoided does not. */
  has(value: bigint): boolean {
    return this.#segmentOf(value) !== undefined && !this.#isSkipped(value);
  }

  /**
   * Why this Service cannot use the address, or null where it can. The address must be of this space. Of several that stand in the way the
   * first by name is named, whoever came first.
   */
  conflict(value: bigint, tenant: Tenant): string | null {
    let first: Tenant | undefined;
    for (const other of tenantsOf(this.#users.get(value)))
      if (mayNotShare(other, tenant) && (first === undefined || compareText(other.service, first.service) < 0))
        first = other;
    return first === undefined ? null : clashOf(first, tenant);
  }

  /** The lowest address, in the order of allocation, that the Service may use; undefined when there is none. */
  first(tenant: Tenant): bigint | undefined {
    const free = this.#firstFree();
    const shared = this.#firstShared(tenant);
    if (free === undefined || shared === undefined) return (free ?? shared)?.value;
    return (shared.position < free.position ? shared : free).value;
  }

  /** Notes a user of an address of this space; {@link conflict} has been asked. */
  claim(value: bigint, tenant: Tenant): void {
    const users = this.#users.get(value);
    if (users instanceof Map) users.set(tenant.service, tenant);
    else if (users === undefined || users.service === tenant.service) this.#users.set(value, tenant);
    else this.#users.set(value, new Map([users, tenant].map((each) => [each.service, each])));
    if (tenant.sharingKey !== null) this.#noteShared(tenant.sharingKey, this.#placeOf(value));
  }

  release(value: bigint, service: string): void {
    const users = this.#users.get(value);
    const tenant = users instanceof Map ? users.get(service) : users;
    if (tenant?.service !== service) return;
    if (users instanceof Map) users.delete(service);
    const isFree = !(users instanceof Map) || users.size === 0;
    if (isFree) this.#users.delete(value);
    const place = this.#placeOf(value);
    if (tenant.sharingKey !== null) this.#forgetShared(tenant.sharingKey, place, isFree);
    if (!isFree) return;
    if (this.#isBeforeCursor(place)) this.#released.push(place);
  }

  #firstFree(): Place | undefined {
    for (let top = this.#released.top; top !== undefined; top = this.#released.top) {
      if (!this.#users.has(top.value)) return top;
      this.#released.pop(); // it was claimed by name in the meantime, and comes back when it is released
    }
    for (;;) {
      const segment = this.#segments[this.#segment];
      if (segment === undefined) return undefined;
      if (this.#next > segment.last) {
        this.#segment++;
        this.#next = this.#segments[this.#segment]?.first ?? 0n;
      } else if (this.#isSkipped(this.#next) || this.#users.has(this.#next)) this.#next++;
      else return { value: this.#next, position: segment.before + this.#next - segment.first };
    }
  }

  #firstShared(tenant: Tenant): Place | undefined {
    const shared = tenant.sharingKey === null ? undefined : this.#shared.get(tenant.sharingKey);
    if (shared === undefined) return undefined;
    const ports = tenant.ports.join(' ');
    let i = shared.clashing.get(ports) ?? 0;
    while (i < shared.places.length) {
      const place = shared.places[i] as Place;
      if (this.conflict(place.value, tenant) === null) break;
      i++;
    }
    shared.clashing.set(ports, i);
    return shared.places[i];
  }

  #noteShared(key: string, place: Place): void {
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { places: [], clashing: new Map() };
      this.#shared.set(key, shared);
    }
    const at = indexOf(shared.places, place);
    if (shared.places[at]?.position === place.position) return;
    // What is known of the places behind an insertion is known of another index now.
    if (at < shared.places.length) shared.clashing.clear();
    shared.places.splice(at, 0, place);
  }

  #forgetShared(key: string, place: Place, addressIsFree: boolean): void {
    const shared = this.#shared.get(key);
    if (shared === undefined) return;
    shared.clashing.clear();
    if (!addressIsFree) return;
    const at = indexOf(shared.places, place);
    if (shared.places[at]?.position === place.position) shared.places.splice(at, 1);
    if (shared.places.length === 0) this.#shared.delete(key);
  }

  #isBeforeCursor(place: Place): boolean {
    const segment = this.#segments[this.#segment];
    return segment === undefined || place.position < segment.before + this.#next - segment.first;
  }

  #placeOf(value: bigint): Place {
    const segment = this.#segmentOf(value);
    if (segment === undefined) throw new RangeError('the address is not of this pool');
    return { value, position: segment.before + value - segment.first };
  }

  #segmentOf(value: bigint): Segment | undefined {
    let low = 0;
    let high = this.#byValue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#byValue[middle] as Segment).first <= value) low = middle + 1;
      else high = middle;
    }
    const segment = this.#byValue[low - 1];
    return segment !== undefined && value <= segment.last ? segment : undefined;
  }

  #isSkipped(value: bigint): boolean {
    if (!this.#avoidBuggy) return false;
    const octet = value & 0xffn;
    return octet === 0n || octet === 0xffn;
  }
}

function tenantsOf(users: Users | undefined): Iterable<Tenant> {
  if (users === undefined) return [];
  return users instanceof Map ? users.values() : [users];
}

const mayNotShare = (other: Tenant, tenant: Tenant): boolean =>
  other.service !== tenant.service &&
  (tenant.sharingKey === null ||
    tenant.sharingKey !== other.sharingKey ||
    tenant.ports.some((port) => other.ports.includes(port)));

function clashOf(other: Tenant, tenant: Tenant): string {
  if (tenant.sharingKey === null || other.sharingKey === null)
    return `it is in use by "${other.service}", and ${tenant.sharingKey === null ? 'this Service' : 'that one'} has no allow-shared-ip annotation`;
  if (tenant.sharingKey !== other.sharingKey)
    return `it is in use by "${other.service}", whose allow-shared-ip key or backends differ`;
  return `port ${tenant.ports.find((port) => other.ports.includes(port))} on it is in use by "${other.service}"`;
}

/** How many numbers from `first` to `last` have `octet` as their last one. */
function multiplesIn(first: bigint, last: bigint, octet: bigint): bigint {
  const upTo = (n: bigint): bigint => (n < octet ? 0n : (n - octet) / 256n + 1n);
  return upTo(last) - (first === 0n ? 0n : upTo(first - 1n));
}

/** Where the place is, or would be, among places in ascending order. */
function indexOf(places: readonly Place[], place: Place): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] as Place).position < place.position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A binary heap of places, lowest position on top, each at most once. */
class PlaceHeap {
  readonly #heap: Place[] = [];
  readonly #members = new Set<bigint>();

  get top(): Place | undefined {
    return this.#heap[0];
  }

  push(place: Place): void {
    if (this.#members.has(place.value)) return;
    this.#members.add(place.value);
    const heap = this.#heap;
    let i = heap.push(place) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((heap[parent] as Place).position <= place.position) break;
      heap[i] = heap[parent] as Place;
      i = parent;
    }
    heap[i] = place;
  }

  pop(): void {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined) return;
    this.#members.delete(top.value);
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as Place).position < (heap[child] as Place).position) child++;
      if (last.position <= (heap[child] as Place).position) break;
      heap[i] = heap[child] as Place;
      i = child;
    }
    heap[i] = last;
  }
}
