/**
 * v1 Secret: the key `password`, which is all that is ever read of one.
 *
 * A value lives on in a {@link Secret} only. What is wrong with it is said without quoting it.
 */
import { type Parsed, type Problem, problem } from '../config/problem.ts';
import type { Resource } from '../config/resource.ts';
import { Secret } from '../secret.ts';

/** A Secret that a peer may name. */
export interface KeySecret {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly key: StoredKey;
}

/** What stands under the key `password`. */
export type StoredKey =
  | { readonly type: 'present'; readonly secret: Secret }
  | { readonly type: 'absent' }
  /** It is there, but not as text; the Secret has a finding that says why. */
  | { readonly type: 'unreadable' };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads a Secret; an unreadable key is a problem and still a value, so that whoever names it can tell it from a missing one. */
export function parseSecret(resource: Resource): Parsed<KeySecret> {
  const problems: Problem[] = [];
  const { namespace, name } = resource.metadata;
  const type = typeof resource.body.type === 'string' && resource.body.type !== '' ? resource.body.type : 'Opaque';
  return { value: { namespace, name, type, key: readKey(resource, problems) }, problems };
}

/** `stringData` wins over `data`, as when the API server writes it. */
function readKey(resource: Resource, problems: Problem[]): StoredKey {
  const plain = fieldOf(resource.body.stringData, 'password');
  if (typeof plain === 'string') return { type: 'present', secret: new Secret(plain) };
  const encoded = fieldOf(resource.body.data, 'password');
  const value = plain ?? encoded;
  if (value === undefined || value === null) return { type: 'absent' };
  const path = [plain === undefined || plain === null ? 'data' : 'stringData', 'password'];
  const text = typeof value === 'string' ? decode(value.replaceAll(/[\r\n]/g, '')) : 'the value is no text';
  if (typeof text === 'string') {
    problems.push(problem(typeof value === 'string' ? 'bad-base64' : 'wrong-type', path, text));
    return { type: 'unreadable' };
  }
  return { type: 'present', secret: text };
}

/** The decoded value, or what is wrong with it. */
function decode(base64: string): Secret | string {
  if (!BASE64.test(base64)) return 'the value is not base64';
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  try {
    return new Secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) return 'the value is not UTF-8 text once it is decoded';
    throw error;
  }
}

const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? (value as Record<string, unknown>)[field]
    : undefined;
