import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from './certificate.ts';

describe('makeCertificate', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const made = makeCertificate('some server', ['127.0.0.1', '::1', 'localhost'], now);
  const ca = new X509Certificate(made.ca);
  const own = new X509Certificate(made.certificate);

  it('makes an authority that has signed itself and the server', () => {
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(own.ca).toBe(false);
    expect(own.verify(ca.publicKey)).toBe(true);
    expect(own.checkIssued(ca)).toBe(true);
    expect(own.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  });

  it('names itself, the hosts, and what it is for', () => {
    expect([own.subject, own.issuer]).toEqual(['CN=some server', 'CN=some server CA']);
    expect(own.subjectAltName).toBe('IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost');
    expect(own.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(own.checkHost('localhost')).toBe('localhost');
    expect(own.checkHost('example.com')).toBeUndefined();
    // serverAuth.
    expect(own.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('is valid from a day before to a year after', () => {
    expect([own.validFromDate.toISOString(), own.validToDate.toISOString()]).toEqual([
      '2025-12-31T00:00:00.000Z',
      '2027-01-01T00:00:00.000Z',
    ]);
  });

  it('gives no two certificates the same number', () => {
    expect(new X509Certificate(makeCertificate('some server', ['localhost'], now).certificate).serialNumber).not.toBe(
      own.serialNumber,
    );
  });

  it('writes years from 2050 on as RFC 5280 wants them', () => {
    const later = new X509Certificate(
      makeCertificate('some server', ['localhost'], Date.parse('2050-01-01T12:00:00Z')).certificate,
    );
    expect(later.validFromDate.toISOString()).toBe('2049-12-31T12:00:00.000Z');
    expect(later.validToDate.toISOString()).toBe('2051-01-01T12:00:00.000Z');
  });
});
