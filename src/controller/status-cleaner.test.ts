import { describe, expect, it } from 'vitest';
import { CONFIGURATION_STATE, NODE, POD, SERVICE, SERVICE_BGP_STATUS, SPEAKER_STATUS } from '../kube/resource-types.ts';
import { originOf, STATUS_KINDS } from './status-cleaner.ts';
import { OWN, Stage } from './testing/stage.ts';

async function populated(pods: boolean) {
  const stage = new Stage();
  stage.pool('web', '192.0.2.0/24');
  for (const node of ['node1', 'node2']) {
    stage.node(node);
    if (pods) speakerPod(stage, node);
    stage.api.create(SPEAKER_STATUS, {
      metadata: { name: node, namespace: OWN, labels: { 'metallb.io/node': node } },
      status: {
        node,
        sessions: [
          { peer: 'router', state: 'Established' },
          { peer: 'other', state: 'Active' },
        ],
      },
    });
    stage.api.create(CONFIGURATION_STATE, {
      metadata: {
        name: `speaker-${node}`,
        namespace: OWN,
        labels: { 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': node },
      },
    });
  }
  stage.service('shop');
  for (const node of ['node1', 'node2'])
    stage.api.create(SERVICE_BGP_STATUS, {
      metadata: {
        name: `bgp-${node}`,
        namespace: OWN,
        labels: {
          'metallb.io/node': node,
          'metallb.io/service-name': 'shop',
          'metallb.io/service-namespace': 'default',
        },
      },
    });
  const controller = stage.start();
  await stage.run(30_000, 250);
  return { stage, controller };
}

const speakerPod = (stage: Stage, node: string) =>
  stage.api.create(POD, {
    metadata: { name: `speaker-${node}`, namespace: OWN, labels: { app: 'metallb', component: 'speaker' } },
    spec: { nodeName: node },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });

const names = (stage: Stage) =>
  STATUS_KINDS.flatMap((type) => stage.api.objects(type).map(({ metadata }) => `${type.kind} ${metadata.name}`)).sort();

const ALL = [
  'ConfigurationState controller',
  'ConfigurationState speaker-node1',
  'ConfigurationState speaker-node2',
  'ServiceBGPStatus bgp-node1',
  'ServiceBGPStatus bgp-node2',
  'SpeakerStatus node1',
  'SpeakerStatus node2',
];

describe('status objects', () => {
  it.each([true, false])('stay while somebody vouches for them (speakers seen as Pods: %s)', async (pods) => {
    const { stage, controller } = await populated(pods);
    expect(names(stage)).toEqual(ALL);
    await controller.stop();
  });

  it('go with their Service', async () => {
    const { stage, controller } = await populated(true);
    stage.api.remove(SERVICE, 'default/shop');
    await stage.run(10_000, 250);
    expect(names(stage)).toEqual(ALL);
    await stage.run(20_000, 250);
    expect(names(stage)).toEqual(ALL.filter((name) => !name.startsWith('ServiceBGP')));
    await controller.stop();
  });

  it('go with their node', async () => {
    const { stage, controller } = await populated(false);
    stage.api.remove(NODE, '/node2');
    await stage.run(30_000, 250);
    expect(names(stage)).toEqual(ALL.filter((name) => !name.endsWith('node2')));
    await controller.stop();
  });

  it('go where the speaker Pod is not ready for long, and count no more at once', async () => {
    const { stage, controller } = await populated(true);
    stage.peer('router', { peerAddress: '10.0.0.1' });
    await stage.run(3_000);
    const established = () => stage.api.get({ ...SERVICE, plural: 'bgppeers' }, `${OWN}/router`)?.status;
    expect(established()).toMatchObject({ nodes: 2, nodesEstablished: 2, established: '2/2' });
    stage.api.edit(POD, `${OWN}/speaker-node2`, { status: { conditions: [{ type: 'Ready', status: 'False' }] } });
    await stage.run(2_000);
    expect(established()).toMatchObject({ nodes: 2, nodesEstablished: 1, established: '1/2' });
    expect(names(stage)).toEqual(ALL);
    await stage.run(30_000, 250);
    expect(names(stage)).toEqual(ALL.filter((name) => !name.endsWith('node2')));
    await controller.stop();
  });

  it('stay where the Pod is back in time', async () => {
    const { stage, controller } = await populated(true);
    for (let i = 0; i < 5; i++) {
      stage.api.remove(POD, `${OWN}/speaker-node2`);
      await stage.run(10_000, 250);
      speakerPod(stage, 'node2');
      await stage.run(10_000, 250);
    }
    expect(names(stage)).toEqual(ALL);
    await controller.stop();
  });

  it('are removed with their uid as the precondition: one made anew stays', async () => {
    const { stage, controller } = await populated(true);
    stage.api.remove(SERVICE, 'default/shop');
    let release = (): void => undefined;
    stage.api.fault = (verb, { plural }) =>
      verb === 'delete' && plural === 'servicebgpstatuses'
        ? new Promise<void>((resolve) => {
            release = resolve;
          })
        : undefined;
    await stage.run(21_000, 250);
    const { metadata } = stage.api.get(SERVICE_BGP_STATUS, `${OWN}/bgp-node1`) ?? {};
    expect(metadata).toBeDefined();
    stage.service('shop');
    stage.api.remove(SERVICE_BGP_STATUS, `${OWN}/bgp-node1`);
    stage.api.create(SERVICE_BGP_STATUS, {
      metadata: { name: 'bgp-node1', namespace: OWN, labels: metadata?.labels ?? {} },
    });
    stage.api.fault = null;
    release();
    await stage.run(30_000, 250);
    expect(names(stage)).toContain('ServiceBGPStatus bgp-node1');
    await controller.stop();
  });
});

describe('what a status object is about', () => {
  it('is known by its labels, else by its status; of one that is not filled in yet, nothing', () => {
    const object = { apiVersion: 'metallb.io/v1beta1', kind: 'ServiceL2Status', metadata: { name: 'l2-x', uid: 'u' } };
    expect(originOf(object)).toBeNull();
    const status = { node: 'node1', serviceName: 'shop', serviceNamespace: 'default' };
    expect(originOf({ ...object, status })).toEqual({ uid: 'u', node: 'node1', service: 'default/shop' });
    expect(originOf({ ...object, kind: 'ConfigurationState', metadata: { name: 'controller' } })).toBeNull();
  });
});
