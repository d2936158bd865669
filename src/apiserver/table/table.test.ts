import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN } from '../built-in.ts';
import { definitionOf } from '../kinds/crd.ts';
import type { ApiObject, Json, ResourceDefinition, TableOptions } from '../types.ts';
import { humanDuration } from './age.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';
import { tablePrinter } from './printer.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const OPTIONS: TableOptions = {
  includeObject: 'Metadata',
  listMeta: { resourceVersion: '5' },
  nowMs: NOW,
  columns: true,
  apiVersion: 'meta.k8s.io/v1',
};

const kindOf = (kind: string): ResourceDefinition =>
  BUILT_IN.find((definition) => definition.kind === kind) as ResourceDefinition;

function printed(definition: ResourceDefinition, object: Json, options: Partial<TableOptions> = {}) {
  const version = definition.versions[0];
  if (version === undefined) throw new Error('a definition without versions');
  const full = {
    ...object,
    apiVersion: 'v1',
    kind: definition.kind,
    metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z', ...(object.metadata as Json) },
  } as unknown as ApiObject;
  return tablePrinter.table(definition, version, [full], { ...OPTIONS, ...options }) as unknown as {
    readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[] | null;
    readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: Json | null }[];
  };
}

/** `NAME: cell`, of all columns. */
function row(kind: string, object: Json): Readonly<Record<string, unknown>> {
  const { columnDefinitions, rows } = printed(kindOf(kind), object);
  return Object.fromEntries((columnDefinitions ?? []).map(({ name }, i) => [name, rows[0]?.cells[i]]));
}

