import { describe, expect, it } from 'vitest';
import { TestServer } from './testing/server.ts';
import type { ApiObject } from './types.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MERGE = { 'content-type': 'application/merge-patch+json' };

const owned = (name: string, ...owners: ApiObject[]) => ({
  metadata: {
    name,
    ownerReferences: owners.map(({ metadata }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: metadata.name,
      uid: metadata.uid,
      blockOwnerDeletion: true,
    })),
  },
});
const exists = (server: TestServer, path: string): boolean => server.send('GET', path).status === 200;

const crd = {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      { name: 'v1beta1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object' } },
        subresources: { status: {} },
      },
    ],
  },
};

describe('owners', () => {
  it('take their dependents along, and theirs, unless another owner is left', () => {
    const server = new TestServer();
    const a = server.send('POST', MAPS, { metadata: { name: 'a' } }).object;
    const b = server.send('POST', MAPS, { metadata: { name: 'b' } }).object;
    const child = server.send('POST', MAPS, owned('child', a)).object;
    server.send('POST', MAPS, owned('grandchild', child));
    server.send('POST', MAPS, owned('both', a, b));
    server.send('DELETE', `${MAPS}/a`);
    expect(['child', 'grandchild', 'both'].map((name) => exists(server, `${MAPS}/${name}`))).toEqual([
      false,
      false,
      true,
    ]);
    server.send('DELETE', `${MAPS}/b`);
    expect(exists(server, `${MAPS}/both`)).toBe(false);
  });

  it('leave their dependents behind where that is asked for', () => {
    const server = new TestServer();
    const a = server.send('POST', MAPS, { metadata: { name: 'a' } }).object;
    server.send('POST', MAPS, owned('child', a));
    server.send('DELETE', `${MAPS}/a`, { propagationPolicy: 'Orphan' });
    expect(server.send('GET', `${MAPS}/child`).object.metadata.ownerReferences).toBeUndefined();
  });

  it('wait for their dependents in the foreground', () => {
    const server = new TestServer();
    const a = server.send('POST', MAPS, { metadata: { name: 'a' } }).object;
    const child = owned('child', a);
    server.send('POST', MAPS, { metadata: { ...child.metadata, finalizers: ['example.com/hold'] } });
    server.send('DELETE', `${MAPS}/a?propagationPolicy=Foreground`);
    expect(server.send('GET', `${MAPS}/a`).object.metadata.finalizers).toEqual(['foregroundDeletion']);
    server.send('PATCH', `${MAPS}/child`, { metadata: { finalizers: null } }, MERGE);
    expect([exists(server, `${MAPS}/child`), exists(server, `${MAPS}/a`)]).toEqual([false, false]);
  });
});

describe('finalizers', () => {
  it('hold an object until they are gone, and no new one comes', () => {
    const server = new TestServer();
    server.send('POST', MAPS, { metadata: { name: 'a', finalizers: ['example.com/hold'] } });
    const marked = server.send('DELETE', `${MAPS}/a`);
    expect(marked.object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
    });
    const finalizers = ['example.com/hold', 'example.com/more'];
    expect(server.send('PATCH', `${MAPS}/a`, { metadata: { finalizers } }, MERGE).status).toBe(422);
    server.send('PATCH', `${MAPS}/a`, { metadata: { finalizers: [] } }, MERGE);
    expect(exists(server, `${MAPS}/a`)).toBe(false);
  });
});

describe('delete', () => {
  it('holds to its preconditions', () => {
    const server = new TestServer();
    const { metadata } = server.send('POST', MAPS, { metadata: { name: 'a' } }).object;
    expect(server.send('DELETE', `${MAPS}/a`, { preconditions: { uid: 'another' } }).status).toBe(409);
    expect(
      server.send('DELETE', `${MAPS}/a`, { preconditions: { uid: metadata.uid, resourceVersion: '1' } }).status,
    ).toBe(409);
    expect(server.send('DELETE', `${MAPS}/a?dryRun=All`).status).toBe(200);
    const { resourceVersion, uid } = metadata;
    expect(server.send('DELETE', `${MAPS}/a`, { preconditions: { uid, resourceVersion } }).body).toMatchObject({
      status: 'Success',
      details: { uid },
    });
    expect(server.send('DELETE', `${MAPS}/a`).status).toBe(404);
  });

  it('lets a kubelet end a pod that runs', () => {
    const server = new TestServer();
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    server.send('POST', PODS, { metadata: { name: 'waiting' }, spec });
    server.send('POST', PODS, { metadata: { name: 'running' }, spec: { ...spec, nodeName: 'n1' } });
    server.send('DELETE', `${PODS}/waiting`);
    expect(server.send('DELETE', `${PODS}/running`).object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
    });
    expect([exists(server, `${PODS}/waiting`), exists(server, `${PODS}/running`)]).toEqual([false, true]);
    server.send('DELETE', `${PODS}/running`, { gracePeriodSeconds: 0 });
    expect(exists(server, `${PODS}/running`)).toBe(false);
  });

  it('deletes a selection', () => {
    const server = new TestServer();
    for (const name of ['a', 'b', 'c']) server.send('POST', MAPS, { metadata: { name, labels: { own: name } } });
    server.send('DELETE', `${MAPS}?labelSelector=own in (a,b)`);
    expect(['a', 'b', 'c'].map((name) => exists(server, `${MAPS}/${name}`))).toEqual([false, false, true]);
  });
});

