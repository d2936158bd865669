import { describe, expect, it } from 'vitest';
import { objectAt } from '../json.ts';
import { type Reply, TestServer } from '../testing/server.ts';

const SERVICES = '/api/v1/namespaces/default/services';
const MAPS = '/api/v1/namespaces/default/configmaps';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const web = { metadata: { name: 'web' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } };
const map = (data: unknown, metadata = {}) => ({ metadata: { name: 'm', ...metadata }, data });

const reason = (reply: Reply): unknown => reply.body.reason;
const version = (reply: Reply): unknown => reply.object.metadata.resourceVersion;

describe('create', () => {
  it('gives what the server alone gives', () => {
    const server = new TestServer();
    const sent = {
      ...web,
      metadata: { name: 'web', uid: 'mine', creationTimestamp: '2000-01-01T00:00:00Z', generation: 7 },
    };
    const { status, object } = server.send('POST', SERVICES, sent);
    expect(status).toBe(201);
    expect(object).toMatchObject({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
    });
    expect(object.metadata.uid).not.toBe('mine');
    expect(object.metadata.generation).toBeUndefined();
  });

  it('makes a name from a generateName', () => {
    const { object } = new TestServer().send('POST', MAPS, { metadata: { generateName: 'm-' } });
    expect(object.metadata.name).toBe('m-bbbbb');
  });

  it('leaves the status to who writes the status', () => {
    const server = new TestServer();
    const { object } = server.send('POST', SERVICES, {
      ...web,
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    });
    expect(object.status).toEqual({ loadBalancer: {} });
    // A node registers itself with its status.
    const node = { metadata: { name: 'n1' }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] } };
    expect(server.send('POST', '/api/v1/nodes', node).object.status).toEqual(node.status);
  });

  it.each<[string, string, unknown, number, string]>([
    ['no name', MAPS, { metadata: {} }, 422, 'name or generateName is required'],
    ['a name that is none', MAPS, { metadata: { name: 'A_b' } }, 422, 'RFC 1123 subdomain'],
    [
      'a resourceVersion',
      MAPS,
      { metadata: { name: 'a', resourceVersion: '1' } },
      500,
      'should not be set on objects to be created',
    ],
    [
      'another namespace',
      MAPS,
      { metadata: { name: 'a', namespace: 'b' } },
      400,
      'does not match the namespace sent on the request',
    ],
    ['another kind', MAPS, { kind: 'Secret', metadata: { name: 'a' } }, 400, 'does not match the expected kind'],
    [
      'another version',
      MAPS,
      { apiVersion: 'v2', metadata: { name: 'a' } },
      400,
      'does not match the expected API version (v1)',
    ],
    [
      'a label that is no text',
      MAPS,
      { metadata: { name: 'a', labels: { x: 1 } } },
      400,
      'metadata.labels.x must be a string',
    ],
    ['a label that is none', MAPS, { metadata: { name: 'a', labels: { x: 'a b' } } }, 422, 'a valid label must be'],
    [
      'no namespace of that name',
      '/api/v1/namespaces/nowhere/configmaps',
      { metadata: { name: 'a' } },
      404,
      'namespaces "nowhere" not found',
    ],
    ['no JSON', MAPS, '{', 400, 'no JSON'],
    ['no object', MAPS, '[]', 400, 'must be an object'],
  ])('refuses %s', (_, path, body, status, message) => {
    const reply = new TestServer().send('POST', path, body);
    expect(reply.status).toBe(status);
    expect(reply.body.message).toContain(message);
  });

  it('refuses what is there', () => {
    const server = new TestServer();
    server.send('POST', MAPS, map({}));
    const again = server.send('POST', MAPS, map({}));
    expect([again.status, reason(again), again.body.message]).toEqual([
      409,
      'AlreadyExists',
      'configmaps "m" already exists',
    ]);
  });

  it('stores nothing on a dry run', () => {
    const server = new TestServer();
    const before = server.api.counts().resourceVersion;
    expect(server.send('POST', `${SERVICES}?dryRun=All`, web).status).toBe(201);
    expect(server.send('GET', `${SERVICES}/web`).status).toBe(404);
    expect(server.api.counts().resourceVersion).toBe(before);
  });

  it('takes JSON and YAML, and refuses protobuf by 415', () => {
    const server = new TestServer();
    expect(server.send('POST', MAPS, 'metadata: {name: y}', { 'content-type': 'application/yaml' }).status).toBe(201);
    expect(server.send('POST', MAPS, 'k8s', { 'content-type': 'application/vnd.kubernetes.protobuf' }).status).toBe(
      415,
    );
  });
});

