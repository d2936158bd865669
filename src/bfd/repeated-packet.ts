/**
 * The packet that a session has taken last, for as long as the same one again would change nothing but the time. A neighbor whose session is Up says the
 * same 24 octets again and again: to know them by sight is all the work that they need.
 */
import { MANDATORY_LENGTH } from './packet.ts';

export class RepeatedPacket {
  readonly #octets = new Uint8Array(MANDATORY_LENGTH);
  #detectionTimeMs: number | null = null;

  /** The Detection Time that it begins anew; null where there is no packet. */
  get detectionTimeMs(): number | null {
    return this.#detectionTimeMs;
  }

  /** @param octets - of a packet that has passed every check; one of another length is not remembered. */
  remember(octets: Uint8Array, detectionTimeMs: number | null): void {
    if (octets.length !== MANDATORY_LENGTH) return;
    this.#octets.set(octets);
    this.#detectionTimeMs = detectionTimeMs;
  }

  forget(): void {
    this.#detectionTimeMs = null;
  }

  is(octets: Uint8Array): boolean {
    if (octets.length !== MANDATORY_LENGTH) return false;
    for (let i = 0; i < MANDATORY_LENGTH; i++) if (octets[i] !== this.#octets[i]) return false;
    return true;
  }
}
