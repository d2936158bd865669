/**
 * Whole messages out of a TCP stream, whatever its segmentation (RFC 4271 section 3).
 *
 * A message that lies whole in a chunk is handed out as a view of it; what is left of a chunk is kept in one buffer of the size of the
 * largest message, so that an octet is copied once (twice, where a message is the first to outgrow 4096 octets) and memory is bounded.
 */
import { HEADER_LENGTH, MAX_MESSAGE_LENGTH } from './constants.ts';
import { checkHeader } from './message.ts';

/** Cuts one TCP stream into messages. */
export class Framer {
  /** The longest message that the peer may send now. It may grow between two messages: RFC 8654 is agreed on in the OPENs. */
  maximum = MAX_MESSAGE_LENGTH;
  #held = new Uint8Array(MAX_MESSAGE_LENGTH);
  #length = 0;

  /**
   * Takes the next chunk and yields the messages that it completes, each valid until the next is asked for. A consumer that stops
   * early abandons the connection: the rest of the chunk is lost.
   *
   * @throws {ProtocolError} on a header that cannot be (1/1, 1/2, 1/3).
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    let at = 0;
    while (this.#length > 0) {
      const wanted = this.#length < HEADER_LENGTH ? HEADER_LENGTH : checkHeader(this.#held, this.maximum);
      if (wanted > this.#held.length) this.#grow();
      const taken = chunk.subarray(at, at + wanted - this.#length);
      this.#held.set(taken, this.#length);
      this.#length += taken.length;
      at += taken.length;
      if (this.#length < wanted) return;
      if (checkHeader(this.#held, this.maximum) > this.#length) continue;
      const message = this.#held.subarray(0, this.#length);
      this.#length = 0;
      yield message;
    }
    while (chunk.length - at >= HEADER_LENGTH) {
      const length = checkHeader(chunk.subarray(at), this.maximum);
      if (length > chunk.length - at) break;
      yield chunk.subarray(at, at + length);
      at += length;
    }
    this.#length = chunk.length - at;
    if (this.#length > this.#held.length) this.#grow();
    this.#held.set(chunk.subarray(at), 0);
  }

  #grow(): void {
    const larger = new Uint8Array(this.maximum);
    larger.set(this.#held);
    this.#held = larger;
  }
}
