/**
 * Reading a collection in pages: all of a list's pages are of one moment, that of the first page's resourceVersion.
 *
 * A continue token names that resourceVersion and the last key given. It is opaque to clients, and checked, since they may send anything.
 */
import { compareText } from '../../compare-text.ts';
import { ApiError, badRequest, expired } from '../status.ts';
import type { ApiObject } from '../types.ts';
import type { Collection } from './collection.ts';

export interface PageRequest {
  /** Keys that begin with this: a namespace with its slash, or everything. */
  readonly prefix: string;
  /** 0: no limit. */
  readonly limit: number;
  readonly continueToken: string;
  /** List as of then instead of now; undefined for now. */
  readonly exactly: number | undefined;
  matches(object: ApiObject): boolean;
}

export interface Page {
  readonly resourceVersion: number;
  readonly items: readonly ApiObject[];
  readonly continueToken: string;
  /** How many keys come after this page; whether they match is not looked at. */
  readonly remaining: number;
}

interface Token {
  readonly rv: number;
  readonly start: string;
}

const encode = (token: Token): string => Buffer.from(JSON.stringify({ v: 1, ...token })).toString('base64url');

function decode(text: string): Token {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
    if (v === 1 && Number.isSafeInteger(rv) && typeof start === 'string') return { rv: rv as number, start };
  } catch {
    // Refused below, as everything else that is not ours.
  }
  throw badRequest('continue key is not valid: it was not issued by this server');
}

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.';

/** @throws ApiError 400 for a token that is none of ours, 410 where it or the resourceVersion has expired */
export function readPage(collection: Collection, now: number, request: PageRequest): Page {
  const token = request.continueToken === '' ? null : decode(request.continueToken);
  const at = token?.rv ?? request.exactly ?? now;
  if (at > now) throw tooLarge(at, now);
  if (!collection.remembers(at))
    throw expired(
      token === null ? `The provided resource version is too old: ${at} (${collection.oldest})` : CONTINUE_EXPIRED,
    );
  const then = at === now ? new Map<string, ApiObject | null>() : collection.asOf(at);
  const keys = stretch(withDeleted(collection, then), request.prefix, token?.start ?? '');
  const items: ApiObject[] = [];
  let index = 0;
  for (; index < keys.length; index++) {
    if (request.limit > 0 && items.length === request.limit) break;
    const key = keys[index] as string;
    const object = then.has(key) ? then.get(key) : collection.get(key);
    if (object !== undefined && object !== null && request.matches(object)) items.push(object);
  }
  const more = index < keys.length;
  return {
    resourceVersion: at,
    items,
    continueToken: more ? encode({ rv: at, start: keys[index - 1] as string }) : '',
    remaining: keys.length - index,
  };
}

/** What a reader is told that asks for a moment which has not come. */
export function tooLarge(wanted: number, now: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${now}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** The keys now and then. */
function withDeleted(collection: Collection, then: ReadonlyMap<string, ApiObject | null>): readonly string[] {
  const gone = [...then.keys()].filter((key) => then.get(key) !== null && collection.get(key) === undefined);
  return gone.length === 0 ? collection.keys() : [...collection.keys(), ...gone].sort(compareText);
}

/** The keys that begin with a prefix and come after one of them. */
function stretch(keys: readonly string[], prefix: string, after: string): readonly string[] {
  if (prefix === '' && after === '') return keys;
  const first = after > prefix ? firstFrom(keys, after, true) : firstFrom(keys, prefix, false);
  let end = first;
  while (end < keys.length && (keys[end] as string).startsWith(prefix)) end++;
  return keys.slice(first, end);
}

/** The index of the first key that is not before this text (`beyond`: that is after it). */
function firstFrom(keys: readonly string[], text: string, beyond: boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compareText(keys[middle] as string, text);
    if (order < 0 || (beyond && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
