import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { RequestInfo } from '../request/info.ts';
import { refusalOf } from './faults.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { RequestStats } from './stats.ts';

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