describe('an age', () => {
  it.each<[number, string]>([
    [-5, '<invalid>'],
    [-1.5, '0s'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [125, '2m5s'],
    [600, '10m'],
    [10_799, '179m'],
    [10_800, '3h'],
    [11_460, '3h11m'],
    [28_800, '8h'],
    [172_800, '2d'],
    [176_400, '2d1h'],
    [691_200, '8d'],
    [63_072_000, '2y'],
    [63_158_400, '2y1d'],
    [252_288_000, '8y'],
  ])('of %i s is %s', (seconds, text) => {
    expect(humanDuration(seconds * 1000)).toBe(text);
  });
});

describe('a Service', () => {
  const ports = [
    { port: 80, protocol: 'TCP', nodePort: 31234 },
    { port: 53, protocol: 'UDP' },
  ];

  it('is printed as kubectl prints it', () => {
    expect(
      row('Service', {
        spec: { type: 'LoadBalancer', clusterIPs: ['10.96.0.9'], ports, selector: { b: '2', a: '1' } },
        status: { loadBalancer: { ingress: [{ ip: '10.100.0.1' }] } },
      }),
    ).toEqual({
      Name: 'a',
      Type: 'LoadBalancer',
      'Cluster-IP': '10.96.0.9',
      'External-IP': '10.100.0.1',
      'Port(s)': '80:31234/TCP,53/UDP',
      Age: '60m',
      Selector: 'a=1,b=2',
    });
  });

  it.each<[Json, Json, string]>([
    [{ type: 'LoadBalancer' }, {}, '<pending>'],
    [{ type: 'LoadBalancer', externalIPs: ['192.0.2.1'] }, {}, '192.0.2.1'],
    [
      { type: 'LoadBalancer' },
      { loadBalancer: { ingress: [{ ip: '10.0.0.2' }, { ip: '10.0.0.1' }] } },
      '10.0.0.1,10.0.0.2',
    ],
    [{ type: 'ClusterIP' }, {}, '<none>'],
    [{ type: 'ExternalName', externalName: 'example.org' }, {}, 'example.org'],
  ])('%j %j has the external address %s', (spec, status, text) => {
    expect(row('Service', { spec, status })['External-IP']).toBe(text);
  });

  it('has a class of columns for -o wide', () => {
    const { columnDefinitions } = printed(kindOf('Service'), { spec: {} });
    expect(columnDefinitions?.filter(({ priority }) => priority > 0).map(({ name }) => name)).toEqual(['Selector']);
  });
});

describe('a Pod', () => {
  const running = { ready: true, restartCount: 0, state: { running: {} } };

  it.each<[string, Json, string, string, string]>([
    ['that runs', { phase: 'Running', containerStatuses: [running] }, '1/1', 'Running', '0'],
    [
      'that crashes',
      {
        phase: 'Running',
        containerStatuses: [
          {
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:59:00Z' } },
          },
        ],
      },
      '0/1',
      'CrashLoopBackOff',
      '3 (60s ago)',
    ],
    [
      'that is over',
      {
        phase: 'Succeeded',
        containerStatuses: [{ restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
      },
      '0/1',
      'Completed',
      '0',
    ],
    [
      'that failed without a reason',
      { phase: 'Failed', containerStatuses: [{ restartCount: 0, state: { terminated: { exitCode: 2 } } }] },
      '0/1',
      'ExitCode:2',
      '0',
    ],
    ['that waits', { phase: 'Pending' }, '0/1', 'Pending', '0'],
    [
      'that initializes',
      { phase: 'Pending', initContainerStatuses: [{ name: 'i', restartCount: 0, state: { running: {} } }] },
      '0/1',
      'Init:0/1',
      '0',
    ],
  ])('%s', (_, status, ready, reason, restarts) => {
    const initContainers = status.initContainerStatuses === undefined ? [] : [{ name: 'i' }];
    expect(row('Pod', { spec: { containers: [{}], initContainers, nodeName: 'node1' }, status })).toMatchObject({
      Ready: ready,
      Status: reason,
      Restarts: restarts,
      IP: '<none>',
      Node: 'node1',
    });
  });

  it('that is being deleted is Terminating', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:01Z' };
    expect(row('Pod', { metadata, spec: {}, status: { phase: 'Running' } }).Status).toBe('Terminating');
  });
});

describe('other kinds', () => {
  it.each<[string, Json, Json]>([
    [
      'Node',
      {
        metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          nodeInfo: { kubeletVersion: 'v1.36.0', kernelVersion: '6.1', architecture: 'amd64' },
          addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
        },
      },
      {
        Status: 'Ready,SchedulingDisabled',
        Roles: 'control-plane',
        Version: 'v1.36.0',
        'Internal-IP': '192.0.2.1',
        'External-IP': '<none>',
        'OS-Image': '<unknown>',
        'Kernel-Version': '6.1 (amd64)',
      },
    ],
    ['Namespace', { status: { phase: 'Active' } }, { Status: 'Active', Age: '60m' }],
    ['Secret', { type: 'Opaque', data: { a: '', b: '' } }, { Type: 'Opaque', Data: 2 }],
    [
      'Deployment',
      {
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: 'x' } },
          template: { spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
        status: { readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 },
      },
      { Ready: '1/2', 'Up-to-date': 2, Available: 1, Containers: 'c', Images: 'i', Selector: 'app=x' },
    ],
    [
      'DaemonSet',
      { spec: { template: { spec: {} } }, status: { desiredNumberScheduled: 3, numberReady: 2 } },
      { Desired: 3, Current: 0, Ready: 2, 'Node Selector': '<none>' },
    ],
    [
      'EndpointSlice',
      {
        addressType: 'IPv4',
        ports: [{ port: 80 }],
        endpoints: [{ addresses: ['10.0.0.1', '10.0.0.2'] }, { addresses: ['10.0.0.3', '10.0.0.4'] }],
      },
      { AddressType: 'IPv4', Ports: '80', Endpoints: '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...' },
    ],
    [
      'Endpoints',
      { subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: '2001:db8::1' }], ports: [{ port: 80 }] }] },
      { Endpoints: '10.0.0.1:80,[2001:db8::1]:80' },
    ],
    [
      'Event',
      {
        type: 'Warning',
        reason: 'Failed',
        message: ' text\n',
        involvedObject: { kind: 'BGPPeer', name: 'p' },
        lastTimestamp: '2026-01-01T00:59:50Z',
        count: 4,
        source: { component: 'speaker', host: 'node1' },
      },
      { 'Last Seen': '10s', Object: 'bgppeer/p', Message: 'text', Count: 4, Source: 'speaker, node1' },
    ],
    ['Lease', { spec: { holderIdentity: 'me' } }, { Holder: 'me' }],
    ['CustomResourceDefinition', {}, { 'Created At': '2026-01-01T00:00:00Z' }],
    ['ClusterRoleBinding', { roleRef: { kind: 'ClusterRole', name: 'r' } }, { Role: 'ClusterRole/r' }],
  ])('%s', (kind, object, cells) => {
    expect(row(kind, object)).toMatchObject(cells);
  });

  it('bear any object', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BUILT_IN), fc.json(), fc.json(), (definition, spec, status) => {
        const { rows, columnDefinitions } = printed(definition, { spec: JSON.parse(spec), status: JSON.parse(status) });
        expect(rows[0]?.cells).toHaveLength(columnDefinitions?.length ?? -1);
      }),
    );
  });
});

