/**
 * Which TLS is spoken, by MetalLB's flags (metallb-behaviour 6.1), which name versions, suites and groups as Go does; here they become OpenSSL's names.
 */
import { err, ok, type Result } from '../result.ts';

export const TLS_VERSIONS = { VersionTLS12: 'TLSv1.2', VersionTLS13: 'TLSv1.3' } as const;
export type TlsVersion = keyof typeof TLS_VERSIONS;

export interface TlsFlags {
  readonly tlsMinVersion: TlsVersion;
  /** Separated by commas. */
  readonly tlsCipherSuites?: string;
  /** Numbers of IANA's registry of supported groups, separated by commas. */
  readonly tlsCurvePreferences?: string;
}

/** As `tls.createSecureContext` takes them. */
export interface TlsOptions {
  readonly minVersion: (typeof TLS_VERSIONS)[TlsVersion];
  readonly ciphers?: string;
  readonly ecdhCurve?: string;
}

/** The suites of TLS 1.2 that give forward secrecy; Go has others, which nobody should ask for. */
const SUITES: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
};

/** Those of TLS 1.3: not to be chosen from, as in Go; left out of the list, Node would speak no TLS 1.3. */
const SUITES_OF_TLS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

const GROUPS: Readonly<Record<string, string>> = {
  23: 'prime256v1',
  24: 'secp384r1',
  25: 'secp521r1',
  29: 'X25519',
  4587: 'SecP256r1MLKEM768',
  4588: 'X25519MLKEM768',
  4589: 'SecP384r1MLKEM1024',
};

/** The options, or what is wrong with which flag. */
export function tlsOptionsOf(flags: TlsFlags): Result<TlsOptions, string> {
  const suites = listOf(flags.tlsCipherSuites);
  const groups = listOf(flags.tlsCurvePreferences);
  if (suites.length > 0 && flags.tlsMinVersion === 'VersionTLS13')
    return err('--tls-cipher-suites: suites of TLS 1.3 cannot be chosen; with it goes --tls-min-version=VersionTLS12');
  const ciphers = namesOf('--tls-cipher-suites', suites, SUITES);
  if (!ciphers.ok) return ciphers;
  const curves = namesOf('--tls-curve-preferences', groups, GROUPS);
  if (!curves.ok) return curves;
  return ok({
    minVersion: TLS_VERSIONS[flags.tlsMinVersion],
    ...(suites.length === 0 ? {} : { ciphers: [...SUITES_OF_TLS13, ...ciphers.value].join(':') }),
    ...(groups.length === 0 ? {} : { ecdhCurve: curves.value.join(':') }),
  });
}

const listOf = (text = ''): readonly string[] =>
  text.trim() === '' ? [] : text.split(',').map((entry) => entry.trim());

function namesOf(
  flag: string,
  entries: readonly string[],
  names: Readonly<Record<string, string>>,
): Result<readonly string[], string> {
  const found: string[] = [];
  for (const entry of entries) {
    const name = Object.hasOwn(names, entry) ? names[entry] : undefined;
    if (name === undefined) return err(`${flag}: "${entry}" is none of ${Object.keys(names).join(', ')}`);
    if (found.includes(name)) return err(`${flag}: "${entry}" stands there twice`);
    found.push(name);
  }
  return ok(found);
}
