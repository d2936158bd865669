/** Tables: what `kubectl get` prints, made by the server. */
import { describe, expect, it } from 'vitest';
import { type Answer, dig, type Json, type Query, TABLE } from './client.ts';
import { configMap, core, type GetSubject, grouped, service, useNamespace } from './subject.ts';

const columnsOf = (table: Json): readonly string[] =>
  (dig(table, 'columnDefinitions') as readonly Json[]).map((column) => String(column.name));

/** The cells of a row by the names of the columns. */
const rowOf = (table: Json, name: string): Json => {
  const rows = dig(table, 'rows') as readonly Json[];
  const cells = rows.map((row) => row.cells as readonly unknown[]).find(([first]) => first === name) ?? [];
  return Object.fromEntries(columnsOf(table).map((column, index) => [column, cells[index]]));
};

export function tableContract(subject: GetSubject): void {
  describe('tables', () => {
    const namespace = useNamespace(subject);
    const table = (path: string, query: Query = {}): Promise<Answer> =>
      subject().api.get(path, query, { accept: TABLE });

    it('of Services', async () => {
      const { api } = subject();
      const services = core(namespace(), 'services');
      const { body: plain } = await api.post(services, service('plain', { selector: { app: 'web' } }));
      const ports = [
        { name: 'a', port: 80 },
        { name: 'b', port: 53, protocol: 'UDP' },
      ];
      const { body: balanced } = await api.post(services, service('balanced', { type: 'LoadBalancer', ports }));
      const node = (index: number) => dig(balanced, 'spec', 'ports', index, 'nodePort');
      const { headers, body } = await table(services);
      expect(headers['content-type']).toContain('application/json');
      expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
      expect(columnsOf(body)).toEqual(['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', 'Selector']);
      expect(rowOf(body, 'plain')).toMatchObject({
        Type: 'ClusterIP',
        'Cluster-IP': dig(plain, 'spec', 'clusterIP'),
        'External-IP': '<none>',
        'Port(s)': '80/TCP',
        Age: expect.stringMatching(/^\d+s$/),
        Selector: 'app=web',
      });
      expect(rowOf(body, 'balanced')).toMatchObject({
        Type: 'LoadBalancer',
        'External-IP': '<pending>',
        'Port(s)': `80:${node(0)}/TCP,53:${node(1)}/UDP`,
        Selector: '<none>',
      });
      await api.patch('merge', `${services}/balanced/status`, {
        status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }] } },
      });
      const one = await table(`${services}/balanced`);
      expect(rowOf(one.body, 'balanced')['External-IP']).toBe('192.0.2.1,2001:db8::1');
    });

    it('say which columns only a wide table shows', async () => {
      const { body } = await table(core(namespace(), 'services'));
      const columns = dig(body, 'columnDefinitions') as readonly Json[];
      expect(columns.map((column) => Number(column.priority) > 0)).toEqual([
        ...Array.from({ length: 6 }, () => false),
        true,
      ]);
      expect(columns[0]).toMatchObject({ name: 'Name', type: 'string', format: 'name' });
    });

    it('have with each row the metadata, the object or nothing', async () => {
      await subject().api.post(core(namespace(), 'configmaps'), configMap('with', { a: '1' }));
      const path = core(namespace(), 'configmaps', 'with');
      const withMeta = await table(path);
      expect(dig(withMeta.body, 'rows', 0, 'object')).toMatchObject({
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'with', namespace: namespace() },
      });
      expect(dig(withMeta.body, 'rows', 0, 'object', 'data')).toBeUndefined();
      const withObject = await table(path, { includeObject: 'Object' });
      expect(dig(withObject.body, 'rows', 0, 'object', 'data')).toEqual({ a: '1' });
      const bare = await table(path, { includeObject: 'None' });
      expect(dig(bare.body, 'rows', 0, 'object') ?? null).toBeNull();
    });

    it('come in pages', async () => {
      const first = await table(core(namespace(), 'services'), { limit: 1 });
      expect(dig(first.body, 'rows')).toHaveLength(1);
      expect(dig(first.body, 'metadata', 'continue')).not.toBe('');
      expect(dig(first.body, 'metadata', 'resourceVersion')).toMatch(/^\d+$/);
    });

    it.each([
      ['configmaps', () => core(namespace(), 'configmaps'), ['Name', 'Data', 'Age']],
      ['secrets', () => core(namespace(), 'secrets'), ['Name', 'Type', 'Data', 'Age']],
      ['namespaces', () => '/api/v1/namespaces', ['Name', 'Status', 'Age']],
      ['leases', () => grouped('coordination.k8s.io/v1', namespace(), 'leases'), ['Name', 'Holder', 'Age']],
      [
        'pods',
        () => core(namespace(), 'pods'),
        ['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node', 'Nominated Node', 'Readiness Gates'],
      ],
      [
        'nodes',
        () => '/api/v1/nodes',
        [
          'Name',
          'Status',
          'Roles',
          'Age',
          'Version',
          'Internal-IP',
          'External-IP',
          'OS-Image',
          'Kernel-Version',
          'Container-Runtime',
        ],
      ],
      [
        'events',
        () => core(namespace(), 'events'),
        ['Last Seen', 'Type', 'Reason', 'Object', 'Subobject', 'Source', 'Message', 'First Seen', 'Count', 'Name'],
      ],
      [
        'deployments',
        () => grouped('apps/v1', namespace(), 'deployments'),
        ['Name', 'Ready', 'Up-to-date', 'Available', 'Age', 'Containers', 'Images', 'Selector'],
      ],
      [
        'endpointslices',
        () => grouped('discovery.k8s.io/v1', namespace(), 'endpointslices'),
        ['Name', 'AddressType', 'Ports', 'Endpoints', 'Age'],
      ],
      [
        'customresourcedefinitions',
        () => '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        ['Name', 'Created At'],
      ],
    ])('of %s have their columns', async (_, path, columns) => {
      expect(columnsOf((await table(path())).body)).toEqual(columns);
    });
  });
}
