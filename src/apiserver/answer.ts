/** Answers in one piece: JSON, and refusals as Status. */
import { errorMessage } from '../error-message.ts';
import { ApiError } from './status.ts';
import type { ApiResponse } from './types.ts';

/**
 * The answer with warnings, by RFC 7234's `Warning`, by which Kubernetes tells clients what it thinks: one field, bounded.
 * A list that came with the answer goes on.
 */
export function warned<R extends { readonly headers: Readonly<Record<string, string>> }>(
  response: R,
  warnings: readonly string[],
): R {
  if (warnings.length === 0) return response;
  const { warning } = response.headers;
  const texts = warnings.slice(0, MAX_WARNINGS).map(warningText);
  const header = [...(warning === undefined ? [] : [warning]), ...texts].join(', ');
  return { ...response, headers: { ...response.headers, warning: header } };
}

const MAX_WARNINGS = 10;
const MAX_WARNING_LENGTH = 256;

/** Quoted, and of ASCII alone, as a header must be. */
const warningText = (text: string): string =>
  `299 - "${text
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, MAX_WARNING_LENGTH)
    .replace(/["\\]/g, '\\$&')}"`;

export const json = (status: number, value: unknown): ApiResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** The answer to what went wrong; anything but a refusal is a bug and says so. */
export function failure(error: unknown): ApiResponse {
  const refusal =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalError', `Internal error occurred: ${errorMessage(error)}`);
  const response = json(refusal.code, refusal.toStatus());
  const seconds = refusal.details?.retryAfterSeconds;
  return seconds === undefined
    ? response
    : { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } };
}
