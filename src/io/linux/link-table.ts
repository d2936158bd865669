/**
 * The links of this node with their addresses, as RTNETLINK tells of them, and what their changes mean for a connection.
 *
 * Pure. While a dump is under way (at the start, and when messages were lost) the table judges nothing: half a table would report losses that are none.
 */
import { formatIp, type Ip, sameIp } from '../../net/ip.ts';
import { type Prefix, prefixContains } from '../../net/prefix.ts';
import type { NetlinkMessage } from './netlink.ts';

/** The link that a connection runs over, and our address there. */
export interface Attachment {
  readonly index: number;
  readonly name: string;
  readonly address: Ip;
}

interface LinkAddress {
  readonly address: Ip;
  readonly network: Prefix;
  readonly usable: boolean;
}

interface Link {
  name: string;
  up: boolean;
  /** By address and length of its prefix: one address can be there twice. */
  readonly addresses: Map<string, LinkAddress>;
}

export class LinkTable {
  #links = new Map<number, Link>();
  #complete = false;

  /** Everything is about to be told anew. */
  begin(): void {
    this.#links = new Map();
    this.#complete = false;
  }

  /** All that there is has been told. */
  complete(): void {
    this.#complete = true;
  }

  /**
   * Takes a message over.
   *
   * @returns the link that came up by it, or got an address that can be used, by its index; else null.
   */
  apply(message: NetlinkMessage): number | null {
    switch (message.type) {
      case 'link': {
        const link = this.#link(message.index);
        const cameUp = message.up && !link.up;
        link.up = message.up;
        if (message.name !== null) link.name = message.name;
        return cameUp ? message.index : null;
      }
      case 'linkGone':
        this.#links.delete(message.index);
        return null;
      case 'address': {
        const { addresses, up } = this.#link(message.index);
        const key = keyOf(message);
        const news = message.usable && addresses.get(key)?.usable !== true;
        addresses.set(key, { address: message.address, network: message.network, usable: message.usable });
        return news && up ? message.index : null;
      }
      case 'addressGone':
        this.#links.get(message.index)?.addresses.delete(keyOf(message));
        return null;
      case 'neighbor':
      case 'done':
      case 'error':
        return null;
    }
  }

  /** The link that both are on, our end with this address; null where there is none, so that a router is between them, or none is known yet. */
  attachment(local: Ip, remote: Ip): Attachment | null {
    if (!this.#complete) return null;
    for (const [index, { name, addresses }] of this.#links)
      for (const { address, network } of addresses.values())
        if (sameIp(address, local) && prefixContains(network, remote)) return { index, name, address };
    return null;
  }

  /** Whether everything that there is has been told. */
  get isComplete(): boolean {
    return this.#complete;
  }

  /**
   * The link over which two addresses are neighbors: {@link attachment}'s, or one whose subnet has both, as loopback has all of 127.0.0.0/8; null where
   * there is none.
   */
  linkBetween(local: Ip, remote: Ip): Pick<Attachment, 'index' | 'name'> | null {
    const own = this.attachment(local, remote);
    if (own !== null || !this.#complete) return own;
    for (const [index, { name, addresses }] of this.#links)
      for (const { network } of addresses.values())
        if (prefixContains(network, local) && prefixContains(network, remote)) return { index, name };
    return null;
  }

  /** Why nothing can come over that attachment any more, in words; null while it can. */
  loss({ index, name, address }: Attachment): string | null {
    if (!this.#complete) return null;
    const link = this.#links.get(index);
    if (link === undefined) return `interface ${name} is gone`;
    if (!link.up) return `interface ${name} has no carrier or is switched off`;
    for (const mine of link.addresses.values()) if (sameIp(mine.address, address)) return null;
    return `interface ${name} has no address ${formatIp(address)} any more`;
  }

  /** Whether the peer is on this link, and the link is up. */
  reaches(index: number, remote: Ip): boolean {
    const link = this.#links.get(index);
    if (link?.up !== true) return false;
    return [...link.addresses.values()].some(({ network, usable }) => usable && prefixContains(network, remote));
  }

  #link(index: number): Link {
    let link = this.#links.get(index);
    if (link === undefined) {
      link = { name: `${index}`, up: false, addresses: new Map() };
      this.#links.set(index, link);
    }
    return link;
  }
}

const keyOf = ({ address, network }: { readonly address: Ip; readonly network: Prefix }): string =>
  `${formatIp(address)}/${network.length}`;
