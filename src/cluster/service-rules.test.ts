/** What of a Service and of endpoints counts, and what does not (metallb-behaviour 2.1 and 2.8). */
import { expect, it } from 'vitest';
import { coreResourceOf } from '../config/testing.ts';
import { formatIp } from '../net/ip.ts';
import { parseEndpointSlice, reduceEndpoints } from './endpoints.ts';
import { parseService } from './service.ts';

const spec = { type: 'LoadBalancer', clusterIPs: ['10.96.0.1'], ports: [{ port: 80 }] };
const read = (more: object, status: object = {}) =>
  parseService(coreResourceOf('Service', 's', { spec: { ...spec, ...more }, status }));

it.each([
  { sessionAffinity: 'ClientIP' },
  { loadBalancerSourceRanges: ['10.0.0.0/8'] },
  { healthCheckNodePort: 30_000 },
  { internalTrafficPolicy: 'Local' },
  { allocateLoadBalancerNodePorts: false },
  { externalIPs: ['192.0.2.1'] },
  { publishNotReadyAddresses: true },
])('does not look at %j', (more) => {
  expect(read(more)).toEqual(read({}));
});

it('takes addresses from the status alone: no host names, whatever stands beside them', () => {
  const ingress = [{ hostname: 'lb.example' }, { ip: '10.0.0.1', ipMode: 'VIP', ports: [{ port: 80 }] }];
  expect(read({}, { loadBalancer: { ingress } }).value?.ingress.map(formatIp)).toEqual(['10.0.0.1']);
});

it('takes no policy for SingleStack, and the families from the cluster IPs', () => {
  expect(read({}).value).toMatchObject({
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: [4],
    externalTrafficPolicy: 'Cluster',
  });
  expect(read({ clusterIPs: [], clusterIP: 'fd00::1' }).value?.ipFamilies).toEqual([6]);
  expect(read({ clusterIPs: ['None'] }).problems).toMatchObject([{ rule: 'headless-load-balancer' }]);
});

it('counts an endpoint that terminates for as long as it serves, and none without an address', () => {
  const labels = { 'kubernetes.io/service-name': 's' };
  const servable = (conditions: object, addresses: readonly string[] = ['10.1.1.1']) => {
    const { value } = parseEndpointSlice(
      coreResourceOf('EndpointSlice', 'x', { endpoints: [{ addresses, conditions }] }, { labels }),
    );
    return value !== null && reduceEndpoints([value], 'ready-or-serving').servable;
  };
  expect(servable({ ready: false, serving: true, terminating: true })).toBe(true);
  expect(servable({ ready: true, serving: false })).toBe(true);
  expect(servable({ ready: false, serving: false })).toBe(false);
  expect(servable({ ready: true }, [])).toBe(false);
});
