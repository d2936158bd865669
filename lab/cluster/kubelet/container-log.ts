/**
 * What a container writes, in a file, one line after the other, each with its time: the format of Kubernetes' container runtimes.
 *
 *     2026-01-02T03:04:05.678901234Z stdout F the line
 *
 * `F` is a full line, `P` a part of one that was too long to wait for its end.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

/** Longer lines are cut into parts of this size. */
const MAX_PART = 16 * 1024;

export type Stream = 'stdout' | 'stderr';

export class ContainerLog {
  readonly #file: number;
  readonly #wallClock: () => Date;
  readonly #rest: Record<Stream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  constructor(path: string, wallClock: () => Date) {
    this.#file = openSync(path, 'a');
    this.#wallClock = wallClock;
  }

  write(stream: Stream, bytes: Buffer): void {
    const all = Buffer.concat([this.#rest[stream], bytes]);
    const time = this.#time();
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, from)) {
      lines.push(Buffer.from(`${time} ${stream} F `), all.subarray(from, end + 1));
      from = end + 1;
    }
    for (; all.length - from >= MAX_PART; from += MAX_PART)
      lines.push(Buffer.from(`${time} ${stream} P `), all.subarray(from, from + MAX_PART), Buffer.from('\n'));
    this.#rest[stream] = all.subarray(from);
    if (lines.length > 0) writeSync(this.#file, Buffer.concat(lines));
  }

  /** Writes what has no end of line, and closes the file. */
  close(): void {
    for (const stream of ['stdout', 'stderr'] as const)
      if (this.#rest[stream].length > 0)
        writeSync(
          this.#file,
          Buffer.concat([Buffer.from(`${this.#time()} ${stream} F `), this.#rest[stream], Buffer.from('\n')]),
        );
    closeSync(this.#file);
  }

  /** As containerd writes it: to the nanosecond, of which this clock knows the thousandths of a second. */
  #time(): string {
    return this.#wallClock().toISOString().replace('Z', '000000Z');
  }
}

export interface LogEntry {
  readonly time: string;
  readonly isPart: boolean;
  readonly text: string;
}

/** One line of the file, without its end. */
export function parseLogLine(line: string): LogEntry | undefined {
  const match = /^(\S+) (?:stdout|stderr) ([FP]) /.exec(line);
  if (match?.[1] === undefined) return undefined;
  return { time: match[1], isPart: match[2] === 'P', text: line.slice(match[0].length) };
}

export interface LogOptions {
  /** So many lines from the end; left out: all. */
  readonly tailLines?: number;
  /** Only what is not older, as RFC 3339. */
  readonly since?: string;
  readonly timestamps: boolean;
}

const textOf = ({ time, isPart, text }: LogEntry, timestamps: boolean): string =>
  `${timestamps ? `${time} ` : ''}${text}${isPart ? '' : '\n'}`;

/** What `kubectl logs` shows of the content of a file. */
export function selectLog(content: string, { tailLines, since, timestamps }: LogOptions): string {
  const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  const entries = content
    .split('\n')
    .map(parseLogLine)
    .filter((entry) => entry !== undefined)
    .filter(({ time }) => Date.parse(time) >= sinceMs);
  const chosen = tailLines === undefined ? entries : entries.slice(Math.max(0, entries.length - tailLines));
  return chosen.map((entry) => textOf(entry, timestamps)).join('');
}
