/**
 * The speaker's source without Kubernetes: a folder of manifests, read again whenever it changes.
 *
 * What worked stays in force (docs/decisions.md 24, docs/adr/0007-half-written-files.md): a file that cannot be read, cannot be parsed or
 * was emptied counts as it last was, a faulty object as its last good version; each is said once, with the place and the remedy. Only
 * removing a file, or an object from a file that can be read, removes objects.
 */

import type { Finding } from '../config/problem.ts';
import { findingFields, logFinding } from '../daemon/log-finding.ts';
import { FolderWatcher } from '../io/folder-watcher.ts';
import type { Logger } from '../io/logger.ts';
import { fingerprintOf, manifestFilesOf, readText, reasonOf } from '../io/manifest-files.ts';
import { collectResources } from '../manifest/collect.ts';
import { type ManifestFile, parseManifests } from '../manifest/manifest.ts';
import type { PlanOptions, Snapshot } from '../plan/snapshot.ts';
import { type BuiltSnapshot, buildSnapshot } from '../plan/snapshot-builder.ts';
import type { Clock } from '../time/clock.ts';

export interface FolderSourceOptions {
  /** Files and folders, in the order of precedence: of two objects with one name the later wins. */
  readonly paths: readonly string[];
  readonly planOptions: PlanOptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onSnapshot: (snapshot: Snapshot) => void;
}

export class FolderSource {
  readonly #options: FolderSourceOptions;
  /** What each file last said while it could be understood. */
  #files = new Map<string, ManifestFile>();
  #snapshot: BuiltSnapshot | undefined;
  #said = new Set<string>();
  #watcher: FolderWatcher | undefined;
  #loaded = false;
  #stale = false;

  constructor(options: FolderSourceOptions) {
    this.#options = options;
  }

  /** Reads the folders once and hands out the snapshot, then each later one as it comes. */
  start(): void {
    const { paths, clock } = this.#options;
    // Watching begins before reading: what changes in between is seen as a change.
    this.#watcher = new FolderWatcher({
      paths,
      clock,
      fingerprint: () => fingerprintOf(paths),
      looksHalfWritten: () => this.#list([]).some(endsInsideALine),
      onChange: () => this.#load(),
    });
    this.#load();
  }

  close(): void {
    this.#watcher?.close();
  }

  /** Whether a configuration is in force, and whether the latest reading found a file or an object that it could not use. */
  get health(): { readonly loaded: boolean; readonly stale: boolean } {
    return { loaded: this.#loaded, stale: this.#stale };
  }

  #load(): void {
    const { planOptions, log, onSnapshot } = this.#options;
    const files = new Map<string, ManifestFile>();
    const news: string[] = [];
    this.#stale = false;
    for (const path of this.#list(news)) {
      const file = this.#read(path, news);
      if (file !== undefined) files.set(path, file);
    }
    this.#files = files;
    const { resources, findings } = collectResources([...files.values()], planOptions);
    const snapshot = buildSnapshot(resources, planOptions, this.#snapshot);
    this.#snapshot = snapshot;
    for (const finding of [...findings, ...snapshot.findings]) this.#sayFinding(finding, news);
    this.#said = new Set(news);
    this.#loaded = true;
    log.info({ event: 'configLoaded', files: files.size, services: snapshot.services.length }, 'configuration loaded');
    onSnapshot(snapshot);
  }

  #list(news: string[]): string[] {
    return this.#options.paths.flatMap((path) => {
      try {
        return manifestFilesOf(path);
      } catch (error) {
        this.#complain(news, path, `cannot be read: ${reasonOf(error)}`, 'check that it exists and may be read');
        return [...this.#files.keys()].filter((file) => file === path || file.startsWith(`${path}/`));
      }
    });
  }

  #read(path: string, news: string[]): ManifestFile | undefined {
    const before = this.#files.get(path);
    const text = readText(path);
    if (!text.ok) {
      const { line, message } = text.error;
      this.#complain(
        news,
        line === null ? path : `${path}:${line}:1`,
        `cannot be read: ${message}`,
        'correct the file, or let it be read',
      );
      return before;
    }
    const parsed = parseManifests(path, text.value);
    if (!parsed.ok) {
      const { line, column, message } = parsed.error;
      this.#complain(news, `${path}:${line}:${column}`, message, 'correct the file');
      return before;
    }
    if (parsed.value.documents.length === 0 && before !== undefined && before.documents.length > 0) {
      this.#complain(news, path, 'has become empty', 'remove the file if its objects are to go');
      return before;
    }
    return parsed.value;
  }

  #complain(news: string[], file: string, error: string, help: string): void {
    this.#stale = true;
    this.#say(news, `${file} ${error}`, () =>
      this.#options.log.error(
        { event: 'configFileError', file, error, help },
        'file not understood: what it last said stays in force',
      ),
    );
  }

  #sayFinding(finding: Finding, news: string[]): void {
    if (finding.severity === 'error') this.#stale = true;
    this.#say(news, JSON.stringify(findingFields(finding)), () => logFinding(finding, this.#options.log));
  }

  /** Says what was not already so at the last reading. */
  #say(news: string[], what: string, say: () => void): void {
    if (!this.#said.has(what) && !news.includes(what)) say();
    news.push(what);
  }
}

/** A text file ends with a newline; one that does not may be one whose rest is still on its way. */
function endsInsideALine(path: string): boolean {
  const text = readText(path);
  return text.ok && text.value !== '' && !text.value.endsWith('\n');
}
