import { describe, expect, it } from 'vitest';
import { objectAt } from '../json.ts';
import { TestServer } from '../testing/server.ts';
import type { ApiObject } from '../types.ts';

const SERVICES = '/api/v1/namespaces/default/services';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const service = (name: string, spec: unknown) => ({ metadata: { name }, spec });
const ports = [{ port: 80 }];

const specOf = (object: ApiObject) => objectAt(object, 'spec');

describe('a Service', () => {
  it('gets what Kubernetes gives to one of type LoadBalancer', () => {
    const { object } = new TestServer().send('POST', SERVICES, service('a', { type: 'LoadBalancer', ports }));
    expect(object.spec).toEqual({
      type: 'LoadBalancer',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80, nodePort: 30_000 }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      externalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
      clusterIP: '10.96.0.2',
      clusterIPs: ['10.96.0.2'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
  });

  it.each<[string, unknown, unknown]>([
    [
      'no node ports where they are not wanted',
      { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports },
      { ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
    ],
    [
      'a health check port',
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports },
      { healthCheckNodePort: 30_001 },
    ],
    [
      'no address where it is headless',
      { clusterIP: 'None', ports },
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'] },
    ],
    [
      'a time of affinity',
      { sessionAffinity: 'ClientIP', ports },
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } },
    ],
    [
      'the address that it names',
      { clusterIP: '10.96.7.7', ports },
      { clusterIP: '10.96.7.7', clusterIPs: ['10.96.7.7'] },
    ],
    [
      'one node port for both protocols',
      {
        type: 'NodePort',
        ports: [
          { name: 't', port: 53 },
          { name: 'u', port: 53, protocol: 'UDP' },
        ],
      },
      { ports: [{ nodePort: 30_000 }, { nodePort: 30_000 }] },
    ],
  ])('gets %s', (_, spec, expected) => {
    expect(new TestServer().send('POST', SERVICES, service('a', spec)).object.spec).toMatchObject(expected as object);
  });

  it('has neither addresses nor ports of type ExternalName', () => {
    const { object } = new TestServer().send(
      'POST',
      SERVICES,
      service('a', { type: 'ExternalName', externalName: 'example.com' }),
    );
    expect(object.spec).toEqual({ type: 'ExternalName', externalName: 'example.com', sessionAffinity: 'None' });
  });

  it('has addresses of both families where it asks and the cluster has them', () => {
    const server = new TestServer({
      ranges: {
        clusterIps: [
          { address: { family: 4, value: 0x0a600000n }, length: 16 },
          { address: { family: 6, value: 0xfd00n << 112n }, length: 108 },
        ],
        nodePorts: { first: 30_000, last: 30_010 },
      },
    });
    const of = (spec: object) =>
      specOf(
        server.send('POST', SERVICES, {
          metadata: { generateName: 'a', name: `a${Object.keys(spec).length}` },
          spec: { ...spec, ports },
        }).object,
      );
    expect(of({ ipFamilyPolicy: 'PreferDualStack' })).toMatchObject({
      ipFamilies: ['IPv4', 'IPv6'],
      clusterIPs: ['10.96.0.2', 'fd00::1'],
    });
    expect(of({ ipFamilies: ['IPv6'], type: 'ClusterIP' })).toMatchObject({
      clusterIP: 'fd00::2',
      ipFamilyPolicy: 'SingleStack',
    });
  });

  it('keeps what it was given when a manifest without it comes, and gives back what it has no more', () => {
    const server = new TestServer();
    const first = server.send('POST', SERVICES, service('a', { type: 'LoadBalancer', ports })).object;
    const again = server.send(
      'PUT',
      `${SERVICES}/a`,
      service('a', { type: 'LoadBalancer', ports: [{ port: 80, targetPort: 8080 }] }),
    ).object;
    expect(specOf(again)).toMatchObject({
      clusterIP: specOf(first).clusterIP,
      ports: [{ nodePort: 30_000, targetPort: 8080 }],
    });
    server.send(
      'PATCH',
      `${SERVICES}/a/status`,
      { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } },
      MERGE,
    );
    const plain = server.send('PATCH', `${SERVICES}/a`, { spec: { type: 'ClusterIP' } }, MERGE).object;
    expect(plain.spec).toEqual({
      type: 'ClusterIP',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      clusterIP: '10.96.0.2',
      clusterIPs: ['10.96.0.2'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    expect(plain.status).toEqual({ loadBalancer: {} });
    const other = server.send(
      'POST',
      SERVICES,
      service('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_000 }] }),
    );
    expect(other.status).toBe(201);
  });

  it('gives its address back when it goes', () => {
    const server = new TestServer();
    const named = { clusterIP: '10.96.7.7', ports };
    server.send('POST', SERVICES, service('a', named));
    expect(server.send('POST', SERVICES, service('b', named))).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('provided IP is already allocated') },
    });
    server.send('DELETE', `${SERVICES}/a`);
    expect(server.send('POST', SERVICES, service('b', named)).status).toBe(201);
  });

  it('that is refused, or on a dry run, takes nothing', () => {
    const server = new TestServer();
    server.send('POST', `${SERVICES}?dryRun=All`, service('a', { clusterIP: '10.96.7.7', ports }));
    server.send('POST', '/api/v1/namespaces/nowhere/services', service('a', { clusterIP: '10.96.7.7', ports }));
    expect(server.send('POST', SERVICES, service('b', { clusterIP: '10.96.7.7', ports })).status).toBe(201);
  });

  it('says so when there is nothing left to give', () => {
    const server = new TestServer({
      ranges: {
        clusterIps: [{ address: { family: 4, value: 0x0a600000n }, length: 30 }],
        nodePorts: { first: 30_000, last: 30_000 },
      },
    });
    expect(server.send('POST', SERVICES, service('a', { type: 'NodePort', ports })).status).toBe(201);
    expect(server.send('POST', SERVICES, service('b', { ports })).body.message).toBe(
      'Internal error occurred: failed to allocate a serviceIP: range is full',
    );
    expect(server.send('POST', SERVICES, service('b', { type: 'NodePort', clusterIP: 'None', ports })).status).toBe(
      500,
    );
  });

  it.each<[string, unknown, string]>([
    ['no ports', {}, 'spec.ports: Required value'],
    [
      'a port beyond all',
      { ports: [{ port: 65_536 }] },
      'spec.ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive',
    ],
    [
      'an unknown type',
      { type: 'x', ports },
      'spec.type: Unsupported value: "x": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      'an unknown protocol',
      { ports: [{ port: 1, protocol: 'x' }] },
      'spec.ports[0].protocol: Unsupported value: "x": supported values: "SCTP", "TCP", "UDP"',
    ],
    [
      'two ports without names',
      { ports: [{ port: 1 }, { port: 2 }] },
      '[spec.ports[0].name: Required value, spec.ports[1].name: Required value]',
    ],
    [
      'two ports of one name',
      {
        ports: [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ],
      },
      'spec.ports[1].name: Duplicate value: "a"',
    ],
    [
      'a node port that is none',
      { type: 'NodePort', ports: [{ port: 1, nodePort: 80 }] },
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
    [
      'a node port without need',
      { ports: [{ port: 1, nodePort: 30_080 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    ['an address that is none', { clusterIP: '1.2.3', ports }, 'must be a valid IP address'],
    ['an address that is not ours', { clusterIP: '192.0.2.1', ports }, 'The range of valid IPs is 10.96.0.0/16'],
    [
      'an external address that is none',
      { externalIPs: ['x'], ports },
      'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address',
    ],
    [
      'a traffic policy without need',
      { externalTrafficPolicy: 'Local', ports },
      'may only be set for externally-accessible services',
    ],
    ['a family that the cluster has not', { ipFamilies: ['IPv6'], ports }, 'not configured on this cluster'],
    [
      'both families where there is one',
      { ipFamilyPolicy: 'RequireDualStack', ports },
      'this cluster is not configured for dual-stack services',
    ],
  ])('with %s is refused', (_, spec, message) => {
    const reply = new TestServer().send('POST', SERVICES, service('a', spec));
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain(message);
  });

  it('does not change its class or its address', () => {
    const server = new TestServer();
    server.send('POST', SERVICES, service('a', { type: 'LoadBalancer', loadBalancerClass: 'example.com/a', ports }));
    const patch = (spec: unknown) => server.send('PATCH', `${SERVICES}/a`, { spec }, MERGE);
    expect(patch({ loadBalancerClass: 'example.com/b' }).body.message).toContain(
      'spec.loadBalancerClass: Invalid value: "example.com/b": may not change once set',
    );
    expect(patch({ clusterIP: '10.96.7.7', clusterIPs: ['10.96.7.7'] }).body.message).toContain(
      'may not change once set',
    );
    expect(patch({ type: 'ClusterIP' }).object.spec).not.toHaveProperty('loadBalancerClass');
  });

  it('has ingress addresses of type LoadBalancer alone, and only addresses', () => {
    const server = new TestServer();
    server.send('POST', SERVICES, service('a', { type: 'LoadBalancer', ports }));
    const write = (ingress: unknown) =>
      server.send('PATCH', `${SERVICES}/a/status`, { status: { loadBalancer: { ingress } } }, MERGE);
    expect(write([{ ip: 'x' }]).status).toBe(422);
    expect(write([{ hostname: 'h', ipMode: 'VIP' }]).status).toBe(422);
    expect(write([{ ip: '192.0.2.1', ipMode: 'Proxy' }]).object.status).toEqual({
      loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'Proxy' }] },
    });
  });
});
