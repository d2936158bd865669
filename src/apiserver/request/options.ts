/** The options of a request: those in its query, and the media types that it accepts. */
import { badRequest, invalid, notSupported } from '../status.ts';
import type { RequestContext } from '../types.ts';

/** A query's number. @throws ApiError 400 where it is none */
export function numberOption(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`invalid ${name}: ${JSON.stringify(text)} is not a number`);
  return Number(text);
}

export const flagOption = (query: URLSearchParams, name: string): boolean =>
  ['true', '1', ''].includes(query.get(name) ?? 'false');

/** @throws ApiError 422 for another value than `All` */
export function dryRunOption(query: URLSearchParams, body: readonly unknown[] = []): boolean {
  const values = [...query.getAll('dryRun').filter((value) => value !== ''), ...body];
  const wrong = values.find((value) => value !== 'All');
  if (wrong !== undefined) throw invalid('meta.k8s.io', 'WriteOptions', '', [notSupported('dryRun', wrong, ['All'])]);
  return values.length > 0;
}

/** @throws ApiError 422 for a value that is none */
export function fieldValidationOption(query: URLSearchParams): RequestContext['fieldValidation'] {
  const value = query.get('fieldValidation') ?? '';
  if (value === '') return 'Warn';
  if (value === 'Ignore' || value === 'Warn' || value === 'Strict') return value;
  throw invalid('meta.k8s.io', 'WriteOptions', '', [
    notSupported('fieldValidation', value, ['Ignore', 'Strict', 'Warn']),
  ]);
}

/** The manager that a write is recorded under: as asked for, else the client's name. */
export function fieldManagerOption(query: URLSearchParams, userAgent: string): string {
  const asked = query.get('fieldManager') ?? '';
  if (asked.length > 128) throw badRequest('fieldManager: Too long: may not be more than 128 bytes');
  return asked === '' ? (userAgent.split('/')[0] ?? '').slice(0, 128) || 'unknown' : asked;
}

/** What a client wants objects as. */
export type Representation =
  | { readonly type: 'object' }
  | { readonly type: 'table'; readonly apiVersion: 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1' }
  | { readonly type: 'metadata' };

/**
 * The first representation that a client accepts and we have: JSON, and of JSON also tables and metadata alone.
 *
 * @returns undefined where it accepts none, as a client that insists on protobuf
 */
export function representationOf(accept: string): Representation | undefined {
  if (accept.trim() === '') return { type: 'object' };
  for (const part of accept.split(',')) {
    const [media, ...parameters] = part.split(';').map((text) => text.trim());
    if (media !== 'application/json' && media !== '*/*' && media !== 'application/*') continue;
    const named = new Map(parameters.map((text) => text.split('=', 2) as [string, string]));
    const as = named.get('as');
    if (as === undefined) return { type: 'object' };
    const version = named.get('v');
    if (named.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue;
    if (as === 'Table') return { type: 'table', apiVersion: `meta.k8s.io/${version}` };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { type: 'metadata' };
  }
  return undefined;
}
