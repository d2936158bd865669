/** Services: defaults, addresses, node ports, families, validation, and what the load balancer writes. */
import { describe, expect, it } from 'vitest';
import { type Answer, dig, items, type Json, uidOf, versionOf } from './client.ts';
import { causesOf, core, failure, type GetSubject, service, useNamespace, withFields } from './subject.ts';

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;
const IPV6 = /^[0-9a-f:]+:[0-9a-f:]*$/;

/** Of a container-less world: what a load balancer controller adds. */
const ANNOTATION = 'metallb.io/ip-allocated-from-pool';

export function serviceContract(subject: GetSubject): void {
  describe('services', () => {
    const namespace = useNamespace(subject);
    const path = (name?: string): string => core(namespace(), 'services', name);
    const create = (name: string, spec: Json = {}): Promise<Answer> => subject().api.post(path(), service(name, spec));

    it('has the defaults of a ClusterIP', async () => {
      const { status, body } = await create('plain');
      expect(status).toBe(201);
      expect(body.spec).toEqual({
        clusterIP: expect.stringMatching(IPV4),
        clusterIPs: [dig(body, 'spec', 'clusterIP')],
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        sessionAffinity: 'None',
        type: 'ClusterIP',
      });
      expect(body.status).toEqual({ loadBalancer: {} });
    });

    it('has the defaults of a LoadBalancer', async () => {
      const { body } = await create('balanced', { type: 'LoadBalancer' });
      expect(body.spec).toMatchObject({ allocateLoadBalancerNodePorts: true, externalTrafficPolicy: 'Cluster' });
      const nodePort = Number(dig(body, 'spec', 'ports', 0, 'nodePort'));
      expect(nodePort).toBeGreaterThanOrEqual(30_000);
      expect(nodePort).toBeLessThan(32_768);
    });

    it('gives no node ports where none are wanted', async () => {
      const { body } = await create('no-ports', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false });
      expect(dig(body, 'spec', 'ports', 0, 'nodePort')).toBeUndefined();
    });

    it('gives one port to ask for the health of local endpoints', async () => {
      const { body } = await create('local', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
      expect(dig(body, 'spec', 'healthCheckNodePort')).toBeGreaterThanOrEqual(30_000);
      const { body: after } = await subject().api.patch('merge', path('local'), {
        spec: { externalTrafficPolicy: 'Cluster' },
      });
      expect(dig(after, 'spec', 'healthCheckNodePort')).toBeUndefined();
    });

    it.each([
      ['PreferDualStack', {}, [IPV4, IPV6]],
      ['RequireDualStack', {}, [IPV4, IPV6]],
      ['RequireDualStack', { ipFamilies: ['IPv6', 'IPv4'] }, [IPV6, IPV4]],
      ['SingleStack', { ipFamilies: ['IPv6'] }, [IPV6]],
    ])('gives an address of each family: %s %o', async (ipFamilyPolicy, spec, forms) => {
      const name = `families-${ipFamilyPolicy.toLowerCase()}-${Object.keys(spec).length}`;
      const { body } = await create(name, { ipFamilyPolicy, ...spec });
      const addresses = dig(body, 'spec', 'clusterIPs') as readonly string[];
      expect(addresses).toHaveLength(forms.length);
      for (const [index, form] of forms.entries()) expect(addresses[index]).toMatch(form);
      expect(dig(body, 'spec', 'ipFamilies')).toEqual(forms.map((form) => (form === IPV4 ? 'IPv4' : 'IPv6')));
    });

    it('grows and shrinks by family', async () => {
      const { body } = await create('growing');
      const both = await subject().api.patch('merge', path('growing'), {
        spec: { ipFamilyPolicy: 'RequireDualStack' },
      });
      expect(dig(both.body, 'spec', 'clusterIPs')).toEqual([
        dig(body, 'spec', 'clusterIP'),
        expect.stringMatching(IPV6),
      ]);
      const one = await subject().api.patch('merge', path('growing'), {
        spec: {
          ipFamilyPolicy: 'SingleStack',
          ipFamilies: ['IPv4'],
          clusterIPs: [dig(body, 'spec', 'clusterIP')],
        },
      });
      expect(dig(one.body, 'spec', 'clusterIPs')).toEqual([dig(body, 'spec', 'clusterIP')]);
    });

    it('gives a headless Service no address', async () => {
      const { body } = await create('headless', { clusterIP: 'None' });
      expect(body.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
    });

    it('gives nothing twice, and what is given back again', async () => {
      const first = await create('first', { type: 'NodePort' });
      const clusterIP = dig(first.body, 'spec', 'clusterIP');
      const ports = [{ port: 80, nodePort: dig(first.body, 'spec', 'ports', 0, 'nodePort') }];
      const address = await create('second', { clusterIP });
      expect(address.status).toBe(422);
      expect(causesOf(address.body)).toEqual(['spec.clusterIPs: FieldValueInvalid']);
      expect(dig(address.body, 'message')).toContain('provided IP is already allocated');
      const port = await create('second', { type: 'NodePort', ports });
      expect(port.status).toBe(422);
      expect(causesOf(port.body)).toEqual(['spec.ports[0].nodePort: FieldValueInvalid']);
      expect(dig(port.body, 'message')).toContain('provided port is already allocated');
      await subject().api.delete(path('first'));
      const again = await create('second', { type: 'NodePort', clusterIP, ports });
      expect(again.status).toBe(201);
      expect(dig(again.body, 'spec', 'clusterIP')).toBe(clusterIP);
    });

    it('takes nothing in a dry run', async () => {
      const { status, body } = await subject().api.post(path(), service('rehearsed', { type: 'NodePort' }), {
        dryRun: 'All',
      });
      // Addresses and ports are shown, but need not be those that the Service would get.
      expect([status, dig(body, 'spec', 'clusterIP')]).toEqual([201, expect.stringMatching(IPV4)]);
      expect((await subject().api.get(path('rehearsed'))).status).toBe(404);
      expect((await create('rehearsed', { type: 'NodePort' })).status).toBe(201);
    });

    it('keeps its address and its node port', async () => {
      const { body } = await create('keeps', { type: 'LoadBalancer' });
      const moved = await subject().api.patch('merge', path('keeps'), { spec: { clusterIP: '10.96.77.77' } });
      expect(moved.status).toBe(422);
      const { body: after } = await subject().api.put(path('keeps'), {
        ...service('keeps', { type: 'LoadBalancer' }),
        metadata: { name: 'keeps', resourceVersion: versionOf(body) },
      });
      expect(dig(after, 'spec', 'clusterIP')).toBe(dig(body, 'spec', 'clusterIP'));
      expect(dig(after, 'spec', 'ports', 0, 'nodePort')).toBe(dig(body, 'spec', 'ports', 0, 'nodePort'));
    });

    it.each([
      ['no ports', { ports: [] }, ['spec.ports: FieldValueRequired']],
      ['port 0', { ports: [{ port: 0, targetPort: 1 }] }, ['spec.ports[0].port: FieldValueInvalid']],
      [
        'ports without names',
        { ports: [{ port: 1 }, { port: 2 }] },
        ['spec.ports[0].name: FieldValueRequired', 'spec.ports[1].name: FieldValueRequired'],
      ],
      [
        'one port twice',
        {
          ports: [
            { name: 'a', port: 1 },
            { name: 'b', port: 1 },
          ],
        },
        ['spec.ports[1]: FieldValueDuplicate'],
      ],
      [
        'a protocol that is none',
        { ports: [{ port: 1, protocol: 'X' }] },
        ['spec.ports[0].protocol: FieldValueNotSupported'],
      ],
      ['a type that is none', { type: 'X' }, ['spec.type: FieldValueNotSupported']],
      [
        'a class without a load balancer',
        { loadBalancerClass: 'a.example/b' },
        ['spec.loadBalancerClass: FieldValueForbidden'],
      ],
      ['an address outside', { clusterIP: '192.0.2.1' }, ['spec.clusterIPs: FieldValueInvalid']],
      ['an address that is none', { clusterIP: 'x' }, ['spec.clusterIPs[0]: FieldValueInvalid']],
      ['an affinity that is none', { sessionAffinity: 'X' }, ['spec.sessionAffinity: FieldValueNotSupported']],
      [
        'a node port outside',
        { type: 'NodePort', ports: [{ port: 1, nodePort: 80 }] },
        ['spec.ports[0].nodePort: FieldValueInvalid'],
      ],
      [
        'a policy without anything external',
        { externalTrafficPolicy: 'Local' },
        ['spec.externalTrafficPolicy: FieldValueInvalid'],
      ],
      [
        'a source range that is none',
        { type: 'LoadBalancer', loadBalancerSourceRanges: ['x'] },
        // Spelt so by kube-apiserver.
        ['spec.LoadBalancerSourceRanges[0]: FieldValueInvalid'],
      ],
    ])('422: %s', async (_, spec, causes) => {
      const { status, body } = await create('refused', spec);
      expect(status).toBe(422);
      expect(body).toMatchObject(failure(422, 'Invalid'));
      expect(causesOf(body)).toEqual(causes);
    });

    it('does not change its class', async () => {
      await create('classed', { type: 'LoadBalancer', loadBalancerClass: 'a.example/b' });
      const { status, body } = await subject().api.patch('merge', path('classed'), {
        spec: { loadBalancerClass: 'a.example/c' },
      });
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['spec.loadBalancerClass: FieldValueInvalid']);
    });

    describe('what a load balancer writes', () => {
      const balanced = async (name: string): Promise<Json> => (await create(name, { type: 'LoadBalancer' })).body;
      const ingress = (ip: string): Json => ({ status: { loadBalancer: { ingress: [{ ip }] } } });

      it('address and annotation go in one patch of the status, for this very object', async () => {
        const made = await balanced('allocated');
        const { status, body } = await subject().api.patch('merge', `${path('allocated')}/status`, {
          metadata: { uid: uidOf(made), annotations: { [ANNOTATION]: 'pool' } },
          ...ingress('192.0.2.1'),
        });
        expect(status).toBe(200);
        expect(dig(body, 'metadata', 'annotations', ANNOTATION)).toBe('pool');
        expect(dig(body, 'status', 'loadBalancer', 'ingress')).toEqual([{ ip: '192.0.2.1', ipMode: 'VIP' }]);
        expect((await subject().api.get(path('allocated'))).body).toEqual(body);
        // The same again is no change.
        const again = await subject().api.patch('merge', `${path('allocated')}/status`, ingress('192.0.2.1'));
        expect(versionOf(again.body)).toBe(versionOf(body));
      });

      it('is refused for an object that has come in its place', async () => {
        const made = await balanced('replaced');
        await subject().api.delete(path('replaced'));
        await balanced('replaced');
        const { status } = await subject().api.patch('merge', `${path('replaced')}/status`, {
          metadata: { uid: uidOf(made), annotations: { [ANNOTATION]: 'pool' } },
          ...ingress('192.0.2.1'),
        });
        expect(status).toBe(422);
        const { body } = await subject().api.get(path('replaced'));
        expect(body.status).toEqual({ loadBalancer: {} });
        expect(dig(body, 'metadata', 'annotations')).toBeUndefined();
      });

      it('takes both back', async () => {
        await balanced('cleared');
        const at = `${path('cleared')}/status`;
        await subject().api.patch('merge', at, {
          metadata: { annotations: { [ANNOTATION]: 'pool' } },
          ...ingress('192.0.2.1'),
        });
        const { body } = await subject().api.patch('merge', at, {
          metadata: { annotations: { [ANNOTATION]: null } },
          status: { loadBalancer: null },
        });
        expect(body.status).toEqual({ loadBalancer: {} });
        expect(dig(body, 'metadata', 'annotations')).toBeUndefined();
      });

      it('does not touch what is wanted', async () => {
        const made = await balanced('apart');
        const { body } = await subject().api.patch('merge', `${path('apart')}/status`, {
          spec: { externalTrafficPolicy: 'Local' },
          ...ingress('192.0.2.1'),
        });
        expect(body.spec).toEqual(made.spec);
      });

      it('cannot be written by the way', async () => {
        const made = await balanced('other-way');
        const { body } = await subject().api.put(path('other-way'), withFields(made, ingress('192.0.2.1')));
        expect(body.status).toEqual({ loadBalancer: {} });
        const created = await subject().api.post(path(), {
          ...service('born-with-it', { type: 'LoadBalancer' }),
          ...ingress('192.0.2.1'),
        });
        expect(created.body.status).toEqual({ loadBalancer: {} });
      });

      it('422: an address that is none', async () => {
        await balanced('wrong');
        const { status, body } = await subject().api.patch('merge', `${path('wrong')}/status`, ingress('x'));
        expect(status).toBe(422);
        expect(causesOf(body)).toEqual(['status.loadBalancer.ingress[0].ip: FieldValueInvalid']);
      });

      it('goes when the Service is no LoadBalancer any more', async () => {
        await balanced('demoted');
        await subject().api.patch('merge', `${path('demoted')}/status`, ingress('192.0.2.1'));
        const { body } = await subject().api.patch('merge', path('demoted'), { spec: { type: 'ClusterIP' } });
        expect(body.status).toEqual({ loadBalancer: {} });
        expect(dig(body, 'spec', 'ports', 0, 'nodePort')).toBeUndefined();
        expect(dig(body, 'spec', 'externalTrafficPolicy')).toBeUndefined();
      });
    });

    it('is in a list of all namespaces', async () => {
      await create('listed');
      const { body } = await subject().api.get('/api/v1/services', { fieldSelector: 'metadata.name=listed' });
      expect(items(body).map((item) => dig(item, 'metadata', 'namespace'))).toContain(namespace());
    });
  });
}
