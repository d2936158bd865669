import { describe, expect, it } from 'vitest';
import { TestServer } from '../testing/server.ts';

const IN = '/api/v1/namespaces/default';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };

describe('secrets', () => {
  it('take text as data, and have a type', () => {
    const { object } = new TestServer().send('POST', `${IN}/secrets`, {
      metadata: { name: 's' },
      stringData: { password: 'x' },
    });
    expect(object).toMatchObject({ type: 'Opaque', data: { password: 'eA==' } });
    expect(object.stringData).toBeUndefined();
  });

  it('name nothing of what they hold when they are refused', () => {
    const reply = new TestServer().send('POST', `${IN}/secrets`, {
      metadata: { name: 's' },
      data: { password: 'geheim!' },
    });
    expect(reply.status).toBe(400);
    expect(JSON.stringify(reply.body)).not.toContain('geheim');
  });

  it.each([
    [{ type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, 'data[tls.key]'],
    [{ type: 'kubernetes.io/basic-auth' }, 'data[username]'],
    [{ data: { 'a b': '' } }, 'data[a b]'],
  ])('need what their type needs: %j', (fields, where) => {
    const reply = new TestServer().send('POST', `${IN}/secrets`, { metadata: { name: 's' }, ...fields });
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain(where);
  });

  it('keep their type, and everything where they are immutable', () => {
    const server = new TestServer();
    server.send('POST', `${IN}/secrets`, { metadata: { name: 's' }, immutable: true, data: { a: 'eA==' } });
    const patch = (change: unknown) => server.send('PATCH', `${IN}/secrets/s`, change, MERGE).status;
    expect(patch({ type: 'other' })).toBe(422);
    expect(patch({ data: { a: 'eQ==' } })).toBe(422);
    expect(patch({ metadata: { labels: { a: 'b' } } })).toBe(200);
  });
});

describe('events', () => {
  const event = (involved: unknown) => ({
    metadata: { name: 'e' },
    involvedObject: involved,
    reason: 'R',
    message: 'm',
  });

  it('lie where their object lies; those of nodes in the default namespace', () => {
    const server = new TestServer();
    expect(
      server.send('POST', `${IN}/events`, event({ kind: 'Service', namespace: 'default', name: 'x' })).object,
    ).toMatchObject({ type: 'Normal' });
    expect(
      server.send('POST', '/api/v1/namespaces/kube-system/events', event({ kind: 'Service', namespace: 'default' }))
        .status,
    ).toBe(422);
    expect(
      server.send('POST', '/api/v1/namespaces/kube-system/events', event({ kind: 'Node', name: 'n1' })).status,
    ).toBe(422);
  });

  it('are found by what they are about', () => {
    const server = new TestServer();
    server.send('POST', `${IN}/events`, event({ kind: 'Service', namespace: 'default', name: 'x' }));
    const count = (selector: string) =>
      (server.send('GET', `${IN}/events?fieldSelector=${selector}`).body.items as unknown[]).length;
    expect([
      count('involvedObject.name=x,involvedObject.kind=Service'),
      count('reason=Other'),
      count('type=Normal'),
    ]).toEqual([1, 0, 1]);
  });
});

describe('endpoint slices', () => {
  it('get names and protocols of their ports', () => {
    const body = {
      metadata: { name: 's' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.1'] }],
      ports: [{ port: 80 }],
    };
    expect(new TestServer().send('POST', SLICES, body).object).toMatchObject({
      ports: [{ port: 80, name: '', protocol: 'TCP' }],
      metadata: { generation: 1 },
    });
  });

  it.each([
    [{}, 'addressType: Required value'],
    [{ addressType: 'x' }, 'addressType: Unsupported value'],
    [{ addressType: 'IPv4', endpoints: [{ addresses: [] }] }, 'must contain at least 1 address'],
    [{ addressType: 'IPv4', endpoints: [{ addresses: ['::1'] }] }, 'must be a valid IPv4 address'],
  ])('are refused: %j', (fields, message) => {
    const reply = new TestServer().send('POST', SLICES, { metadata: { name: 's' }, ...fields });
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain(message);
  });
});

describe('deployments', () => {
  it.each([
    [{ template }, 'spec.selector: Required value'],
    [{ template, selector: { matchLabels: { a: 'c' } } }, '`selector` does not match template `labels`'],
    [{ template, selector: { matchLabels: { a: 'b' } }, replicas: -1 }, 'must be greater than or equal to 0'],
    [
      { selector: { matchLabels: { a: 'b' } }, template: { ...template, spec: {} } },
      'spec.template.spec.containers: Required value',
    ],
  ])('are refused: %j', (spec, message) => {
    const reply = new TestServer().send('POST', DEPLOYMENTS, { metadata: { name: 'd' }, spec });
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain(message);
  });

  it('do not change whom they select', () => {
    const server = new TestServer();
    server.send('POST', DEPLOYMENTS, {
      metadata: { name: 'd' },
      spec: { template, selector: { matchLabels: { a: 'b' } } },
    });
    const change = { spec: { selector: { matchLabels: { x: 'y' } }, template: { metadata: { labels: { x: 'y' } } } } };
    expect(server.send('PATCH', `${DEPLOYMENTS}/d`, change, MERGE).body.message).toContain('field is immutable');
  });
});

describe('roles', () => {
  it('may have colons in their names, and no slashes', () => {
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
    expect(new TestServer().send('POST', path, { metadata: { name: 'system:node' } }).status).toBe(201);
    expect(new TestServer().send('POST', path, { metadata: { name: 'a/b' } }).status).toBe(422);
  });
});

describe('namespaces', () => {
  it('carry their name as a label', () => {
    const { object } = new TestServer().send('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
    expect(object).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'shop' } },
      status: { phase: 'Active' },
    });
  });
});
