/** What a client learns about a server before it asks for objects: versions, groups, resources, schemas, health. */
import { describe, expect, it } from 'vitest';
import { dig, items, type Json } from './client.ts';
import type { GetSubject } from './subject.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Groups that controller, speaker, manifests and kubectl need. */
const GROUPS = [
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
];

const named = (list: unknown, name: string): Json | undefined =>
  (list as readonly Json[]).find((entry) => entry.name === name);

export function discoveryContract(subject: GetSubject): void {
  describe('discovery', () => {
    it('names the versions of the core group', async () => {
      const { status, body } = await subject().api.get('/api');
      expect(status).toBe(200);
      expect(body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    });

    it('lists the groups with their versions', async () => {
      const { body } = await subject().api.get('/apis');
      expect(body).toMatchObject({ kind: 'APIGroupList' });
      for (const name of GROUPS) {
        const version = { groupVersion: `${name}/v1`, version: 'v1' };
        expect(named(body.groups, name), name).toMatchObject({ name, preferredVersion: version });
        expect(dig(named(body.groups, name), 'versions')).toContainEqual(version);
      }
    });

    it('describes one group', async () => {
      const { body } = await subject().api.get('/apis/coordination.k8s.io');
      expect(body).toMatchObject({ kind: 'APIGroup', name: 'coordination.k8s.io' });
    });

    it('lists the resources of the core group', async () => {
      const { body } = await subject().api.get('/api/v1');
      expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' });
      expect(named(body.resources, 'services')).toMatchObject({
        singularName: 'service',
        namespaced: true,
        kind: 'Service',
        shortNames: ['svc'],
        categories: ['all'],
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      });
      expect(named(body.resources, 'services/status')).toMatchObject({
        kind: 'Service',
        verbs: ['get', 'patch', 'update'],
      });
      expect(named(body.resources, 'nodes')).toMatchObject({ namespaced: false, shortNames: ['no'] });
      expect(named(body.resources, 'pods/log')).toMatchObject({ kind: 'Pod', verbs: ['get'] });
    });

    it.each([
      ['apps/v1', 'deployments/scale', 'Scale'],
      ['coordination.k8s.io/v1', 'leases', 'Lease'],
      ['discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice'],
      ['apiextensions.k8s.io/v1', 'customresourcedefinitions/status', 'CustomResourceDefinition'],
    ])('lists the resources of %s', async (groupVersion, name, kind) => {
      const { body } = await subject().api.get(`/apis/${groupVersion}`);
      expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion });
      expect(named(body.resources, name)).toMatchObject({ kind });
    });

    it('says everything in one answer where that is asked for', async () => {
      const legacy = await subject().api.get('/api', {}, { accept: AGGREGATED });
      expect(legacy.headers['content-type']).toContain('as=APIGroupDiscoveryList');
      expect(legacy.body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
      const resources = dig(items(legacy.body), 0, 'versions', 0, 'resources') as readonly Json[];
      expect(resources.find((entry) => entry.resource === 'services')).toMatchObject({
        responseKind: { kind: 'Service' },
        scope: 'Namespaced',
        singularResource: 'service',
        shortNames: ['svc'],
        categories: ['all'],
        subresources: expect.arrayContaining([expect.objectContaining({ subresource: 'status' })]),
      });

      const { body } = await subject().api.get('/apis', {}, { accept: AGGREGATED });
      const groups = items(body).map((group) => dig(group, 'metadata', 'name'));
      expect(groups).toEqual(expect.arrayContaining(GROUPS));
      const leases = items(body).find((group) => dig(group, 'metadata', 'name') === 'coordination.k8s.io');
      const v1 = (dig(leases, 'versions') as readonly Json[]).find((entry) => entry.version === 'v1');
      expect(v1).toMatchObject({ freshness: 'Current' });
      expect(v1?.resources).toContainEqual(
        expect.objectContaining({
          resource: 'leases',
          // Group and version may be left out: they are those of the entry.
          responseKind: expect.objectContaining({ kind: 'Lease' }),
          scope: 'Namespaced',
        }),
      );
    });

    it('answers in the old form where the client takes both and the new one is not known', async () => {
      const accept = 'application/json;g=apidiscovery.k8s.io;v=v99;as=APIGroupDiscoveryList,application/json';
      const { body } = await subject().api.get('/apis', {}, { accept });
      expect(body).toMatchObject({ kind: 'APIGroupList' });
    });

    it('tells its version', async () => {
      const { body } = await subject().api.get('/version');
      expect(body).toMatchObject({
        major: '1',
        minor: expect.stringMatching(/^\d+\+?$/),
        gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/),
      });
    });

    it('is healthy', async () => {
      for (const path of ['/livez', '/readyz', '/healthz']) {
        const { status, text } = await subject().api.get(path);
        expect([path, status, text]).toEqual([path, 200, 'ok']);
      }
    });
  });

  describe('OpenAPI v3', () => {
    it('has one document for each group and version', async () => {
      const { body } = await subject().api.get('/openapi/v3');
      for (const path of ['api/v1', 'apis/apps/v1', 'apis/coordination.k8s.io/v1'])
        expect(dig(body, 'paths', path), path).toMatchObject({
          serverRelativeURL: expect.stringContaining('/openapi/v3/'),
        });
    });

    it.each([
      ['api/v1', { group: '', version: 'v1', kind: 'Service' }, 'spec'],
      ['apis/coordination.k8s.io/v1', { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' }, 'spec'],
      ['apis/apps/v1', { group: 'apps', version: 'v1', kind: 'Deployment' }, 'spec'],
    ])('describes the kinds of %s', async (path, kind, property) => {
      const index = await subject().api.get('/openapi/v3');
      const { status, body } = await subject().api.get(String(dig(index.body, 'paths', path, 'serverRelativeURL')));
      expect(status).toBe(200);
      expect(body).toMatchObject({ openapi: expect.stringMatching(/^3\.0/) });
      const schemas = Object.values(dig(body, 'components', 'schemas') as Json);
      const schema = schemas.find((entry) => {
        const kinds = (dig(entry, 'x-kubernetes-group-version-kind') ?? []) as readonly Json[];
        return kinds.some((known) => known.kind === kind.kind && known.group === kind.group);
      });
      expect(dig(schema, 'properties', property)).toBeDefined();
    });
  });
}
