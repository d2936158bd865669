/**
 * One watch, from its beginning to its end, with deadlines: of its whole, and of its silence.
 *
 * The API server ends a watch by itself, and mostly says something every minute, if only a bookmark. A connection that died without a word, and
 * a server that hangs, do neither.
 */
import type { Clock } from '../time/clock.ts';
import { type KubeApi, KubeError, type ResourceType, type Selection, type WatchEvent } from './types.ts';

/** Longer than the minute between two bookmarks: a watch that has spoken and says nothing for this long is ended. */
export const SILENCE_MS = 90_000;
/** The server ends a watch by itself; one that outlives its time by this much is dead. */
const GRACE_MS = 30_000;
/** Its clock and ours may differ by this much. */
const EARLY_MS = 2_000;

export interface WatchOnceOptions {
  readonly api: Pick<KubeApi, 'watch'>;
  readonly type: ResourceType;
  readonly selection: Selection;
  readonly resourceVersion: string;
  readonly clock: Clock;
  /** A watch that has not spoken yet may be silent for this long. */
  readonly firstSilenceMs: number;
  /** In [0, 1): watches that began together must not end together. */
  readonly random: number;
  readonly onEvent: (event: WatchEvent) => void;
  readonly signal: AbortSignal;
}

/** How a watch ended that did not fail. */
export interface WatchEnd {
  /** `early`: before the time that it was asked for, as by a server that stops. */
  readonly type: 'ended' | 'early' | 'silent';
  readonly lastedMs: number;
  readonly heard: number;
}

/** @throws {KubeError} where the watch failed; the signal's reason where that was aborted */
export async function watchOnce(options: WatchOnceOptions): Promise<WatchEnd> {
  const { api, type, selection, resourceVersion, clock, random, signal } = options;
  const timeoutSeconds = 300 + Math.floor(random * 300);
  const began = clock.now();
  const over = new AbortController();
  const silence = new KubeError('the watch is silent', 0, 'SilentWatch');
  const cancelEnd = clock.after(timeoutSeconds * 1_000 + GRACE_MS, () =>
    over.abort(new KubeError('the watch outlived its time without an end', 0, 'EndlessWatch')),
  );
  let cancelSilence = (): void => {};
  const listen = (ms: number): void => {
    cancelSilence();
    cancelSilence = clock.after(ms, () => over.abort(silence));
  };
  let heard = 0;
  const onEvent = (event: WatchEvent): void => {
    heard++;
    listen(SILENCE_MS);
    options.onEvent(event);
  };
  listen(options.firstSilenceMs);
  try {
    const either = AbortSignal.any([signal, over.signal]);
    await api.watch(type, selection, { resourceVersion, timeoutSeconds }, onEvent, either);
    const lastedMs = clock.now() - began;
    return { type: lastedMs < timeoutSeconds * 1_000 - EARLY_MS ? 'early' : 'ended', lastedMs, heard };
  } catch (error) {
    if (error !== silence) throw error;
    return { type: 'silent', lastedMs: clock.now() - began, heard };
  } finally {
    cancelEnd();
    cancelSilence();
  }
}
