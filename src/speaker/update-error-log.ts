/**
 * What was wrong with a router's UPDATEs, in the log (RFC 7606 section 8): the attribute, what was done, and the octets to show its maker. A router
 * that sends one such UPDATE sends thousands, so each kind has a line per interval; the metrics count them all.
 */
import type { UpdateError } from '../bgp/packet/update-error.ts';
import { attributeNameOf } from '../bgp/update-error-counts.ts';
import type { Logger } from '../io/logger.ts';
import type { Clock } from '../time/clock.ts';
import { RateLimit } from '../time/rate-limit.ts';
import { toHex } from '../wire/hex.ts';

const INTERVAL_MS = 10_000;
/** Of the octets; `length` says how many there are. */
const MAX_OCTETS = 64;

/** Writes the errors of one peer. */
export class UpdateErrorLog {
  readonly #log: Logger;
  readonly #limit: RateLimit;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#limit = new RateLimit(clock, INTERVAL_MS);
  }

  write(error: UpdateError): void {
    const attribute = attributeNameOf(error);
    const suppressed = this.#limit.pass(`${error.action} ${attribute}`);
    if (suppressed === null) return;
    this.#log.warn(
      {
        event: 'updateError',
        action: error.action,
        attribute,
        error: error.message,
        hex: toHex(error.data.subarray(0, MAX_OCTETS)),
        length: error.data.length,
        ...(suppressed === 0 ? {} : { suppressed }),
      },
      'BGP UPDATE error',
    );
  }
}
