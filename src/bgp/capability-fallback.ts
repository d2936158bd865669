/**
 * What to leave out of an OPEN that an old speaker refuses (RFC 5492 section 3), remembered for the peer.
 *
 * Unsupported Optional Parameter (2/4) comes from a speaker that knows no capabilities at all. Unsupported Capability (2/7) means by RFC 5492
 * section 5 that the peer misses one, but there are speakers that answer one so that they cannot read; without those that we can do without there
 * is a session with them. Where the smaller OPEN is refused too it was something else, and from then on everything is offered again.
 */
import { ErrorCode, type Family, IPV4_UNICAST, OpenSubcode, sameFamily } from './packet/constants.ts';
import type { Notification } from './packet/notification.ts';

/** `all` that we can; the `essential` ones, families and four-octet AS numbers; `none`, an OPEN without optional parameters. */
export type CapabilityOffer = 'all' | 'essential' | 'none';

/** The offer of the next OPEN to one peer. */
export class CapabilityFallback {
  readonly #families: readonly Family[];
  #offer: CapabilityOffer = 'all';
  #inVain = false;

  constructor(families: readonly Family[]) {
    this.#families = families;
  }

  get offer(): CapabilityOffer {
    return this.#offer;
  }

  /** The peer answered our OPEN with this NOTIFICATION. */
  refused({ code, subcode }: Notification): void {
    if (code !== ErrorCode.OpenMessage) return;
    if (this.#offer !== 'all') {
      this.#inVain = true;
      this.#offer = 'all';
    } else if (!this.#inVain) this.#offer = this.#lessFor(subcode);
  }

  /** An operator's start: the peer may be another one by now. */
  reset(): void {
    this.#offer = 'all';
    this.#inVain = false;
  }

  #lessFor(subcode: number): CapabilityOffer {
    if (subcode === OpenSubcode.UnsupportedCapability) return 'essential';
    if (subcode !== OpenSubcode.UnsupportedOptionalParameter) return 'all';
    // Who says nothing of families speaks IPv4 unicast (RFC 4760 section 8): no other session is to be had without capabilities.
    return this.#families.some((family) => sameFamily(family, IPV4_UNICAST)) ? 'none' : 'essential';
  }
}
