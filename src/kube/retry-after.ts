/** How long a server asks to be left alone, within reason. */
import { KubeError } from './types.ts';

/** Kubernetes asks for seconds. Who asks for more than this is asked again then: nobody can tell us to stop for good. */
const MAX_RETRY_AFTER_MS = 120_000;

/** What a failure says by Retry-After, in milliseconds; 0 where it says nothing. */
export const retryAfterOf = (error: unknown): number =>
  error instanceof KubeError ? Math.min(MAX_RETRY_AFTER_MS, error.retryAfterMs ?? 0) : 0;
