/**
 * Reads what comes to a socket, several datagrams with one call.
 *
 * All of it is of the thread that opened it, and nothing blocks. A descriptor is the process's, though: what a thread that dies leaves open, somebody
 * else has to close, and so opening and closing are told.
 */
import type { Clock } from '../../time/clock.ts';
import * as libc from './libc.ts';
import type { MessageBatch } from './message-batch.ts';

/** Datagrams read before the event loop turns: timers have their turn under any flood. */
export const BATCH = 64;
/** Datagrams that come within this time of each other are read together: to be woken for each costs more than all the rest. */
const TOGETHER_MS = 4;

/** Told of descriptors: one that was opened, and one that is about to be closed. */
export interface DescriptorLedger {
  opened(fd: number): void;
  closing(fd: number): void;
}

/** What each receiver needs of its thread. */
export interface ReceiverSurroundings {
  readonly clock: Clock;
  /** Calls back in a few milliseconds, with whatever else is to be done then. */
  readonly soon: (fn: () => void) => void;
  readonly ledger: DescriptorLedger;
  /** The socket is of no more use; it is closed by then. */
  readonly failed: (error: libc.SystemError) => void;
}

export class BatchReceiver {
  readonly #fd: number;
  readonly #batch: MessageBatch;
  readonly #surroundings: ReceiverSurroundings;
  readonly #take: (i: number) => void;
  /** Null once it is closed. */
  #watch: libc.PollWatch | null;
  #wokenAt = Number.NEGATIVE_INFINITY;

  /**
   * @param batch - of {@link BATCH} datagrams.
   * @param take - is given the place of each datagram in the batch, where it is valid until this returns.
   */
  constructor(fd: number, batch: MessageBatch, surroundings: ReceiverSurroundings, take: (i: number) => void) {
    this.#fd = fd;
    this.#batch = batch;
    this.#surroundings = surroundings;
    this.#take = take;
    this.#watch = libc.watchReadable(fd, () => this.#wake());
  }

  /** Hands in what waits, at most so many datagrams. */
  read(limit = BATCH): void {
    this.#read(limit);
  }

  close(): void {
    if (this.#watch === null) return;
    this.#watch.close();
    this.#watch = null;
    this.#surroundings.ledger.closing(this.#fd);
    libc.close(this.#fd);
  }

  #wake(): void {
    const { clock, soon } = this.#surroundings;
    this.#read(BATCH);
    const now = clock.now();
    const often = now - this.#wokenAt < TOGETHER_MS;
    this.#wokenAt = now;
    if (!often || this.#watch === null) return;
    this.#watch.pause();
    soon(this.#readTogether);
  }

  /** As long as something comes, it is looked for; then the kernel is to say when. */
  readonly #readTogether = (): void => {
    if (this.#watch === null) return;
    const read = this.#read(BATCH);
    if (this.#watch === null) return;
    if (read > 0 && read < BATCH) this.#surroundings.soon(this.#readTogether);
    else this.#watch.resume();
  };

  /** @returns how many were read. */
  #read(limit: number): number {
    let read = 0;
    try {
      while (read < limit && this.#watch !== null) {
        const count = this.#batch.receive(this.#fd);
        read += count;
        for (let i = 0; i < count; i++) this.#take(i);
        if (count < BATCH) break;
      }
    } catch (error) {
      if (!(error instanceof libc.SystemError)) throw error;
      this.close();
      this.#surroundings.failed(error);
    }
    return read;
  }
}