describe('a custom resource', () => {
  const definition = (columns: readonly Json[]): ResourceDefinition =>
    definitionOf({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.example.org' },
      spec: {
        group: 'example.org',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, additionalPrinterColumns: columns }],
      },
    });

  it('has its definition’s columns, typed', () => {
    const columns = [
      { name: 'Text', type: 'string', jsonPath: '.spec.list' },
      { name: 'Count', type: 'integer', jsonPath: '.spec.count' },
      { name: 'Wrong', type: 'integer', jsonPath: '.spec.text' },
      { name: 'Flag', type: 'boolean', jsonPath: '.spec.flag', priority: 1 },
      { name: 'Since', type: 'date', jsonPath: '.spec.since' },
      { name: 'Missing', type: 'string', jsonPath: '.status.state' },
      { name: 'Accepted', type: 'string', jsonPath: '.status.conditions[?(@.type=="Accepted")].status' },
    ];
    const object = {
      spec: { list: ['a', 'b'], count: 2, text: 'x', flag: false, since: '2026-01-01T00:59:00Z' },
      status: {
        conditions: [
          { type: 'Warnings', status: 'False' },
          { type: 'Accepted', status: 'True' },
        ],
      },
    };
    const { rows, columnDefinitions } = printed(definition(columns), object);
    expect(rows[0]?.cells).toEqual(['a', '["a","b"]', 2, null, false, '60s', null, 'True']);
    expect(columnDefinitions?.map(({ name }) => name)).toEqual(['Name', ...columns.map(({ name }) => name)]);
  });

  it('has its age where the definition names no columns', () => {
    expect(printed(definition([]), {}).rows[0]?.cells).toEqual(['a', '60m']);
  });
});

describe('a table', () => {
  it('carries of an object what was asked for, and its head once', () => {
    const object = (includeObject: TableOptions['includeObject']): unknown =>
      printed(kindOf('ConfigMap'), { data: { a: 'b' } }, { includeObject }).rows[0]?.object;
    expect(object('None')).toBeNull();
    expect(object('Metadata')).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    expect(object('Metadata')).not.toHaveProperty('data');
    expect(object('Object')).toMatchObject({ kind: 'ConfigMap', data: { a: 'b' } });
    expect(printed(kindOf('ConfigMap'), {}, { columns: false }).columnDefinitions).toBeNull();
  });
});

describe('a JSON path', () => {
  it.each<[string, unknown[]]>([
    ['.a.b', [1]],
    [".a['x.y']", [2]],
    ['.a.x\\.y', [2]],
    ['.list[0].n', [1]],
    ['.list[-1].n', [2]],
    ['.list[*].n', [1, 2]],
    ['.list[?(@.n==2)].n', [2]],
    [".list[?(@.t=='b')].n", [2]],
    ['.none.at.all', []],
  ])('%s', (text, values) => {
    const value = {
      a: { b: 1, 'x.y': 2 },
      list: [
        { n: 1, t: 'a' },
        { n: 2, t: 'b' },
      ],
    };
    expect(valuesAt(value, parseJsonPath(text) ?? [])).toEqual(values);
  });

  it('that is none is undefined', () => {
    for (const text of ['', 'a', '..a', '.a[', '.a[1:2]', '[?(@.x)]']) expect(parseJsonPath(text)).toBeUndefined();
  });

  it('bears any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseJsonPath(text)));
  });
});
