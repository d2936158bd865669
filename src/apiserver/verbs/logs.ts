/** The `log` subresource of Pods. Lines come from a provider that somebody registers; what kubectl asks for of them is decided here. */
import { listAt, textAt } from '../json.ts';
import { flagOption, numberOption } from '../request/options.ts';
import { ApiError, badRequest } from '../status.ts';
import type { ApiObject, ApiResponse } from '../types.ts';
import type { StreamResponse } from './watch.ts';

/** One line of a container's output. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly text: string;
}

/** Whoever runs the processes behind the pods: the demo's stand-in for a kubelet. */
export interface LogProvider {
  /** What a container has said, as far as it is kept, oldest first; undefined where it is not one of ours. */
  lines(pod: ApiObject, container: string): readonly LogLine[] | undefined;
  /** What it had said when it last ended; null where it was not started again since. */
  previousLines(pod: ApiObject, container: string): readonly LogLine[] | null;
  /** Is told what it says from now on, and when it ends. @returns ends it */
  follow(pod: ApiObject, container: string, onLine: (line: LogLine) => void, onEnd: () => void): () => void;
}

/** @throws ApiError 400 for a container that the pod has not, or has not had before, 501 where nobody has logs */
export function readLogs(
  provider: LogProvider | null,
  pod: ApiObject,
  query: URLSearchParams,
  now: number,
): ApiResponse | StreamResponse {
  const { name } = pod.metadata;
  const container = containerOf(pod, query.get('container') ?? '');
  const present = provider?.lines(pod, container);
  if (provider === null || present === undefined)
    throw new ApiError(
      501,
      'NotImplemented',
      `no log of container "${container}" in pod "${name}": it is no process of the embedded API server's own`,
    );
  const previous = flagOption(query, 'previous');
  const lines = previous ? provider.previousLines(pod, container) : present;
  if (lines === null) throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  const stamped = flagOption(query, 'timestamps');
  const textOf = ({ time, text }: LogLine): string => `${stamped ? `${new Date(time).toISOString()} ` : ''}${text}\n`;
  const text = selected(lines, query, now).map(textOf).join('');
  const limit = numberOption(query, 'limitBytes');
  const headers = { 'content-type': 'text/plain' };
  if (previous || !flagOption(query, 'follow'))
    return { status: 200, headers, body: limit === undefined ? text : cut(text, limit) };
  return {
    status: 200,
    headers,
    start: (sink) => {
      sink.write(text);
      return provider.follow(
        pod,
        container,
        (line) => sink.write(textOf(line)),
        () => sink.end(),
      );
    },
  };
}

function selected(lines: readonly LogLine[], query: URLSearchParams, now: number): readonly LogLine[] {
  const seconds = numberOption(query, 'sinceSeconds');
  const sinceTime = query.get('sinceTime') ?? '';
  const since = seconds !== undefined ? now - seconds * 1000 : sinceTime === '' ? undefined : Date.parse(sinceTime);
  if (Number.isNaN(since)) throw badRequest(`invalid sinceTime: ${JSON.stringify(sinceTime)}`);
  const recent = since === undefined ? lines : lines.filter(({ time }) => time >= since);
  const tail = numberOption(query, 'tailLines');
  return tail === undefined ? recent : tail === 0 ? [] : recent.slice(-tail);
}

/** At most this many octets, and no half character. */
const cut = (text: string, bytes: number): string =>
  Buffer.from(text)
    .subarray(0, bytes)
    .toString()
    .replace(/\uFFFD$/, '');

function containerOf(pod: ApiObject, asked: string): string {
  const names = listAt(pod, 'spec', 'containers').map((container) => textAt(container, 'name'));
  const { name } = pod.metadata;
  if (asked === '') {
    if (names.length === 1) return names[0] as string;
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  }
  if (!names.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
  return asked;
}
