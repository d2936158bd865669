/** A call that may hang fails in the end. */
import type { Clock } from '../time/clock.ts';
import { KubeError } from './types.ts';

/**
 * Makes a call whose signal is aborted after `ms`, or with the caller's own.
 *
 * @param reason - what the call is told when its time is up.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | null,
  call: (signal: AbortSignal) => Promise<T>,
  reason: () => Error = () => new KubeError('no answer in time', 0, 'Timeout'),
): Promise<T> {
  const timeout = new AbortController();
  const cancel = clock.after(ms, () => timeout.abort(reason()));
  try {
    return await call(signal === null ? timeout.signal : AbortSignal.any([signal, timeout.signal]));
  } finally {
    cancel();
  }
}
