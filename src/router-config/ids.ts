/** The names of what belongs to one router. */
import { Names } from './plain-text.ts';

export class Ids {
  readonly #names = new Names();
  readonly #profiles = new Map<string, string>();

  ofPeer(name: string): string {
    return this.#names.claim('METALLB-', name);
  }

  /** The same each time: several groups may have one profile; over several hops it is another one. */
  ofProfile(name: string): string {
    let id = this.#profiles.get(name);
    if (id === undefined) {
      id = this.#names.claim('METALLB-BFD-', name);
      this.#profiles.set(name, id);
    }
    return id;
  }
}
