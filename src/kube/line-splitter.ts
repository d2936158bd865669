/** A stream of bytes as lines: what a watch is made of. */
import { StringDecoder } from 'node:string_decoder';

/** Splits at newlines across chunks; characters that a chunk cuts through stay whole. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #maxLength: number;
  #parts: string[] = [];
  #length = 0;

  /** @param maxLength - of a line, in UTF-16 units. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Whether the stream stopped in the middle of a line. */
  get isInsideLine(): boolean {
    return this.#length > 0;
  }

  /**
   * The lines that a chunk completes, without empty ones.
   * @throws {RangeError} where a line is longer than allowed.
   */
  take(chunk: Buffer): readonly string[] {
    const text = this.#decoder.write(chunk);
    const lines: string[] = [];
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.#add(text.slice(from, at));
      const line = this.#parts.join('');
      this.#parts = [];
      this.#length = 0;
      if (line !== '') lines.push(line);
      from = at + 1;
    }
    this.#add(text.slice(from));
    return lines;
  }

  #add(part: string): void {
    if (part === '') return;
    this.#length += part.length;
    if (this.#length > this.#maxLength) throw new RangeError(`a line of more than ${this.#maxLength} characters`);
    this.#parts.push(part);
  }
}
