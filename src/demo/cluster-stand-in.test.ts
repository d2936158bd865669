/** Workload controller and kubelet together, on the embedded API and a clock that stands still. */
import { expect, it } from 'vitest';
import { valueAt } from '../apiserver/json.ts';
import { PARTS } from '../apiserver/parts.ts';
import { START, TestServer } from '../apiserver/testing/server.ts';
import type { ApiObject } from '../apiserver/types.ts';
import { ENDPOINT_SLICE, NODE, POD, SERVICE } from '../kube/resource-types.ts';
import type { ContainerLog } from './container-log.ts';
import { Kubelet, type ProcessEvents } from './kubelet.ts';
import { LocalApi } from './local-api.ts';
import { DAEMON_SET, DEPLOYMENT, REPLICA_SET, WorkloadController } from './workload-controller.ts';

interface Started {
  readonly pod: string;
  readonly log: ContainerLog;
  readonly events: ProcessEvents;
  readonly signals: NodeJS.Signals[];
}

class Stage {
  readonly server = new TestServer({ parts: PARTS });
  readonly api = new LocalApi(this.server.api, 'test');
  readonly started: Started[] = [];
  readonly errors: string[] = [];
  readonly kubelet: Kubelet;

  constructor() {
    const options = {
      api: new LocalApi(this.server.api, 'demo-stand-in'),
      clock: this.server.clock,
      time: () => new Date(START + this.server.clock.now()).toISOString().replace(/\.\d+/, ''),
      onError: (message: string) => this.errors.push(message),
    };
    const runtime = {
      runs: ({ metadata }: ApiObject) => metadata.labels?.app === 'metallb',
      start: (pod: ApiObject, log: ContainerLog, events: ProcessEvents) => {
        const signals: NodeJS.Signals[] = [];
        this.started.push({ pod: pod.metadata.name, log, events, signals });
        return { end: (signal: NodeJS.Signals) => signals.push(signal) };
      },
    };
    this.kubelet = new Kubelet({ ...options, runtime });
    this.server.api.setLogs(this.kubelet);
    for (const i of [1, 2, 3])
      this.api.create(NODE, {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: `node${i}` },
        status: { addresses: [{ type: 'InternalIP', address: `192.168.1.1${i}` }] },
      });
    new WorkloadController(options).start();
    this.kubelet.start();
  }

  /** Lets everything follow that follows at once, or within the time. */
  pass(ms = 10): void {
    this.server.clock.advance(ms);
    expect(this.errors).toEqual([]);
  }

  make(kind: 'Deployment' | 'DaemonSet', name: string, app: string, replicas?: number): void {
    const labels = { app, component: name };
    this.api.create(kind === 'Deployment' ? DEPLOYMENT : DAEMON_SET, {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name, namespace: 'default' },
      spec: {
        ...(replicas === undefined ? {} : { replicas }),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name, image: 'image:1' }] } },
      },
    });
    this.pass();
  }

  pods(): Readonly<Record<string, ApiObject>> {
    return Object.fromEntries(this.api.list(POD, 'default').map((pod) => [pod.metadata.name, pod]));
  }

  readyPods(): readonly string[] {
    return Object.entries(this.pods())
      .filter(([, { status }]) => (valueAt(status, 'containerStatuses') as { ready: boolean }[])[0]?.ready)
      .map(([name]) => name);
  }
}

const slice = (stage: Stage) =>
  stage.api
    .list(ENDPOINT_SLICE, 'default')
    .flatMap(({ endpoints }) =>
      (endpoints as { addresses: string[]; nodeName: string }[]).map(({ addresses, nodeName }) => [
        addresses[0],
        nodeName,
      ]),
    )
    .sort();

it('makes a Deployment and its Service what a cluster would', () => {
  const stage = new Stage();
  stage.make('Deployment', 'web', 'web', 3);
  stage.api.create(SERVICE, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  stage.pass();
  expect(stage.readyPods()).toHaveLength(3);
  expect(slice(stage)).toEqual([
    ['10.244.1.10', 'node1'],
    ['10.244.2.10', 'node2'],
    ['10.244.3.10', 'node3'],
  ]);
  expect(stage.api.get(DEPLOYMENT, { namespace: 'default', name: 'web' })?.status).toMatchObject({ readyReplicas: 3 });
  expect(stage.api.table(NODE).rows[0]?.cells).toContain('Ready');
  expect(stage.started).toEqual([]);
});

it('writes nothing more once all is as it should be', () => {
  const stage = new Stage();
  stage.make('Deployment', 'web', 'web', 3);
  stage.make('DaemonSet', 'speaker', 'metallb');
  const { resourceVersion } = stage.server.api.counts();
  stage.pass(60_000);
  expect(stage.server.api.counts().resourceVersion).toBe(resourceVersion);
});

it('follows a scale, a new template, and a deletion', () => {
  const stage = new Stage();
  const web = { namespace: 'default', name: 'web' };
  stage.make('Deployment', 'web', 'web', 3);
  stage.api.patch(DEPLOYMENT, web, { spec: { replicas: 5 } });
  stage.pass();
  const before = Object.keys(stage.pods());
  expect(before).toHaveLength(5);
  stage.api.patch(DEPLOYMENT, web, { spec: { template: { metadata: { annotations: { restartedAt: 'now' } } } } });
  stage.pass();
  expect(stage.readyPods()).toHaveLength(5);
  expect(Object.keys(stage.pods()).filter((name) => before.includes(name))).toEqual([]);
  expect(stage.api.list(REPLICA_SET)).toHaveLength(1);
  stage.api.remove(DEPLOYMENT, web);
  stage.pass();
  expect(stage.pods()).toEqual({});
});

it('makes a Pod that a drained node has lost on another one', () => {
  const stage = new Stage();
  stage.make('Deployment', 'web', 'web', 3);
  stage.api.patch(NODE, { namespace: '', name: 'node2' }, { spec: { unschedulable: true } });
  const [name] = Object.entries(stage.pods()).find(([, { spec }]) => valueAt(spec, 'nodeName') === 'node2') ?? [''];
  stage.api.remove(POD, { namespace: 'default', name });
  stage.pass();
  expect(stage.readyPods()).toHaveLength(3);
  expect(Object.values(stage.pods()).map(({ spec }) => valueAt(spec, 'nodeName'))).not.toContain('node2');
});

it('calls a Pod of ours ready when its process says so, and starts again what ended', () => {
  const stage = new Stage();
  stage.make('DaemonSet', 'speaker', 'metallb');
  expect(stage.started.map(({ pod }) => pod)).toEqual(['speaker-node1', 'speaker-node2', 'speaker-node3']);
  expect(stage.readyPods()).toEqual([]);
  for (const { events } of stage.started) events.ready(true);
  stage.pass();
  expect(stage.readyPods()).toHaveLength(3);
  stage.started[1]?.events.ended(137);
  stage.pass();
  expect(stage.readyPods()).toEqual(['speaker-node1', 'speaker-node3']);
  expect(valueAt(stage.pods()['speaker-node2']?.status, 'containerStatuses')).toMatchObject([
    { restartCount: 0, state: { terminated: { exitCode: 137 } } },
  ]);
  stage.pass(1_000);
  expect(stage.started.map(({ pod }) => pod)[3]).toBe('speaker-node2');
  stage.started[3]?.events.ready(true);
  stage.pass();
  expect(valueAt(stage.pods()['speaker-node2']?.status, 'containerStatuses')).toMatchObject([
    { restartCount: 1, ready: true, state: { running: {} }, lastState: { terminated: { exitCode: 137 } } },
  ]);
});

it('takes the Pods of a DaemonSet to a new template one after the other', () => {
  const stage = new Stage();
  stage.make('DaemonSet', 'speaker', 'metallb');
  for (const { events } of stage.started) events.ready(true);
  stage.pass();
  const speaker = { namespace: 'default', name: 'speaker' };
  stage.api.patch(DAEMON_SET, speaker, { spec: { template: { metadata: { annotations: { restartedAt: 'now' } } } } });
  for (const i of [0, 1, 2]) {
    stage.pass();
    expect(stage.started.map(({ signals }) => signals.length)).toEqual(
      [0, 1, 2].map((other) => (other <= i ? 1 : 0)).concat(Array(i).fill(0)),
    );
    stage.started[i]?.events.ended(0);
    stage.pass();
    expect(stage.started).toHaveLength(4 + i);
    stage.started[3 + i]?.events.ready(true);
  }
  stage.pass();
  expect(stage.readyPods()).toHaveLength(3);
  expect(stage.started).toHaveLength(6);
});

it('makes the new Pods of a Deployment before it lets the old ones go', () => {
  const stage = new Stage();
  stage.make('Deployment', 'controller', 'metallb', 1);
  stage.started[0]?.events.ready(true);
  stage.pass();
  const controller = { namespace: 'default', name: 'controller' };
  stage.api.patch(DEPLOYMENT, controller, {
    spec: { template: { metadata: { annotations: { restartedAt: 'now' } } } },
  });
  stage.pass();
  expect(stage.started.map(({ signals }) => signals)).toEqual([[], []]);
  stage.started[1]?.events.ready(true);
  stage.pass();
  expect(stage.started.map(({ signals }) => signals)).toEqual([['SIGTERM'], []]);
});

it('ends the process of a Pod that is deleted, and makes the Pod anew when it has ended', () => {
  const stage = new Stage();
  stage.make('DaemonSet', 'speaker', 'metallb');
  const uid = stage.pods()['speaker-node1']?.metadata.uid;
  stage.api.remove(POD, { namespace: 'default', name: 'speaker-node1' });
  stage.pass();
  expect(stage.started[0]?.signals).toEqual(['SIGTERM']);
  expect(stage.pods()['speaker-node1']?.metadata.uid).toBe(uid);
  stage.pass(5_000);
  expect(stage.started[0]?.signals).toEqual(['SIGTERM', 'SIGKILL']);
  stage.started[0]?.events.ended(137);
  stage.pass();
  expect(stage.pods()['speaker-node1']?.metadata.uid).not.toBe(uid);
  expect(stage.started).toHaveLength(4);
});

it('gives what a process says to kubectl logs, and nothing of a Pod in which nothing runs', () => {
  const stage = new Stage();
  stage.make('DaemonSet', 'speaker', 'metallb');
  stage.started[0]?.log.add(START, 'one');
  stage.started[0]?.log.add(START, 'two');
  const path = '/api/v1/namespaces/default/pods';
  expect(stage.server.send('GET', `${path}/speaker-node1/log?tailLines=1`).body.text).toBe('two\n');
  const following = stage.server.stream(`${path}/speaker-node1/log?follow=true`);
  stage.started[0]?.log.add(START, 'three');
  expect(following.text()).toBe('one\ntwo\nthree\n');
  expect(stage.server.send('GET', `${path}/speaker-node1/log?previous=true`).status).toBe(400);
  stage.started[0]?.events.ended(1);
  expect(following.ended).toBe(true);
  stage.pass(1_000);
  stage.started[3]?.log.add(START, 'again');
  expect(stage.server.send('GET', `${path}/speaker-node1/log`).body.text).toBe('again\n');
  expect(stage.server.send('GET', `${path}/speaker-node1/log?previous=true`).body.text).toBe('one\ntwo\nthree\n');
  stage.make('Deployment', 'web', 'web', 1);
  const web = Object.keys(stage.pods()).find((name) => name.startsWith('web-'));
  expect(stage.server.send('GET', `${path}/${web}/log`).status).toBe(501);
});

it('runs a bounded number of processes', () => {
  const stage = new Stage();
  stage.make('Deployment', 'controller', 'metallb', 20);
  expect(stage.started).toHaveLength(8);
  expect(Object.keys(stage.pods())).toHaveLength(20);
});

it('ends all of them, and waits for it', async () => {
  const stage = new Stage();
  stage.make('DaemonSet', 'speaker', 'metallb');
  let stopped = false;
  const stopping = stage.kubelet.stop().then(() => {
    stopped = true;
  });
  expect(stage.started.map(({ signals }) => signals)).toEqual([['SIGTERM'], ['SIGTERM'], ['SIGTERM']]);
  for (const { events } of stage.started) {
    await Promise.resolve();
    expect(stopped).toBe(false);
    events.ended(0);
  }
  await stopping;
  stage.pass(60_000);
  expect(stage.started).toHaveLength(3);
});
