/** The counterpart of `reader.ts`: a bounded big-endian writer over one buffer that is reused from message to message. */

/** Thrown when a message would outgrow its bound: the caller packs less, so this reaches nobody outside of a codec. */
export class OverflowError extends Error {
  override readonly name = 'OverflowError';
  constructor(limit: number) {
    super(`message would be longer than ${limit} octets`);
  }
}

/** A bounds-checked big-endian cursor over its own buffer of fixed size. */
export class ByteWriter {
  readonly #bytes: Uint8Array;
  #offset = 0;

  /** @param limit - the largest message, in octets. */
  constructor(limit: number) {
    this.#bytes = new Uint8Array(limit);
  }

  get length(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(value: number): void {
    this.#bytes[this.#take(1)] = value;
  }

  u16(value: number): void {
    const o = this.#take(2);
    this.#bytes[o] = value >>> 8;
    this.#bytes[o + 1] = value;
  }

  u32(value: number): void {
    const o = this.#take(4);
    this.#bytes[o] = value >>> 24;
    this.#bytes[o + 1] = value >>> 16;
    this.#bytes[o + 2] = value >>> 8;
    this.#bytes[o + 3] = value;
  }

  bytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#take(value.length));
  }

  /** Leaves room for a length that is known later; {@link patchU16} fills it in. */
  skip(length: number): number {
    const o = this.#take(length);
    this.#bytes.fill(0, o, o + length);
    return o;
  }

  patchU8(offset: number, value: number): void {
    this.#bytes[offset] = value;
  }

  patchU16(offset: number, value: number): void {
    this.#bytes[offset] = value >>> 8;
    this.#bytes[offset + 1] = value;
  }

  /** Forgets everything from `offset` on, to take back what did not fit. */
  rewind(offset: number): void {
    this.#offset = offset;
  }

  /** A copy of what was written, which the caller owns. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#offset);
  }

  /** A view of what was written, valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#offset);
  }

  reset(): void {
    this.#offset = 0;
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#bytes.length - at) throw new OverflowError(this.#bytes.length);
    this.#offset = at + length;
    return at;
  }
}
