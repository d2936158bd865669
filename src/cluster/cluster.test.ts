import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coreResourceOf, problemLines } from '../config/testing.ts';
import { formatIp } from '../net/ip.ts';
import { parseEndpointSlice, parseEndpoints, reduceEndpoints } from './endpoints.ts';
import { parseNode } from './node.ts';
import { parseSecret } from './secret.ts';
import { parseService } from './service.ts';

const service = (spec: unknown, more: object = {}) => parseService(coreResourceOf('Service', 's', { spec, ...more }));

describe('parseService', () => {
  it('has the defaults of the API', () => {
    expect(service({}).value).toMatchObject({
      key: 'default/s',
      type: 'ClusterIP',
      externalTrafficPolicy: 'Cluster',
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: [4],
      loadBalancerClass: null,
      loadBalancerIP: null,
      ports: [],
      selector: {},
    });
  });

  it.each([
    [{ clusterIPs: ['10.96.0.1'] }, [4]],
    [{ clusterIPs: ['2001:db8::1', '10.96.0.1'] }, [6, 4]],
    [{ clusterIP: '2001:db8::1' }, [6]],
    [{ clusterIPs: ['10.96.0.1'], ipFamilyPolicy: 'PreferDualStack' }, [4]],
    [{ ipFamilyPolicy: 'PreferDualStack' }, [4, 6]],
    [{ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] }, [6, 4]],
    [{ ipFamilies: ['IPv6'] }, [6]],
    [{ ipFamilyPolicy: null, ipFamilies: null, clusterIPs: null }, [4]],
    [{ clusterIP: 'None' }, [4]],
  ])('has the families of %j', (spec, families) => {
    expect(service(spec).value?.ipFamilies).toEqual(families);
  });

  it.each([
    [{ type: 7 }, 'error wrong-type spec.type'],
    [{ ports: [{ port: '80' }] }, 'error wrong-type spec.ports[0].port'],
    [{ ports: [null, {}] }, 'error missing-field spec.ports[1].port'],
    [{ ports: [{ port: 70_000 }] }, 'error out-of-range spec.ports[0].port'],
    [{ externalTrafficPolicy: 'local' }, 'error unknown-value spec.externalTrafficPolicy'],
    [{ clusterIPs: ['10.96.0.300'] }, 'error bad-address spec.clusterIPs[0]'],
    [{ clusterIPs: ['10.96.0.1', '10.96.0.2'] }, 'error family-mismatch spec.clusterIPs[1]'],
    [{ ipFamilies: ['v4'] }, 'error unknown-value spec.ipFamilies[0]'],
    [{ type: 'LoadBalancer', clusterIP: 'None' }, 'error headless-load-balancer spec.clusterIP'],
    [{ selector: { a: 1 } }, 'error wrong-type spec.selector.a'],
    ['spec', 'error wrong-type spec'],
  ])('refuses %j', (spec, line) => {
    const parsed = service(spec);
    expect(problemLines(parsed.problems)).toEqual([line]);
    expect(parsed.value).toBeNull();
  });

  it('keeps the valid addresses of the status in their order', () => {
    const status = {
      loadBalancer: { ingress: [{ ip: '2001:db8::1' }, { hostname: 'x' }, { ip: 'y' }, { ip: '10.0.0.1' }] },
    };
    const parsed = service({}, { status });
    expect(parsed.value?.ingress.map(formatIp)).toEqual(['2001:db8::1', '10.0.0.1']);
    expect(problemLines(parsed.problems)).toEqual(['warning bad-address status.loadBalancer.ingress[2].ip']);
  });
});

describe('parseNode', () => {
  it('reads its addresses and whether its network is there', () => {
    const status = {
      addresses: [
        { type: 'Hostname', address: 'n' },
        { type: 'InternalIP', address: '192.168.1.10' },
        null,
        { type: 'InternalIP', address: '::1' },
      ],
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'NetworkUnavailable', status: 'True' },
      ],
    };
    const node = parseNode(coreResourceOf('Node', 'n1', { status })).value;
    expect(node?.internalIPs.map(formatIp)).toEqual(['192.168.1.10', '::1']);
    expect(node?.networkUnavailable).toBe(true);
    expect(parseNode(coreResourceOf('Node', 'n1', {})).value).toMatchObject({
      internalIPs: [],
      networkUnavailable: false,
    });
  });
});