describe('namespaces', () => {
  it('go with their contents, and take nothing in meanwhile', () => {
    const server = new TestServer();
    server.send('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
    const maps = '/api/v1/namespaces/shop/configmaps';
    server.send('POST', maps, { metadata: { name: 'a' } });
    server.send('POST', maps, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    const stream = server.stream('/api/v1/namespaces?watch=true&fieldSelector=metadata.name=shop');
    server.send('DELETE', '/api/v1/namespaces/shop');
    expect([exists(server, `${maps}/a`), exists(server, `${maps}/held`)]).toEqual([false, true]);
    const refused = server.send('POST', maps, { metadata: { name: 'late' } });
    expect(refused).toMatchObject({ status: 403, body: { details: { causes: [{ reason: 'NamespaceTerminating' }] } } });
    server.send('PATCH', `${maps}/held`, { metadata: { finalizers: null } }, MERGE);
    expect(stream.events().map(({ type, object }) => [type, (object.status as { phase: string }).phase])).toEqual([
      ['ADDED', 'Active'],
      ['MODIFIED', 'Terminating'],
      ['DELETED', 'Terminating'],
    ]);
  });

  it('that every cluster has cannot go', () => {
    expect(new TestServer().send('DELETE', '/api/v1/namespaces/default').status).toBe(403);
  });
});

describe('definitions', () => {
  it('are served at once, in every version, as one object', () => {
    const server = new TestServer();
    const made = server.send('POST', CRDS, crd).object;
    const conditions = (made.status as { conditions: { type: string; status: string }[] }).conditions;
    expect(conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'NamesAccepted=True',
      'Established=True',
    ]);
    server.send('POST', '/apis/example.com/v1beta1/namespaces/default/widgets', {
      metadata: { name: 'w' },
      spec: { size: 1 },
    });
    const newer = server.send('GET', '/apis/example.com/v1/namespaces/default/widgets/w').object;
    expect(newer).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: 1 }, metadata: { generation: 1 } });
    const list = server.send('GET', '/apis/example.com/v1beta1/widgets').body;
    expect(list).toMatchObject({
      kind: 'WidgetList',
      apiVersion: 'example.com/v1beta1',
      items: [{ apiVersion: 'example.com/v1beta1' }],
    });
    // Only one of the versions has a status of its own.
    expect(server.send('GET', '/apis/example.com/v1beta1/namespaces/default/widgets/w/status').status).toBe(404);
  });

  it('take their objects along', () => {
    const server = new TestServer();
    server.send('POST', CRDS, crd);
    server.send('POST', '/apis/example.com/v1/namespaces/default/widgets', { metadata: { name: 'w' } });
    const objects = server.api.counts().objects;
    server.send('DELETE', `${CRDS}/widgets.example.com`);
    expect(server.api.counts().objects).toBe(objects - 2);
    expect(server.send('GET', '/apis/example.com/v1/widgets').status).toBe(404);
  });

  it.each<[string, unknown, string]>([
    ['another name', { ...crd, metadata: { name: 'x.example.com' } }, 'spec.names.plural+"."+spec.group'],
    [
      'no storage version',
      { ...crd, spec: { ...crd.spec, versions: [{ ...crd.spec.versions[0] }] } },
      'exactly one version marked as storage',
    ],
    [
      'no schema',
      { ...crd, spec: { ...crd.spec, versions: [{ name: 'v1', served: true, storage: true }] } },
      'schemas are required',
    ],
    [
      'a conversion webhook',
      { ...crd, spec: { ...crd.spec, conversion: { strategy: 'Webhook' } } },
      'strategy None only',
    ],
  ])('with %s are refused', (_, body, message) => {
    const reply = new TestServer().send('POST', CRDS, body);
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain(message);
  });

  it('come back with an older state', () => {
    const server = new TestServer();
    server.send('POST', CRDS, crd);
    const snapshot = server.api.snapshot();
    server.send('DELETE', `${CRDS}/widgets.example.com`);
    server.api.restore(snapshot);
    expect(server.send('GET', '/apis/example.com/v1/widgets').status).toBe(200);
  });
});
