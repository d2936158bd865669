import { describe, expect, it } from 'vitest';
import { BUILT_IN } from '../built-in.ts';
import { isObject, objectAt, valueAt } from '../json.ts';
import { definitionOf } from '../kinds/crd.ts';
import { Registry } from '../registry.ts';
import { ApiError } from '../status.ts';
import type { Json } from '../types.ts';
import { ResourceDiscovery } from './discovery.ts';
import { compareVersions } from './groups.ts';

const things = (versions: readonly string[]) =>
  definitionOf({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: {
        plural: 'things',
        singular: 'thing',
        kind: 'Thing',
        listKind: 'ThingList',
        shortNames: ['th'],
        categories: ['all'],
      },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A thing.',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer', description: 'How large.' } } },
            },
          },
        },
      })),
    },
  });

const registry = new Registry([...BUILT_IN, things(['v1beta1', 'v1', 'v1alpha1'])]);
const discovery = new ResourceDiscovery(registry);

const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', from = discovery) =>
  from.answer({ method, path, query: new URLSearchParams(), headers, body: '' });

const read = (path: string, headers: Readonly<Record<string, string>> = {}): Json => {
  const response = ask(path, headers);
  expect(response?.status).toBe(200);
  return JSON.parse(String(response?.body));
};

const V2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const KUBECTL = `${V2},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;

describe('discovery in lists', () => {
  it('names the core group’s versions and the other groups', () => {
    expect(read('/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const { groups } = read('/apis') as { groups: Json[] };
    expect(groups.map(({ name }) => name)).toContain('example.org');
    expect(groups.map(({ name }) => name)).not.toContain('');
  });

  it('orders versions by how stable they are', () => {
    expect(read('/apis/example.org')).toMatchObject({
      kind: 'APIGroup',
      versions: [{ version: 'v1' }, { version: 'v1beta1' }, { version: 'v1alpha1' }],
      preferredVersion: { groupVersion: 'example.org/v1' },
    });
    expect(['foo', 'v1alpha1', 'v2beta1', 'v10', 'v2', 'v2beta10'].sort(compareVersions)).toEqual([
      'v10',
      'v2',
      'v2beta10',
      'v2beta1',
      'v1alpha1',
      'foo',
    ]);
  });

  it('lists resources with their subresources', () => {
    expect(read('/apis/example.org/v1')).toEqual({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'example.org/v1',
      resources: [
        {
          name: 'things',
          singularName: 'thing',
          namespaced: true,
          kind: 'Thing',
          verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
          shortNames: ['th'],
          categories: ['all'],
        },
        { name: 'things/status', singularName: '', namespaced: true, kind: 'Thing', verbs: ['get', 'patch', 'update'] },
      ],
    });
    const { resources } = read('/apis/apps/v1') as { resources: Json[] };
    expect(resources.find(({ name }) => name === 'deployments/scale')).toMatchObject({
      group: 'autoscaling',
      kind: 'Scale',
    });
  });

  it('leaves other paths to others', () => {
    for (const path of [
      '/',
      '/version',
      '/api/v2',
      '/apis/none',
      '/apis/example.org/v9',
      '/api/v1/pods',
      '/apis/apps/v1/deployments',
    ])
      expect(ask(path)).toBeNull();
  });
});

describe('aggregated discovery', () => {
  it('says all of a group at once, in the form that is asked for', () => {
    const response = ask('/apis', { accept: KUBECTL });
    expect(response?.headers['content-type']).toBe(V2);
    const list = JSON.parse(String(response?.body)) as { items: Json[] };
    expect(list).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    const group = list.items.find((item) => valueAt(item, 'metadata', 'name') === 'example.org');
    expect(group).toMatchObject({
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [
            {
              resource: 'things',
              scope: 'Namespaced',
              responseKind: { group: 'example.org', version: 'v1', kind: 'Thing' },
              categories: ['all'],
              subresources: [{ subresource: 'status' }],
            },
          ],
        },
        { version: 'v1beta1' },
        { version: 'v1alpha1' },
      ],
    });
  });

  it('puts the core group under /api alone', () => {
    const items = (path: string) => (read(path, { accept: V2 }) as { items: Json[] }).items;
    expect(items('/api')).toHaveLength(1);
    expect(items('/apis').map((item) => valueAt(item, 'metadata', 'name'))).not.toContain(undefined);
  });

  it('is not sent to who prefers lists', () => {
    expect(read('/apis', { accept: 'application/json' }).kind).toBe('APIGroupList');
    expect(read('/apis', { accept: `application/json,${V2}` }).kind).toBe('APIGroupList');
    expect(
      read('/apis', { accept: 'application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList,application/json' })
        .kind,
    ).toBe('APIGroupList');
  });
});

describe('OpenAPI', () => {
  it('has a document for each group and version, found by the index', () => {
    const { paths } = read('/openapi/v3') as { paths: Record<string, { serverRelativeURL: string }> };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/example.org/v1']));
    for (const { serverRelativeURL } of Object.values(paths)) {
      const [path = ''] = serverRelativeURL.split('?hash=');
      const document = read(path);
      expect(document.openapi).toBe('3.0.0');
      checkReferences(document, document);
    }
  });

  it('says of a kind its fields, of an operation its kind and parameters', () => {
    const document = read('/openapi/v3/apis/example.org/v1');
    const gvk = { group: 'example.org', kind: 'Thing', version: 'v1' };
    expect(objectAt(document, 'components', 'schemas')['org.example.v1.Thing']).toMatchObject({
      description: 'A thing.',
      properties: { spec: { properties: { size: { type: 'integer' } } }, metadata: {} },
      'x-kubernetes-group-version-kind': [gvk],
    });
    const paths = objectAt(document, 'paths');
    const patch = valueAt(paths['/apis/example.org/v1/namespaces/{namespace}/things/{name}'], 'patch') as {
      parameters: Json[];
    };
    expect(patch).toMatchObject({ 'x-kubernetes-group-version-kind': gvk });
    expect(patch.parameters.map(({ name }) => name)).toContain('fieldValidation');
    expect(valueAt(paths['/apis/example.org/v1/things'], 'get')).toBeDefined();
  });

  it('is not to be had as protobuf', () => {
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    expect(() => ask('/openapi/v2', { accept })).toThrow(ApiError);
    expect(read('/openapi/v2')).toMatchObject({ swagger: '2.0' });
  });
});

describe('answers', () => {
  it('are not sent again to who knows them, until something changes', () => {
    const own = new Registry(BUILT_IN);
    const from = new ResourceDiscovery(own);
    const etag = ask('/apis', {}, 'GET', from)?.headers.etag ?? '';
    expect(ask('/apis', { 'if-none-match': etag }, 'GET', from)).toMatchObject({ status: 304, body: '' });
    own.set(things(['v1']));
    expect(ask('/apis', { 'if-none-match': etag }, 'GET', from)?.status).toBe(200);
    expect(String(ask('/apis', {}, 'GET', from)?.body)).toContain('example.org');
  });

  it('are for reading', () => {
    expect(() => ask('/apis', {}, 'POST')).toThrow(expect.objectContaining({ code: 405 }));
  });
});

function checkReferences(value: unknown, document: Json): void {
  if (Array.isArray(value)) for (const item of value) checkReferences(item, document);
  if (!isObject(value)) return;
  const { $ref } = value;
  if (typeof $ref === 'string') {
    const name = $ref.replace('#/components/schemas/', '');
    expect(objectAt(document, 'components', 'schemas')[name], $ref).toBeDefined();
  }
  for (const content of Object.values(value)) checkReferences(content, document);
}
