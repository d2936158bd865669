import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { RequestInfo } from '../request/info.ts';
import { makeCertificate } from './certificate.ts';
import { refusalOf } from './faults.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { RequestStats } from './stats.ts';

describe('makeCertificate', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const made = makeCertificate(['127.0.0.1', '::1', 'localhost'], now);
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

  it('names the hosts, and what it is for', () => {
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
    expect(new X509Certificate(makeCertificate(['localhost'], now).certificate).serialNumber).not.toBe(
      own.serialNumber,
    );
  });

  it('writes years from 2050 on as RFC 5280 wants them', () => {
    const later = new X509Certificate(makeCertificate(['localhost'], Date.parse('2050-01-01T12:00:00Z')).certificate);
    expect(later.validFromDate.toISOString()).toBe('2049-12-31T12:00:00.000Z');
    expect(later.validToDate.toISOString()).toBe('2051-01-01T12:00:00.000Z');
  });
});

describe('kubeconfigText', () => {
  it('is YAML with the authority and the token', () => {
    const config = parse(kubeconfigText('https://127.0.0.1:1', 'PEM', 'secret'));
    expect(config['current-context']).toBe(config.contexts[0].name);
    expect(config.clusters[0].cluster).toEqual({
      server: 'https://127.0.0.1:1',
      'certificate-authority-data': Buffer.from('PEM').toString('base64'),
    });
    expect(config.users[0].user).toEqual({ token: 'secret' });
  });
});

describe('RequestStats', () => {
  const info: RequestInfo = {
    verb: 'apply',
    group: '',
    resource: 'services',
    subresource: 'status',
    namespace: 'a',
    name: 'b',
    fieldManager: 'controller',
    changed: true,
  };

  it('counts alike what is alike but for its name', () => {
    const stats = new RequestStats();
    stats.count(info, 'metallb/1 (x)', 200);
    stats.count({ ...info, name: 'c', changed: false }, 'metallb/2', 200);
    stats.count(info, 'metallb/1', 409);
    expect(stats.list().map(({ userAgent, code, count, changed }) => ({ userAgent, code, count, changed }))).toEqual([
      { userAgent: 'metallb', code: 200, count: 2, changed: 1 },
      { userAgent: 'metallb', code: 409, count: 1, changed: 1 },
    ]);
    stats.reset();
    expect(stats.list()).toEqual([]);
  });

  it('is bounded, whatever clients call themselves', () => {
    const stats = new RequestStats();
    for (let i = 0; i < 5000; i++) stats.count(info, `agent-${i}`, 200);
    const list = stats.list();
    expect(list.length).toBeLessThanOrEqual(2001);
    expect(list.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
  });
});

describe('refusalOf', () => {
  it('says what Kubernetes would say', () => {
    expect(refusalOf({ type: 'status', code: 429, retryAfterSeconds: 2 }).toStatus()).toMatchObject({
      reason: 'TooManyRequests',
      code: 429,
      details: { retryAfterSeconds: 2 },
    });
  });
});
