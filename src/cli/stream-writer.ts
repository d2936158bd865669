/** Writes much text to a stream, no faster than it is taken. */
import type { Output } from './io.ts';

const CHUNK = 1 << 16;

/**
 * Collects text to large chunks and waits where the stream is full. Producers call {@link write} for each piece, which costs nearly
 * nothing, and await {@link flush} whenever {@link isFull} says so.
 */
export class StreamWriter {
  readonly #stream: Output;
  #parts: string[] = [];
  #length = 0;
  #closed = false;

  constructor(stream: Output) {
    this.#stream = stream;
  }

  /** Whether nobody reads any more: what is written from here on is lost, and need not be made. */
  get closed(): boolean {
    return this.#closed;
  }

  get isFull(): boolean {
    return this.#length >= CHUNK;
  }

  write(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }

  /** Hands everything to the stream, and returns when it takes more. */
  async flush(): Promise<void> {
    const text = this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    if (text === '' || this.#closed) return;
    const stream = this.#stream as Output & { readonly destroyed?: boolean };
    const taken = stream.write(text);
    if (stream.destroyed === true) this.#closed = true;
    if (taken || this.#closed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.removeListener('drain', done);
        stream.removeListener('close', lost);
        stream.removeListener('error', lost);
        resolve();
      };
      const lost = (): void => {
        this.#closed = true;
        done();
      };
      stream.on('drain', done);
      stream.on('close', lost);
      stream.on('error', lost);
    });
  }
}
