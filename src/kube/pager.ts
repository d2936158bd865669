/**
 * Lists a resource in pages that are bounded in objects and in bytes.
 *
 * 500 Services are a megabyte, and 500 objects of the largest size that etcd takes are 750: so a page asks for as many objects as come to
 * about two megabytes by the size of those before, and one that is too large to be taken is asked for again in smaller pieces. A list that
 * is interrupted (a cut, 429, 500) goes on with the page that failed, as long as its continue token lives; who does not want that
 * calls {@link Pager.restart}.
 */
import { type KubeApi, KubeError, type ListPage, type ResourceType, type Selection } from './types.ts';

const MAX_OBJECTS = 500;
/** What a page should come to: it is read as one text, and taken apart in one go. */
const PAGE_BYTES = 2 * 1024 * 1024;
const SHRINK = 8;

export class Pager {
  readonly #api: Pick<KubeApi, 'list'>;
  readonly #type: ResourceType;
  #limit = MAX_OBJECTS;
  #continueToken = '';

  constructor(api: Pick<KubeApi, 'list'>, type: ResourceType) {
    this.#api = api;
    this.#type = type;
  }

  /** The next page, or the first. @throws {KubeError} as the API does */
  async next(selection: Selection, signal: AbortSignal): Promise<ListPage> {
    for (;;) {
      const limit = this.#limit;
      try {
        const options = { limit, ...(this.#continueToken === '' ? {} : { continueToken: this.#continueToken }) };
        const page = await this.#api.list(this.#type, selection, options, signal);
        this.#continueToken = page.continueToken;
        this.#learn(page);
        return page;
      } catch (error) {
        if (!(error instanceof KubeError && error.reason === 'TooLarge') || limit === 1) throw error;
        this.#limit = Math.max(1, Math.floor(limit / SHRINK));
      }
    }
  }

  /** The next page is the first again. */
  restart(): void {
    this.#continueToken = '';
  }

  #learn({ items, bytes }: ListPage): void {
    if (bytes === undefined || items.length === 0) return;
    const fitting = Math.floor((PAGE_BYTES * items.length) / Math.max(1, bytes));
    this.#limit = Math.min(MAX_OBJECTS, Math.max(1, fitting));
  }
}
