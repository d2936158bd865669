/**
 * Service account tokens that live shorter than the API server lets them: it makes none for less than ten minutes.
 *
 * A token of its own is signed anew with another end, by the key that it signs with itself (RFC 7515; ES256). So everything else in it is as it should be, and
 * the API server judges it like any other.
 */
import { sign } from 'node:crypto';
import type { IssuedToken } from './volumes.ts';

export interface ShortTokens {
  /** A file, PEM. */
  readonly signingKey: string;
  readonly lifetimeSeconds: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** @param key - PEM of a P-256 key. */
export function shorten(token: string, key: string, lifetimeSeconds: number, nowMs: number): IssuedToken {
  const [header = '', payload = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>;
  const issuedAt = Math.floor(nowMs / 1_000);
  const exp = issuedAt + lifetimeSeconds;
  const signed = `${header}.${encode({ ...claims, iat: issuedAt, nbf: issuedAt, exp })}`;
  // RFC 7518 section 3.4: the two numbers of the signature one after the other, not as DER.
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return { token: `${signed}.${signature.toString('base64url')}`, expiresAtMs: exp * 1_000 };
}
