/**
 * Records of four 32-bit numbers, found by a small number of their own.
 *
 * They lie in pages that come into being where a record is first written, so that many records cost 16 octets each and nothing is
 * ever copied to grow, and few records with high numbers cost a page each and not all that lies below.
 */

const PAGE_BITS = 10;
/** Records of a page. */
export const PAGE_SIZE = 1 << PAGE_BITS;
const IN_PAGE = PAGE_SIZE - 1;

/** Every field is zero until it is written. */
export class Records {
  readonly #pages: (Uint32Array | undefined)[] = [];

  get(id: number, field: 0 | 1 | 2 | 3): number {
    const page = this.#pages[id >>> PAGE_BITS];
    return page === undefined ? 0 : (page[((id & IN_PAGE) << 2) | field] as number);
  }

  set(id: number, field: 0 | 1 | 2 | 3, value: number): void {
    let page = this.#pages[id >>> PAGE_BITS];
    if (page === undefined) page = this.#begin(id >>> PAGE_BITS);
    page[((id & IN_PAGE) << 2) | field] = value;
  }

  /** The numbers of all records of pages that are there; the only ones that may have a field other than zero. */
  *ids(): Generator<number> {
    for (let page = 0; page < this.#pages.length; page++) {
      if (this.#pages[page] === undefined) continue;
      for (let i = 0; i < PAGE_SIZE; i++) yield (page << PAGE_BITS) | i;
    }
  }

  #begin(page: number): Uint32Array {
    const fresh = new Uint32Array(PAGE_SIZE << 2);
    // Without holes: an array with holes is slower to read for ever.
    while (this.#pages.length < page) this.#pages.push(undefined);
    this.#pages[page] = fresh;
    return fresh;
  }
}
