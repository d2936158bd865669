/** How many errors of which kind a peer's UPDATEs had, over the life of the peer (RFC 7606 section 8). */
import type { ErrorAction } from './packet/attribute.ts';
import { codecOf } from './packet/attribute-registry.ts';
import type { UpdateError } from './packet/update-error.ts';

/** One error counts once in each of the two. */
export interface UpdateErrorCounts {
  readonly byAction: Readonly<Record<ErrorAction, number>>;
  /** By {@link attributeNameOf}; kinds that never occurred are absent. */
  readonly byAttribute: Readonly<Record<string, number>>;
}

/** What an error was found in: `AS_PATH`, `attribute 99` of one that is not understood, `message` where it is no attribute's. */
export function attributeNameOf({ attribute }: Pick<UpdateError, 'attribute'>): string {
  return attribute === null ? 'message' : (codecOf(attribute)?.name ?? `attribute ${attribute}`);
}

/** Counts as long as it lives. Attribute codes are octets, so that what a peer invents is bounded. */
export class UpdateErrorCounter {
  readonly #byAction: Record<ErrorAction, number> = {
    'session-reset': 0,
    'afi-safi-disable': 0,
    'treat-as-withdraw': 0,
    'attribute-discard': 0,
  };
  readonly #byAttribute: Record<string, number> = {};

  count(error: UpdateError): void {
    const name = attributeNameOf(error);
    this.#byAction[error.action]++;
    this.#byAttribute[name] = (this.#byAttribute[name] ?? 0) + 1;
  }

  /** A copy. */
  get counts(): UpdateErrorCounts {
    return { byAction: { ...this.#byAction }, byAttribute: { ...this.#byAttribute } };
  }
}
