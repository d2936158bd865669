/**
 * Faults that a test wants the API server to have. A rule is asked at each request and says what goes wrong with it; what concerns the whole server
 * (no connection is taken, all are cut, an older state comes back) is told to the server itself.
 */
import type { RequestInfo } from '../request/info.ts';
import { ApiError } from '../status.ts';

export type Fault =
  /** The answer comes later. */
  | { readonly type: 'latency'; readonly ms: number }
  /** A refusal instead of an answer: 429, 500, 503 … The request is not carried out. */
  | {
      readonly type: 'status';
      readonly code: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /**
   * The connection ends after so many octets of the answer's body, which may be in the middle of an object; 0: before any of it.
   * The request is carried out, and its client does not learn so.
   */
  | { readonly type: 'cut'; readonly afterBytes: number }
  /** A watch that is taken and never says anything, bookmarks neither. */
  | { readonly type: 'silent' };

/** Says what goes wrong with a request; null: nothing. */
export type FaultRule = (info: RequestInfo, userAgent: string) => Fault | null;

const REASONS: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The refusal that a fault stands for. */
export const refusalOf = ({ code, reason, message, retryAfterSeconds }: Extract<Fault, { type: 'status' }>): ApiError =>
  new ApiError(
    code,
    reason ?? REASONS[code] ?? 'Unknown',
    message ?? `injected fault: ${code}`,
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );
