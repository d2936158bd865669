/** The other kinds that controller, speaker and users write: Secrets, Events, Leases, Nodes, EndpointSlices, Pods, workloads, reviews. */
import { describe, expect, it } from 'vitest';
import { dig, items, type Json, namesOf, versionOf } from './client.ts';
import { causesOf, core, type GetSubject, grouped, randomName, useNamespace, withFields } from './subject.ts';

export function coreKindContract(subject: GetSubject): void {
  describe('secrets', () => {
    const namespace = useNamespace(subject);
    const path = (name?: string): string => core(namespace(), 'secrets', name);
    const secret = (name: string, fields: Json): Json => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      ...fields,
    });

    it('turn text into data and are opaque by default', async () => {
      const { status, body } = await subject().api.post(path(), secret('text', { stringData: { a: 'b' } }));
      expect(status).toBe(201);
      expect(body).toMatchObject({ type: 'Opaque', data: { a: 'Yg==' } });
      expect(body.stringData).toBeUndefined();
    });

    it('prefer text to data of the same key', async () => {
      const fields = { data: { a: 'eA==', b: 'eQ==' }, stringData: { a: 'b' } };
      const { body } = await subject().api.post(path(), secret('both', fields));
      expect(body.data).toEqual({ a: 'Yg==', b: 'eQ==' });
    });

    it('do not change their type', async () => {
      await subject().api.post(
        path(),
        secret('typed', { type: 'kubernetes.io/basic-auth', stringData: { password: 'x' } }),
      );
      const { status, body } = await subject().api.patch('merge', path('typed'), { type: 'Opaque' });
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['type: FieldValueInvalid']);
    });

    it('are refused where their type needs more', async () => {
      const { status } = await subject().api.post(path(), secret('empty', { type: 'kubernetes.io/basic-auth' }));
      expect(status).toBe(422);
    });

    it('400: data that is no base64', async () => {
      expect((await subject().api.post(path(), secret('broken', { data: { a: '%' } }))).status).toBe(400);
    });

    it('are selected by type', async () => {
      const { body } = await subject().api.get(path(), { fieldSelector: 'type=kubernetes.io/basic-auth' });
      expect(namesOf(body)).toEqual(['typed']);
    });
  });

  describe('events', () => {
    const namespace = useNamespace(subject);
    const path = (name?: string): string => core(namespace(), 'events', name);
    const event = (name: string, object: string, reason: string, type = 'Normal'): Json => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      involvedObject: { apiVersion: 'v1', kind: 'Service', namespace: namespace(), name: object },
      reason,
      message: 'text',
      type,
      count: 1,
      firstTimestamp: '2026-01-02T03:04:05Z',
      lastTimestamp: '2026-01-02T03:04:05Z',
      source: { component: 'metallb-controller' },
    });

    it('are counted by a patch', async () => {
      const { status, body } = await subject().api.post(path(), event('counted', 'a', 'IPAllocated'));
      expect(status).toBe(201);
      expect(body).toMatchObject({ reason: 'IPAllocated', count: 1, firstTimestamp: '2026-01-02T03:04:05Z' });
      const patch = { count: 2, lastTimestamp: '2026-01-02T03:05:05Z' };
      const { body: after } = await subject().api.patch('strategic', path('counted'), patch);
      expect(after).toMatchObject(patch);
    });

    it.each([
      ['involvedObject.name=b', ['b1', 'b2']],
      ['involvedObject.kind=Service,involvedObject.name=b,reason=Two', ['b2']],
      ['type=Warning', ['b2']],
      ['source=metallb-controller,involvedObject.name=b', ['b1', 'b2']],
    ])('are selected: %s', async (fieldSelector, names) => {
      await subject().api.post(path(), event('b1', 'b', 'One'));
      await subject().api.post(path(), event('b2', 'b', 'Two', 'Warning'));
      expect(namesOf((await subject().api.get(path(), { fieldSelector })).body)).toEqual(names);
    });

    it('422: about an object of another namespace', async () => {
      const foreign = {
        ...event('foreign', 'a', 'X'),
        involvedObject: { kind: 'Service', namespace: 'default', name: 'x' },
      };
      expect((await subject().api.post(path(), foreign)).status).toBe(422);
    });
  });

  describe('leases', () => {
    const namespace = useNamespace(subject);
    const path = (name?: string): string => grouped('coordination.k8s.io/v1', namespace(), 'leases', name);
    const lease = (name: string, holderIdentity: string, fields: Json = {}): Json => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name },
      spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.123456Z', ...fields },
    });

    it('keep microseconds', async () => {
      const { status, body } = await subject().api.post(path(), lease('precise', 'a'));
      expect(status).toBe(201);
      expect(dig(body, 'spec', 'renewTime')).toBe('2026-01-02T03:04:05.123456Z');
    });

    it('are made by one of many', async () => {
      const answers = await Promise.all(
        ['a', 'b', 'c', 'd'].map((holder) => subject().api.post(path(), lease('raced', holder))),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409]);
    });

    it('are taken by one of many', async () => {
      const { body } = await subject().api.post(path(), lease('taken', 'a'));
      const answers = await Promise.all(
        ['b', 'c', 'd'].map((holderIdentity) =>
          subject().api.put(path('taken'), withFields(body, { spec: { ...(body.spec as Json), holderIdentity } })),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    });

    it('422: a duration that is none', async () => {
      const { status, body } = await subject().api.post(path(), lease('short', 'a', { leaseDurationSeconds: 0 }));
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['spec.leaseDurationSeconds: FieldValueInvalid']);
    });
  });

  describe('nodes', () => {
    it('have labels and a status', async () => {
      const name = randomName('node');
      const { status } = await subject().api.post('/api/v1/nodes', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels: { rack: 'a' } },
      });
      expect(status).toBe(201);
      const conditions = [{ type: 'NetworkUnavailable', status: 'True', reason: 'R' }];
      const { body } = await subject().api.patch('strategic', `/api/v1/nodes/${name}/status`, {
        status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }], conditions },
      });
      expect(body).toMatchObject({ status: { addresses: [{ address: '192.0.2.1' }], conditions } });
      // Conditions are merged by type.
      const { body: after } = await subject().api.patch('strategic', `/api/v1/nodes/${name}/status`, {
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      });
      const types = (dig(after, 'status', 'conditions') as readonly Json[]).map((condition) => condition.type);
      expect(types.toSorted()).toEqual(['NetworkUnavailable', 'Ready']);
      const cordoned = await subject().api.patch('merge', `/api/v1/nodes/${name}`, { spec: { unschedulable: true } });
      expect(dig(cordoned.body, 'spec', 'unschedulable')).toBe(true);
      const listed = await subject().api.get('/api/v1/nodes', { labelSelector: 'rack=a' });
      expect(namesOf(listed.body)).toContain(name);
      expect((await subject().api.delete(`/api/v1/nodes/${name}`)).status).toBe(200);
    });
  });

  describe('endpoint slices', () => {
    const namespace = useNamespace(subject);
    const path = (): string => grouped('discovery.k8s.io/v1', namespace(), 'endpointslices');

    it('hold endpoints with their conditions', async () => {
      const slice = {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.1.1.1'], nodeName: 'node1', conditions: { ready: true, serving: true } }],
        ports: [{ name: '', port: 80, protocol: 'TCP' }],
      };
      const { status, body } = await subject().api.post(path(), slice);
      expect(status).toBe(201);
      expect(body).toMatchObject(slice);
      const { body: list } = await subject().api.get(path(), { labelSelector: 'kubernetes.io/service-name=web' });
      expect(namesOf(list)).toEqual(['web-1']);
    });

    it('422: without a type of address', async () => {
      const { status, body } = await subject().api.post(path(), {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'bad' },
        endpoints: [],
      });
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['addressType: FieldValueRequired']);
    });
  });

  describe('pods and workloads', () => {
    const namespace = useNamespace(subject);
    const podSpec = { containers: [{ name: 'c', image: 'i' }] };

    it('a Pod is selected by its node and phase, and its status is patched', async () => {
      const path = core(namespace(), 'pods');
      const { status, body } = await subject().api.post(path, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p' },
        spec: { ...podSpec, nodeName: 'node-of-contract' },
      });
      expect(status).toBe(201);
      expect(dig(body, 'status', 'phase')).toBe('Pending');
      expect(dig(body, 'spec', 'restartPolicy')).toBe('Always');
      const conditions = [{ type: 'Ready', status: 'True' }];
      await subject().api.patch('strategic', `${path}/p/status`, { status: { phase: 'Running', conditions } });
      const fieldSelector = 'spec.nodeName=node-of-contract,status.phase=Running';
      const { body: list } = await subject().api.get('/api/v1/pods', { fieldSelector });
      expect(namesOf(list)).toEqual(['p']);
      expect(dig(items(list)[0], 'status', 'conditions', 0, 'type')).toBe('Ready');
      await subject().api.delete(`${path}/p`, { gracePeriodSeconds: 0 });
      expect((await subject().api.get(`${path}/p`)).status).toBe(404);
    });

    const daemon = {
      hostNetwork: true,
      containers: [
        {
          name: 'c',
          image: 'i',
          env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
          ports: [{ containerPort: 7472 }],
          livenessProbe: { httpGet: { port: 17472 }, failureThreshold: 6 },
          readinessProbe: { tcpSocket: { port: 17472 }, periodSeconds: 2 },
        },
      ],
    };
    const defaulted = {
      env: [{ name: 'NODE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } }],
      livenessProbe: {
        httpGet: { path: '/', port: 17472, scheme: 'HTTP' },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 6,
      },
      readinessProbe: {
        tcpSocket: { port: 17472 },
        timeoutSeconds: 1,
        periodSeconds: 2,
        successThreshold: 1,
        failureThreshold: 3,
      },
    };

    it('containers have the defaults that kubectl describes; the host has the ports of a Pod on its network', async () => {
      const metadata = { name: 'daemon' };
      const { status, body } = await subject().api.post(core(namespace(), 'pods'), {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata,
        spec: daemon,
      });
      expect(status).toBe(201);
      expect(dig(body, 'spec', 'containers', 0)).toMatchObject(defaulted);
      expect(dig(body, 'spec', 'containers', 0, 'ports')).toEqual([
        { containerPort: 7472, hostPort: 7472, protocol: 'TCP' },
      ]);
      const { body: set } = await subject().api.post(grouped('apps/v1', namespace(), 'daemonsets'), {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata,
        spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: daemon } },
      });
      const container = dig(set, 'spec', 'template', 'spec', 'containers', 0);
      expect(container).toMatchObject(defaulted);
      expect(dig(container, 'ports')).toEqual([{ containerPort: 7472, protocol: 'TCP' }]);
    });

    it('a Deployment is scaled by its subresource', async () => {
      const path = grouped('apps/v1', namespace(), 'deployments');
      await subject().api.post(path, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: {
          replicas: 1,
          selector: { matchLabels: { a: 'b' } },
          template: { metadata: { labels: { a: 'b' } }, spec: podSpec },
        },
      });
      const { body } = await subject().api.get(`${path}/d/scale`);
      expect(body).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 } });
      await subject().api.patch('merge', `${path}/d/scale`, { spec: { replicas: 0 } });
      const { body: after } = await subject().api.get(`${path}/d`);
      expect(dig(after, 'spec', 'replicas')).toBe(0);
      expect(dig(after, 'metadata', 'generation')).toBe(2);
    });
  });

  describe('reviews', () => {
    it('tell who asks', async () => {
      const { status, body } = await subject().api.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      });
      expect(status).toBe(201);
      expect(dig(body, 'status', 'userInfo', 'groups')).toContain('system:authenticated');
    });

    it('tell that the administrator may', async () => {
      const { body } = await subject().api.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'list', resource: 'services' } },
      });
      expect(dig(body, 'status', 'allowed')).toBe(true);
    });

    it('tell that a token is none', async () => {
      const { body } = await subject().api.post('/apis/authentication.k8s.io/v1/tokenreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token: 'nonsense' },
      });
      expect(dig(body, 'status', 'authenticated') ?? false).toBe(false);
    });
  });

  it('objects that a client does not know the fields of come back whole', async () => {
    const namespace = randomName('roundtrip');
    await subject().api.post('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    });
    const path = core(namespace, 'configmaps');
    const { body } = await subject().api.post(path, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'whole', annotations: { 'a/b': 'ü€😀\n' } },
      data: { empty: '', text: '\t"\\' },
      binaryData: { bytes: 'AP8=' },
    });
    const { body: after } = await subject().api.put(`${path}/whole`, body);
    expect(versionOf(after)).toBe(versionOf(body));
    expect(after).toMatchObject({
      metadata: { annotations: { 'a/b': 'ü€😀\n' } },
      data: { empty: '', text: '\t"\\' },
      binaryData: { bytes: 'AP8=' },
    });
    await subject().api.delete(`/api/v1/namespaces/${namespace}`);
  });
}
