/** Who asked for what how often, and what it came to: the benches and tests count writes here. */
import type { RequestInfo } from '../request/info.ts';

export interface RequestCount {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  /** The first word of the client's User-Agent. */
  readonly userAgent: string;
  readonly fieldManager: string;
  /** HTTP status. */
  readonly code: number;
  readonly count: number;
  /** Of these, writes that changed something. */
  readonly changed: number;
}

/** Different ones beyond this many are counted together. */
const MAX_KINDS = 2000;

export class RequestStats {
  #counts = new Map<string, { -readonly [field in keyof RequestCount]: RequestCount[field] }>();

  count(info: RequestInfo, userAgentHeader: string, code: number): void {
    const userAgent = userAgentHeader.split('/')[0] ?? '';
    const { verb, group, resource, subresource, fieldManager, changed } = info;
    const named = { verb, group, resource, subresource, userAgent, fieldManager, code };
    const key = JSON.stringify(Object.values(named));
    const full = this.#counts.size >= MAX_KINDS && !this.#counts.has(key);
    const count = this.#counts.get(full ? '' : key) ?? {
      ...(full
        ? { verb: 'other', group: '', resource: '', subresource: '', userAgent: '', fieldManager: '', code: 0 }
        : named),
      count: 0,
      changed: 0,
    };
    count.count++;
    if (changed) count.changed++;
    this.#counts.set(full ? '' : key, count);
  }

  list(): readonly RequestCount[] {
    return [...this.#counts.values()].map((count) => ({ ...count }));
  }

  reset(): void {
    this.#counts = new Map();
  }
}
