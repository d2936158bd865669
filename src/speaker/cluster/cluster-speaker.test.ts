/** What must not happen while a speaker starts, whatever changes meanwhile. With routers it is tested in test/system/cluster-speaker.test.ts. */
import { beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../io/logger.ts';
import { BGP_ADVERTISEMENT, BGP_PEER, IP_ADDRESS_POOL, NODE, SECRET, SERVICE } from '../../kube/resource-types.ts';
import { MemoryApi } from '../../kube/testing/memory-api.ts';
import { DEFAULT_PLAN_OPTIONS } from '../../plan/snapshot.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { BfdStandIn } from '../testing/bfd-stand-in.ts';
import { NO_TRANSPORT_MAP } from '../transport-map.ts';
import { ClusterSpeaker } from './cluster-speaker.ts';
import { runner } from './testing/run.ts';

const OWN = 'metallb-system';

let api: MemoryApi;
let lines: { readonly event?: string; readonly msg?: string }[];
let run: (ms?: number) => Promise<void>;
let speaker: ClusterSpeaker;
/** Ends the pause between two slices of Services. */
let goOn: () => void;

const said = (event: string) => lines.filter((line) => line.event === event);
const key = (text: string) => Buffer.from(text).toString('base64');

interface State {
  readonly speaker: { readonly sessions: readonly { readonly state: string }[] };
}
const states = () => (speaker.state as State).speaker.sessions.map(({ state }) => state);

beforeEach(async () => {
  const clock = new VirtualClock();
  run = runner(clock);
  api = new MemoryApi();
  lines = [];
  goOn = () => {};
  const log = createLogger('all', { write: (line: string) => void lines.push(JSON.parse(line)) });
  api.create(NODE, {
    metadata: { name: 'node1', labels: {} },
    status: { addresses: [{ type: 'InternalIP', address: '192.0.2.11' }] },
  });
  api.create(SECRET, { metadata: { name: 'key', namespace: OWN }, type: 'Opaque', data: { password: key('first') } });
  api.create(BGP_PEER, {
    metadata: { name: 'r1', namespace: OWN },
    spec: { myASN: 64_512, peerASN: 64_513, peerAddress: '192.0.2.1', password: 'key' },
  });
  api.create(IP_ADDRESS_POOL, { metadata: { name: 'web', namespace: OWN }, spec: { addresses: ['198.51.100.0/24'] } });
  api.create(BGP_ADVERTISEMENT, { metadata: { name: 'web', namespace: OWN }, spec: {} });
  api.create(SERVICE, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { type: 'LoadBalancer', clusterIPs: ['10.96.0.1'], ports: [{ port: 80 }] },
    status: { loadBalancer: { ingress: [{ ip: '198.51.100.1' }] } },
  });
  speaker = new ClusterSpeaker({
    api: api.client('us'),
    clock,
    wallClock: () => new Date(Date.UTC(2026, 5, 1) + clock.now()),
    random: () => 0.5,
    log,
    listeners: null,
    links: null,
    ...{ bfd: new BfdStandIn(), localAddressTowards: () => null, returnsEcho: () => false },
    transportMap: NO_TRANSPORT_MAP,
    tcpCounters: () => null,
    breathe: () =>
      said('configLoaded').length === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            goOn = resolve;
          }),
    node: 'node1',
    podName: '',
    serviceStatuses: { perSecond: 10, limit: 100 },
    planOptions: DEFAULT_PLAN_OPTIONS,
  });
  speaker.start();
  await run(200);
});

it('begins no session before all Services are in, also where its key changes', async () => {
  expect(said('configLoaded')).toHaveLength(1);
  expect(states()).toEqual(['Idle']);
  api.edit(SECRET, `${OWN}/key`, { data: { password: key('second') } });
  await run(5_000);
  expect(states()).toEqual(['Idle']);
  expect(said('sessionStarting')).toEqual([]);
  expect(said('sessionRekeyed')).toEqual([]);
  expect(speaker.isReady).toBe(false);
  await speaker.stop();
});

it('that ends while it takes in Services begins nothing and writes nothing', async () => {
  await speaker.stop();
  goOn();
  api.edit(SECRET, `${OWN}/key`, { data: { password: key('second') } });
  await run(60_000);
  expect(said('sessionStarting')).toEqual([]);
  expect(said('servicesAdopted')).toEqual([]);
  expect(speaker.isReady).toBe(false);
  expect(api.writes.filter(({ client }) => client === 'us')).toEqual([]);
});
