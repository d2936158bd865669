/** A bounded cursor for decoding network byte order. It knows no protocol: codecs turn its one error into their own. */

/** Thrown by {@link ByteReader}; codecs turn it into their protocol's own error. */
export class TruncatedError extends Error {
  override readonly name = 'TruncatedError';
  readonly offset: number;
  readonly wanted: number;
  constructor(offset: number, wanted: number) {
    super(`need ${wanted} octet(s) at offset ${offset}`);
    this.offset = offset;
    this.wanted = wanted;
  }
}

/** A bounds-checked big-endian cursor over bytes it does not own. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#offset = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  u16(): number {
    const o = this.#take(2);
    return ((this.#bytes[o] as number) << 8) | (this.#bytes[o + 1] as number);
  }

  u32(): number {
    const o = this.#take(4);
    const b = this.#bytes;
    // Not shifted all the way: `<< 24` would make the top bit a sign.
    return (
      (b[o] as number) * 0x100_0000 +
      (((b[o + 1] as number) << 16) | ((b[o + 2] as number) << 8) | (b[o + 3] as number))
    );
  }

  /** A view, not a copy: `slice()` it to keep it past the current message. */
  bytes(length: number): Uint8Array {
    const o = this.#take(length);
    return this.#bytes.subarray(o, o + length);
  }

  /** A view of everything that is left. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** A reader confined to the next `length` octets, which this reader skips. */
  sub(length: number): ByteReader {
    const o = this.#take(length);
    return new ByteReader(this.#bytes, o, o + length);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#end - at) throw new TruncatedError(at, length);
    this.#offset = at + length;
    return at;
  }
}
