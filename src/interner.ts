/**
 * One object for all that say the same, by a text of what they say. What is remembered is bounded: when there is more than is likely to be in use, it
 * begins anew, which costs memory and comparisons and nothing else.
 */
export class Interner<T> {
  readonly #known = new Map<string, T>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** @param make - called where nothing is remembered for the text. */
  of(text: string, make: () => T): T {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#max) this.#known.clear();
    const made = make();
    this.#known.set(text, made);
    return made;
  }
}
