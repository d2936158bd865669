/** The Pod that a process is, as the owner of what it makes: so the cluster removes with the Pod what nobody vouches for any more. */

import { withDeadline } from '../../kube/deadline.ts';
import { POD } from '../../kube/resource-types.ts';
import { retryAfterOf } from '../../kube/retry-after.ts';
import { type KubeApi, KubeError, type ObjectKey, type OwnerReference } from '../../kube/types.ts';
import { backoffMs } from '../../time/backoff.ts';
import type { Clock } from '../../time/clock.ts';
import { pause } from '../../time/pause.ts';

export interface OwnPodOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** The Pod could not be read, for so many times now, and is asked for again. */
  readonly onError: (error: unknown, failures: number) => void;
}

const BACKOFF = { initialMs: 500, maxMs: 30_000 };
const REQUEST_TIMEOUT_MS = 10_000;

/** Resolves when it is known; null: there is no such Pod, or the signal was aborted. */
export async function ownPod(key: ObjectKey, options: OwnPodOptions): Promise<OwnerReference | null> {
  const { api, clock, random, signal, onError } = options;
  if (key.name === '') return null;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      const { metadata } = await withDeadline(clock, REQUEST_TIMEOUT_MS, signal, (ended) => api.get(POD, key, ended));
      return metadata.uid === undefined ? null : { apiVersion: 'v1', kind: 'Pod', name: key.name, uid: metadata.uid };
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return null;
      if (!signal.aborted) onError(error, failures);
      await pause(clock, Math.max(backoffMs(BACKOFF, failures, random()), retryAfterOf(error)), signal);
    }
  }
  return null;
}