describe('update', () => {
  it('refuses an object that is not the newest', () => {
    const server = new TestServer();
    const first = server.send('POST', MAPS, map({ a: '1' }));
    const second = server.send('PUT', `${MAPS}/m`, map({ a: '2' }, { resourceVersion: version(first) }));
    expect(second.status).toBe(200);
    const late = server.send('PUT', `${MAPS}/m`, map({ a: '3' }, { resourceVersion: version(first) }));
    expect([late.status, reason(late)]).toEqual([409, 'Conflict']);
    expect(late.body.message).toContain(
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it('refuses another object of the same name', () => {
    const server = new TestServer();
    server.send('POST', MAPS, map({}));
    const reply = server.send('PUT', `${MAPS}/m`, map({}, { uid: 'another' }));
    expect(reply.status).toBe(409);
    expect(reply.body.message).toContain('Precondition failed: UID in precondition: another');
  });

  it('writes nothing where nothing changes', () => {
    const server = new TestServer();
    const first = server.send('POST', MAPS, map({ a: '1' }));
    const stream = server.stream(`${MAPS}?watch=true&resourceVersion=${version(first)}`);
    expect(version(server.send('PUT', `${MAPS}/m`, map({ a: '1' })))).toBe(version(first));
    expect(version(server.send('PATCH', `${MAPS}/m`, { data: { a: '1' } }, MERGE))).toBe(version(first));
    expect(stream.events()).toEqual([]);
  });

  it('counts generations by the spec alone', () => {
    const server = new TestServer();
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const body = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } };
    expect(server.send('POST', path, body).object.metadata.generation).toBe(1);
    const patch = (target: string, change: unknown) => server.send('PATCH', `${path}/${target}`, change, MERGE).object;
    expect(patch('d', { metadata: { labels: { x: 'y' } } }).metadata.generation).toBe(1);
    expect(patch('d/status', { status: { replicas: 1 } })).toMatchObject({
      metadata: { generation: 1 },
      status: { replicas: 1 },
    });
    expect(patch('d', { spec: { replicas: 2 } }).metadata.generation).toBe(2);
  });

  it('keeps status and spec apart', () => {
    const server = new TestServer();
    server.send('POST', SERVICES, web);
    const ingress = [{ ip: '192.0.2.1' }];
    const change = {
      spec: { type: 'NodePort' },
      metadata: { annotations: { pool: 'a' } },
      status: { loadBalancer: { ingress } },
    };
    const status = server.send('PATCH', `${SERVICES}/web/status`, change, MERGE).object;
    expect(status.spec).toMatchObject({ type: 'LoadBalancer' });
    expect(status.status).toEqual({ loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } });
    // In one write with the status, as the controller does it.
    expect(status.metadata.annotations).toEqual({ pool: 'a' });
    const main = server.send('PATCH', `${SERVICES}/web`, { status: { loadBalancer: null } }, MERGE).object;
    expect(main.status).toEqual(status.status);
  });

  it('leaves a status alone that is as it was, though it was sent without its defaults', () => {
    const server = new TestServer();
    server.send('POST', SERVICES, web);
    const send = () =>
      server.send(
        'PATCH',
        `${SERVICES}/web/status`,
        { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } },
        MERGE,
      );
    expect(version(send())).toBe(version(send()));
  });

  it('makes an object only where its kind allows that', () => {
    const server = new TestServer();
    expect(server.send('PUT', `${MAPS}/m`, map({})).status).toBe(404);
    const lease = server.send('PUT', '/apis/coordination.k8s.io/v1/namespaces/default/leases/l', {
      metadata: { name: 'l' },
      spec: {},
    });
    expect(lease.status).toBe(201);
    // A lease is never overwritten unseen.
    expect(
      server.send('PUT', '/apis/coordination.k8s.io/v1/namespaces/default/leases/l', {
        metadata: { name: 'l' },
        spec: {},
      }).status,
    ).toBe(422);
  });
});

describe('patch', () => {
  it('refuses strategic merge patches of what has no merge keys, and unknown forms', () => {
    const server = new TestServer();
    server.send('POST', MAPS, map({}));
    expect(
      server.send('PATCH', `${MAPS}/m`, {}, { 'content-type': 'application/strategic-merge-patch+json' }).status,
    ).toBe(200);
    expect(server.send('PATCH', `${MAPS}/m`, {}, { 'content-type': 'application/json' }).status).toBe(415);
    expect(server.send('PATCH', `${MAPS}/none`, {}, MERGE).status).toBe(404);
  });

  it('holds a patch to the uid and resourceVersion that it names', () => {
    const server = new TestServer();
    const first = server.send('POST', MAPS, map({}));
    const send = (metadata: unknown) => server.send('PATCH', `${MAPS}/m`, { metadata, data: { a: 'b' } }, MERGE).status;
    expect(send({ uid: 'another' })).toBe(422);
    expect(send({ resourceVersion: '1' })).toBe(409);
    expect(send({ uid: first.object.metadata.uid, resourceVersion: version(first) })).toBe(200);
  });

  it('needs a field manager for an apply', () => {
    const server = new TestServer();
    const send = (query: string) =>
      server.send('PATCH', `${MAPS}/m${query}`, 'data: {a: b}', { 'content-type': 'application/apply-patch+yaml' });
    expect(send('').status).toBe(422);
    expect(send('?fieldManager=me').status).toBe(201);
    expect(send('?fieldManager=me').status).toBe(200);
  });
});

describe('scale', () => {
  it('shows and sets the number of replicas', () => {
    const server = new TestServer();
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    server.send('POST', path, { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } });
    expect(server.send('GET', `${path}/d/scale`).object).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 1 },
      status: { selector: 'a=b' },
    });
    expect(server.send('PATCH', `${path}/d/scale`, { spec: { replicas: 3 } }, MERGE).object).toMatchObject({
      spec: { replicas: 3 },
    });
    expect(objectAt(server.send('GET', `${path}/d`).object, 'spec').replicas).toBe(3);
    expect(server.send('PATCH', `${path}/d/scale`, { spec: { replicas: -1 } }, MERGE).status).toBe(422);
  });
});

describe('reviews', () => {
  it('know the token and its holder', () => {
    const server = new TestServer();
    const review = (path: string, spec: unknown) => server.send('POST', path, { spec }).object.status;
    expect(review('/apis/authentication.k8s.io/v1/tokenreviews', { token: 'right' })).toMatchObject({
      authenticated: true,
    });
    expect(review('/apis/authentication.k8s.io/v1/tokenreviews', { token: 'wrong' })).toMatchObject({
      authenticated: false,
    });
    expect(review('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {})).toMatchObject({ allowed: true });
    expect(review('/apis/authorization.k8s.io/v1/subjectaccessreviews', { user: 'nobody' })).toMatchObject({
      allowed: false,
    });
  });
});
