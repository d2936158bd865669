/**
 * The certificate that metrics are served with: from files, which somebody renews while we run, or made by this process for itself.
 *
 * Nobody can check a self-signed one; it keeps the scraper's token from being read on the wire. Files that are not there are never
 * made up for by a self-signed one: who has named them relies on them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { errorMessage } from '../error-message.ts';
import { makeCertificate } from '../io/certificate.ts';
import { err, ok, type Result } from '../result.ts';
import { Secret } from '../secret.ts';

/** PEM. */
export interface ServingCertificate {
  /** The chain, our own certificate first. */
  readonly chain: string;
  readonly key: Secret;
}

/** Reads `tls.crt` and `tls.key` of a folder, as a Secret of type kubernetes.io/tls is mounted; an error says what is wrong with them. */
export function certificateIn(folder: string): Result<ServingCertificate, string> {
  try {
    const chain = readFileSync(join(folder, 'tls.crt'), 'utf8');
    const key = readFileSync(join(folder, 'tls.key'), 'utf8');
    // Between two writes of the kubelet the one may not belong to the other yet.
    createSecureContext({ cert: chain, key });
    return ok({ chain, key: new Secret(key) });
  } catch (error) {
    return err(`${folder}: ${errorMessage(error)}`);
  }
}

/** One of our own, for this run of the process. */
export function selfSigned(hosts: readonly string[], now: Date): ServingCertificate {
  const { certificate, ca, key } = makeCertificate('metallb-ts metrics', hosts, now.getTime());
  return { chain: certificate + ca, key: new Secret(key) };
}

/** What a certificate is known by: another one has another. */
export const fingerprintOf = ({ chain, key }: ServingCertificate): string =>
  createHash('sha256').update(chain).update(key.reveal()).digest('base64');
