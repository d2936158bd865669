/**
 * Prefixes by the Services that share them, and what is to be said of those that Services want with different LOCAL_PREFs
 * (`merged-local-pref.ts`). As long as all advertisements want one LOCAL_PREF, nothing is kept.
 */
import type { AssignedService, NodeView } from '../../announce/bgp.ts';
import { NO_ENDPOINTS, type ServiceEndpoints } from '../../cluster/endpoints.ts';
import { compareText } from '../../compare-text.ts';
import type { Config } from '../../config/config.ts';
import type { Finding } from '../../config/problem.ts';
import type { Prefix } from '../../net/prefix.ts';
import { isInternal, prefersSome, prefixesOf, sharedPrefixFindings } from '../merged-local-pref.ts';
import type { FindingsLedger } from './change.ts';

interface Shared {
  readonly prefix: Prefix;
  /** Keys of Services. */
  readonly sharers: Set<string>;
  /** How many of them are advertised by which advertisements. */
  readonly audiences: Map<AssignedService['audience'], number>;
}

type Services = ReadonlyMap<string, { readonly assigned: AssignedService; readonly endpoints: ServiceEndpoints }>;

const NONE: readonly Finding[] = [];

export class SharedPrefixes {
  readonly #namespace: string;
  readonly #services: Services;
  readonly #views: () => readonly NodeView[];
  #internal: readonly NodeView[] | null = null;
  #kept = false;
  /** By the text of the prefix. */
  readonly #prefixes = new Map<string, Shared>();
  /** Those whose Services are not all advertised alike. */
  readonly #disputable = new Set<string>();
  readonly #findings = new Map<string, readonly Finding[]>();
  readonly #touched = new Set<string>();

  /**
   * @param services - as they are: one that changes is to be {@link remove}d as it was and {@link add}ed as it is.
   * @param views - all nodes, by name.
   */
  constructor(namespace: string, services: Services, views: () => readonly NodeView[]) {
    this.#namespace = namespace;
    this.#services = services;
    this.#views = views;
  }

  configure({ bgpAdvertisements }: Config): void {
    const kept = prefersSome(bgpAdvertisements);
    if (kept === this.#kept) return;
    this.#kept = kept;
    this.#prefixes.clear();
    this.#disputable.clear();
    for (const text of this.#findings.keys()) this.#touched.add(text);
    for (const [key, { assigned }] of this.#services) this.add(key, assigned);
  }

  nodesAreOthers(): void {
    this.#internal = null;
    for (const text of this.#disputable) this.#touched.add(text);
  }

  add(key: string, assigned: AssignedService): void {
    if (!this.#kept) return;
    const { audience } = assigned;
    for (const [text, prefix] of prefixesOf(assigned)) {
      let shared = this.#prefixes.get(text);
      if (shared === undefined) {
        shared = { prefix, sharers: new Set(), audiences: new Map() };
        this.#prefixes.set(text, shared);
      }
      shared.sharers.add(key);
      shared.audiences.set(audience, (shared.audiences.get(audience) ?? 0) + 1);
      this.#touch(text, shared);
    }
  }

  remove(key: string, assigned: AssignedService): void {
    if (!this.#kept) return;
    const { audience } = assigned;
    for (const text of prefixesOf(assigned).keys()) {
      const shared = this.#prefixes.get(text);
      if (shared === undefined) continue;
      shared.sharers.delete(key);
      const left = (shared.audiences.get(audience) ?? 0) - 1;
      if (left > 0) shared.audiences.set(audience, left);
      else shared.audiences.delete(audience);
      if (shared.sharers.size === 0) this.#prefixes.delete(text);
      this.#touch(text, shared);
    }
  }

  /** Judges what was touched since the last time. */
  judge(ledger: FindingsLedger): void {
    for (const text of this.#touched) {
      const before = this.#findings.get(text) ?? NONE;
      const after = this.#judge(this.#disputable.has(text) ? this.#prefixes.get(text) : undefined);
      if (after.length === 0) this.#findings.delete(text);
      else this.#findings.set(text, after);
      ledger.replace(before, after);
    }
    this.#touched.clear();
  }

  /** In the order of a plan's. */
  get findings(): readonly Finding[] {
    return [...this.#findings].sort(([a], [b]) => compareText(a, b)).flatMap(([, findings]) => findings);
  }

  #touch(text: string, { audiences }: Shared): void {
    if (audiences.size > 1) this.#disputable.add(text);
    else if (!this.#disputable.delete(text)) return;
    this.#touched.add(text);
  }

  #judge(shared: Shared | undefined): readonly Finding[] {
    if (shared === undefined) return NONE;
    this.#internal ??= this.#views().filter(isInternal);
    const { prefix, sharers, audiences } = shared;
    return sharedPrefixFindings(
      {
        prefix,
        audiences: audiences.keys(),
        sharers: () => [...sharers].sort(compareText).flatMap((key) => this.#services.get(key)?.assigned ?? []),
      },
      this.#internal,
      (key) => this.#services.get(key)?.endpoints ?? NO_ENDPOINTS,
      this.#namespace,
    );
  }
}