describe('endpoints', () => {
  const slice = (...endpoints: unknown[]) =>
    parseEndpointSlice(
      coreResourceOf('EndpointSlice', 'x', { endpoints }, { labels: { 'kubernetes.io/service-name': 's' } }),
    );
  const on = (nodeName: string, conditions?: object, addresses: unknown = ['10.1.1.1']) => ({
    nodeName,
    conditions,
    addresses,
  });
  const all = [
    on('unset'),
    on('ready', { ready: true, serving: false }),
    on('serving', { ready: false, serving: true, terminating: true }),
    on('neither', { ready: false }),
    on('null', { ready: null }),
    on('empty', {}, []),
  ];

  it.each([
    ['ready-or-serving', ['unset', 'ready', 'serving', 'null']],
    ['ready', ['unset', 'ready', 'null']],
    ['serving', ['unset', 'serving', 'null']],
  ] as const)('counts under policy %s', (policy, nodes) => {
    const parsed = slice(...all).value;
    expect([...reduceEndpoints(parsed === null ? [] : [parsed], policy).servableNodes]).toEqual(nodes);
  });

  it('can be served somewhere without knowing the node', () => {
    const parsed = slice({ addresses: ['10.1.1.1'] }).value;
    expect(reduceEndpoints(parsed === null ? [] : [parsed], 'ready')).toEqual({
      servable: true,
      servableNodes: new Set(),
    });
  });

  it('belongs to the Service of its label, or of its name for Endpoints', () => {
    expect(slice().value?.service).toBe('default/s');
    expect(parseEndpointSlice(coreResourceOf('EndpointSlice', 'x', {}))).toEqual({ value: null, problems: [] });
    const subsets = [
      { addresses: [{ ip: '10.1.1.1', nodeName: 'n1' }], notReadyAddresses: [{ ip: '10.1.1.2', nodeName: 'n2' }] },
    ];
    expect(parseEndpoints(coreResourceOf('Endpoints', 's', { subsets })).value).toEqual({
      service: 'default/s',
      endpoints: [{ node: 'n1', ready: true, serving: true }],
    });
  });
});

describe('parseSecret', () => {
  const read = (body: object) => {
    const parsed = parseSecret(coreResourceOf('Secret', 'x', body as Record<string, unknown>));
    const key = parsed.value?.key;
    return [key?.type === 'present' ? key.secret.reveal() : key?.type, ...problemLines(parsed.problems)];
  };
  it.each([
    [{ data: { password: 'eW91ci1zZWN1cmUtcGFzc3dvcmQ=' } }, ['your-secure-password']],
    [{ data: { password: 'eW91ci1zZWN1cmUt\ncGFzc3dvcmQ=\n' } }, ['your-secure-password']],
    [{ data: { password: 'eA==' }, stringData: { password: 'z' } }, ['z']],
    [{ data: { password: '' } }, ['']],
    [{ data: { other: 'eA==' } }, ['absent']],
    [{}, ['absent']],
    [{ data: { password: null } }, ['absent']],
    [{ data: { password: 'not base64' } }, ['unreadable', 'error bad-base64 data.password']],
    [{ data: { password: '/w==' } }, ['unreadable', 'error bad-base64 data.password']],
    [{ stringData: { password: 5 } }, ['unreadable', 'error wrong-type stringData.password']],
  ])('reads %j', (body, expected) => {
    expect(read(body)).toEqual(expected);
  });
  it('knows its type, which is Opaque where unset', () => {
    expect(parseSecret(coreResourceOf('Secret', 'x', {})).value?.type).toBe('Opaque');
    expect(parseSecret(coreResourceOf('Secret', 'x', { type: 'kubernetes.io/basic-auth' })).value?.type).toBe(
      'kubernetes.io/basic-auth',
    );
  });
});

it('makes problems or values of any JSON, and never an exception', () => {
  const body = fc.record({
    spec: fc.jsonValue(),
    status: fc.jsonValue(),
    endpoints: fc.jsonValue(),
    subsets: fc.jsonValue(),
    data: fc.jsonValue(),
    stringData: fc.jsonValue(),
    type: fc.jsonValue(),
  });
  const labels = { 'kubernetes.io/service-name': 's' };
  fc.assert(
    fc.property(body, (any) => {
      for (const parse of [parseService, parseNode, parseEndpointSlice, parseEndpoints, parseSecret]) {
        const { value, problems } = parse(coreResourceOf('X', 'x', any, { labels }));
        expect(value !== null || problems.length > 0).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});
