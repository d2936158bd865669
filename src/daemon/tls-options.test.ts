import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { tlsOptionsOf } from './tls-options.ts';

describe('tlsOptionsOf', () => {
  it('speaks TLS 1.3 alone unless it is told otherwise', () => {
    expect(tlsOptionsOf({ tlsMinVersion: 'VersionTLS13' })).toEqual({ ok: true, value: { minVersion: 'TLSv1.3' } });
  });

  it("turns Go's names into OpenSSL's, in their order, and keeps TLS 1.3", () => {
    const options = tlsOptionsOf({
      tlsMinVersion: 'VersionTLS12',
      tlsCipherSuites: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      tlsCurvePreferences: '4588,29',
    });
    expect(options).toEqual({
      ok: true,
      value: {
        minVersion: 'TLSv1.2',
        ciphers:
          'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256',
        ecdhCurve: 'X25519MLKEM768:X25519',
      },
    });
    if (options.ok) expect(() => createSecureContext(options.value)).not.toThrow();
  });

  it('takes empty flags for none', () => {
    expect(tlsOptionsOf({ tlsMinVersion: 'VersionTLS12', tlsCipherSuites: '', tlsCurvePreferences: ' ' })).toEqual({
      ok: true,
      value: { minVersion: 'TLSv1.2' },
    });
  });

  it.each([
    [
      { tlsMinVersion: 'VersionTLS13', tlsCipherSuites: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' },
      '--tls-min-version=VersionTLS12',
    ],
    [
      { tlsMinVersion: 'VersionTLS12', tlsCipherSuites: 'TLS_RSA_WITH_RC4_128_SHA' },
      '"TLS_RSA_WITH_RC4_128_SHA" is none of',
    ],
    [{ tlsMinVersion: 'VersionTLS12', tlsCipherSuites: 'constructor' }, '"constructor" is none of'],
    [
      { tlsMinVersion: 'VersionTLS13', tlsCurvePreferences: '29,X25519' },
      '--tls-curve-preferences: "X25519" is none of 23',
    ],
    [{ tlsMinVersion: 'VersionTLS13', tlsCurvePreferences: '29,,23' }, '"" is none of'],
    [{ tlsMinVersion: 'VersionTLS13', tlsCurvePreferences: '29,29' }, '"29" stands there twice'],
  ] as const)('refuses %j', (flags, message) => {
    expect(tlsOptionsOf(flags)).toEqual({ ok: false, error: expect.stringContaining(message) });
  });
});
