/**
 * A speaker as the subject of faults: what it holds are its session and, at a router, the route of each Service. Beside it are what a cluster has:
 * a controller that gives addresses, an EndpointSlice for each Service, and the router, all in the stage's time.
 */
import { metricsText } from '../../src/daemon/metrics-text.ts';
import { DemoRouter } from '../../src/demo/router.ts';
import type { FromRouter } from '../../src/demo/router-protocol.ts';
import { BGP_ADVERTISEMENT, BGP_PEER, ENDPOINT_SLICE, NODE, SERVICE } from '../../src/kube/resource-types.ts';
import { DEFAULT_PLAN_OPTIONS } from '../../src/plan/snapshot.ts';
import { startClusterSpeaker } from '../../src/speaker/cluster/run.ts';
import { METRICS } from '../../src/speaker/metrics.ts';
import { parseTransportMap } from '../../src/speaker/transport-map-file.ts';
import { controllerOn } from './controller-subject.ts';
import { type FaultStage, OWN } from './stage.ts';
import type { RunningSubject, Subject } from './subject.ts';

const NODE_NAME = 'n1';
const ROUTER = '192.0.2.1';
const ROUTER_ASN = 64_512;
const ASN = 64_513;
/** A port of loopback for each router: nobody ends one before the test run does. */
let routers = 0;

type RouterState = Extract<FromRouter, { type: 'changed' }>;

export const speakerSubject: Subject = {
  name: 'speaker',
  async start(stage): Promise<RunningSubject> {
    cluster(stage);
    const controller = await controllerOn(stage, 'controller');
    const { router, transportMap } = startRouter(stage);
    const speaker = startClusterSpeaker(
      {
        node: NODE_NAME,
        planOptions: DEFAULT_PLAN_OPTIONS,
        podName: '',
        serviceStatuses: { perSecond: 10, limit: 20_000 },
        listenPort: 0,
        transportMap,
      },
      {
        api: await stage.connect('speaker'),
        clock: stage.clock,
        wallClock: stage.wallClock,
        random: stage.random,
        breathe: stage.breathe,
        log: stage.log('speaker'),
      },
    );
    // Its ServiceBGPStatuses are written at 10 a second: they are all to be there before anything goes wrong.
    await stage.run(90_000, 500);
    const text = metricsText(METRICS, () => ({
      ...speaker.metrics(),
      process: { residentBytes: 0, cpuSeconds: 0 },
    }));
    return {
      holds: () => held(stage, router()),
      metrics: text,
      stop: async () => {
        await Promise.all([speaker.stop(), controller.stop()]);
      },
    };
  },
};

/** The session, and the route of each Service as the router has it; a route that is no Service's is nothing to hold. */
function held(stage: FaultStage, router: RouterState | undefined): ReadonlyMap<string, string> {
  const routes = new Set(router?.table.map(({ prefix }) => prefix));
  const found = new Map<string, string>();
  for (const [service, address] of stage.addresses()) {
    const prefix = `${address}/32`;
    found.set(service, routes.delete(prefix) ? prefix : '');
  }
  for (const stray of routes) found.set(`no Service has ${stray}`, '');
  const [session] = router?.neighbors ?? [];
  found.set('session', session === undefined ? '' : `${session.state}, ${session.establishedCount}. time`);
  return found;
}

function cluster(stage: FaultStage): void {
  const { user } = stage;
  const metallb = (kind: string, version: string, name: string, spec: object) => ({
    apiVersion: `metallb.io/${version}`,
    kind,
    metadata: { name, namespace: OWN },
    spec,
  });
  const address = { type: 'InternalIP', address: '192.0.2.10' };
  user.create(NODE, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: NODE_NAME },
    status: { addresses: [address] },
  });
  const peer = { myASN: ASN, peerASN: ROUTER_ASN, peerAddress: ROUTER, ebgpMultiHop: true };
  user.create(BGP_PEER, metallb('BGPPeer', 'v1beta2', 'router', peer));
  user.create(BGP_ADVERTISEMENT, metallb('BGPAdvertisement', 'v1beta1', 'all', {}));
  user.watch(SERVICE, ({ type, object: { metadata } }) => {
    const { name, namespace = '' } = metadata;
    if (type !== 'ADDED') return;
    // From within the write that makes it nothing may be written.
    queueMicrotask(() => {
      if (user.get(ENDPOINT_SLICE, { namespace, name }) !== undefined) return;
      user.create(ENDPOINT_SLICE, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.244.1.9'], nodeName: NODE_NAME, conditions: { ready: true } }],
      });
    });
  });
}

function startRouter(stage: FaultStage) {
  const port = 20_000 + ((process.pid * 64 + routers++) % 40_000);
  const [listen, source] = ['127.77.1.1', '127.77.1.10'];
  const map = parseTransportMap(
    JSON.stringify({ peers: { [`${ROUTER}:179`]: `${listen}:${port}` }, nodes: { [NODE_NAME]: source } }),
  );
  if (!map.ok) throw new Error(map.error.join());
  let state: RouterState | undefined;
  const neighbor = { name: NODE_NAME, address: '192.0.2.10', source, asn: ASN };
  new DemoRouter(
    {
      name: 'router',
      asn: ROUTER_ASN,
      address: ROUTER,
      listen: { address: listen, port },
      neighbors: [{ ...neighbor, holdTimeSeconds: 90, keepaliveSeconds: 30, password: null }],
    },
    stage.clock,
    stage.random,
    (message) => {
      if (message.type === 'failed') throw new Error(message.message);
      if (message.type === 'changed') state = message;
    },
  ).start();
  return { router: () => state, transportMap: map.value };
}
