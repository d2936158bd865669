/**
 * Watches files and folders and says when they have changed and come to rest (docs/adr/0007-half-written-files.md).
 *
 * The kernel's notifications only wake a look at the list of files with their sizes and times; a slow poll looks as well, for network
 * mounts and for the symlink swap by which a ConfigMap volume changes, which notifications miss.
 */
import { type FSWatcher, watch } from 'node:fs';
import type { Clock } from '../time/clock.ts';

/** Nothing may have changed for this long before the files are read. */
const SETTLE_MS = 100;
/** And for this long where it looks as if somebody were still writing. */
const HALF_WRITTEN_SETTLE_MS = 1_000;
const POLL_MS = 2_000;

export interface FolderWatcherOptions {
  readonly paths: readonly string[];
  /** A text that differs whenever any file was added, edited or removed. */
  readonly fingerprint: () => string;
  /** Whether what is there now looks half-written: then it gets more time, but not for ever. */
  readonly looksHalfWritten: () => boolean;
  readonly onChange: () => void;
  readonly clock: Clock;
}

export class FolderWatcher {
  readonly #options: FolderWatcherOptions;
  readonly #watchers: FSWatcher[] = [];
  #seen: string;
  #cancelSettle: (() => void) | undefined;
  #cancelPoll: (() => void) | undefined;

  constructor(options: FolderWatcherOptions) {
    this.#options = options;
    this.#seen = options.fingerprint();
    for (const path of options.paths) this.#watch(path);
    this.#poll();
  }

  close(): void {
    this.#cancelSettle?.();
    this.#cancelPoll?.();
    for (const watcher of this.#watchers) watcher.close();
  }

  #watch(path: string): void {
    try {
      const watcher = watch(path, { recursive: true, persistent: false }, () => this.#look());
      watcher.on('error', () => watcher.close()); // the folder is gone: the poll goes on
      this.#watchers.push(watcher);
    } catch {
      // Not watchable (no inotify, no such path yet): the poll alone finds changes.
    }
  }

  #poll(): void {
    this.#cancelPoll = this.#options.clock.after(POLL_MS, () => {
      this.#look();
      this.#poll();
    });
  }

  /** Starts, or starts again, the time of rest; at its end the files either differ from what was seen, or do not. */
  #look(): void {
    const now = this.#options.fingerprint();
    if (now !== this.#seen || this.#cancelSettle !== undefined) this.#rest(now, SETTLE_MS);
  }

  #rest(now: string, ms: number): void {
    this.#cancelSettle?.();
    this.#cancelSettle = this.#options.clock.after(ms, () => {
      this.#cancelSettle = undefined;
      const settled = this.#options.fingerprint();
      if (settled !== now) return this.#look();
      if (settled === this.#seen) return;
      if (ms < HALF_WRITTEN_SETTLE_MS && this.#options.looksHalfWritten())
        return this.#rest(now, HALF_WRITTEN_SETTLE_MS);
      this.#seen = settled;
      this.#options.onChange();
    });
  }
}
