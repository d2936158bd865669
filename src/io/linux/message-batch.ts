/**
 * Where datagrams go, several with one call, each with its sender and what the kernel says of it.
 *
 * One block of memory that does not move, since the kernel is given addresses in it: the headers (struct mmsghdr of 64-bit Linux: name and its length,
 * iovec and how many, control and its length, flags; then the length of what came), and for each an iovec, the name, the control messages and the octets.
 */
import { addressOf, receiveMessages } from './libc.ts';

const HEADER = 64;
/** Of a header, in words of 32 bits. */
const WORD = { nameLength: 2, controlLength: 10, flags: 12, length: 14 } as const;
const WORDS = HEADER / 4;
const IOVEC = 16;
/** Room for struct sockaddr_in6. */
const NAME = 32;
const CONTROL = 128;

export class MessageBatch {
  /** The whole block, for who reads control messages. */
  readonly view: DataView;
  readonly #size: number;
  readonly #capacity: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array;
  /** Views of the octets: most datagrams are as long as the one before them. */
  readonly #data: Uint8Array[] = [];
  /** Slots that something came in last time. */
  #used = 0;

  /**
   * @param size - datagrams at a time.
   * @param capacity - octets of a datagram that are kept, a multiple of 8; the rest is lost.
   */
  constructor(size: number, capacity: number) {
    this.#size = size;
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(new ArrayBuffer(size * (HEADER + IOVEC + NAME + CONTROL + capacity)));
    this.#words = new Uint32Array(this.#bytes.buffer);
    this.view = new DataView(this.#bytes.buffer);
    const base = addressOf(this.#bytes);
    for (let i = 0; i < size; i++) {
      const put = (at: number, value: number | bigint): void => this.view.setBigUint64(at, BigInt(value), true);
      put(i * HEADER, base + BigInt(this.#nameAt(i)));
      put(i * HEADER + 16, base + BigInt(this.#iovecAt(i)));
      put(i * HEADER + 24, 1);
      put(i * HEADER + 32, base + BigInt(this.controlAt(i)));
      put(this.#iovecAt(i), base + BigInt(this.#dataAt(i)));
      put(this.#iovecAt(i) + 8, capacity);
      this.#data.push(this.#bytes.subarray(this.#dataAt(i), this.#dataAt(i)));
      this.#renew(i);
    }
  }

  /**
   * Receives what waits, as many as there is room for. What came before is void.
   *
   * @returns how many.
   * @throws {SystemError}
   */
  receive(fd: number): number {
    for (let i = 0; i < this.#used; i++) this.#renew(i);
    this.#used = 0;
    this.#used = receiveMessages(fd, this.#bytes, this.#size);
    return this.#used;
  }

  /** What arrived. */
  data(i: number): Uint8Array {
    const length = this.#words[i * WORDS + WORD.length] as number;
    let data = this.#data[i] as Uint8Array;
    if (data.length !== length) {
      data = this.#bytes.subarray(this.#dataAt(i), this.#dataAt(i) + length);
      this.#data[i] = data;
    }
    return data;
  }

  /** The raw `struct sockaddr` of the sender. */
  name(i: number): Uint8Array {
    return this.#bytes.subarray(this.#nameAt(i), this.#nameAt(i) + NAME);
  }

  /** Octets of the block: of addresses in control messages. */
  octets(at: number, length: number): Uint8Array {
    return this.#bytes.subarray(at, at + length);
  }

  /** Where in the block the control messages begin, and where they end. */
  controlAt(i: number): number {
    return this.#nameAt(i) + NAME;
  }

  controlEnd(i: number): number {
    return this.controlAt(i) + (this.#words[i * WORDS + WORD.controlLength] as number);
  }

  /** The kernel has written over how much room there is. */
  #renew(i: number): void {
    this.#words[i * WORDS + WORD.nameLength] = NAME;
    this.#words[i * WORDS + WORD.controlLength] = CONTROL;
    this.#words[i * WORDS + WORD.flags] = 0;
  }

  #iovecAt(i: number): number {
    return this.#size * HEADER + i * (IOVEC + NAME + CONTROL + this.#capacity);
  }

  #nameAt(i: number): number {
    return this.#iovecAt(i) + IOVEC;
  }

  #dataAt(i: number): number {
    return this.controlAt(i) + CONTROL;
  }
}
