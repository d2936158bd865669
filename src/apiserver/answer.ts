/** Answers in one piece: JSON, and refusals as Status. */
import { ApiError } from './status.ts';
import type { ApiResponse } from './types.ts';

/** RFC 9110's `Warning` of old, by which Kubernetes tells clients what it thinks: one field, bounded. */
export const warningHeader = (warnings: readonly string[]): string =>
  warnings
    .slice(0, 10)
    .map(
      (text) =>
        `299 - "${text
          .replace(/[^\x20-\x7e]/g, '?')
          .slice(0, 256)
          .replace(/["\\]/g, '\\$&')}"`,
    )
    .join(', ');

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
      : new ApiError(
          500,
          'InternalError',
          `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
        );
  const response = json(refusal.code, refusal.toStatus());
  const seconds = refusal.details?.retryAfterSeconds;
  return seconds === undefined
    ? response
    : { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } };
}
