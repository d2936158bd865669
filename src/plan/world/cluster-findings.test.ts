/** Nodes that decide alone, one by one: what random lives (world.test.ts) seldom meet. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../config/problem.ts';
import { MERGED_LOCAL_PREF } from '../merged-local-pref.ts';
import { SERVICE_NOT_ANNOUNCED } from '../not-announced.ts';
import { DEFAULT_PLAN_OPTIONS } from '../snapshot.ts';
import { resourceOf, type Written } from '../testing/world-steps.ts';
import { World } from '../world.ts';
import type { Change } from './change.ts';

const SYSTEM = DEFAULT_PLAN_OPTIONS.namespace;
let version = 0;

const put = (written: Written): Change => ({
  type: 'upsert',
  object: resourceOf(written, { uid: written.name, resourceVersion: String(++version) }),
});
const config = (kind: string, name: string, spec: Record<string, unknown>): Change =>
  put({ kind, namespace: SYSTEM, name, body: { spec } });
const node = (name: string, labels: Record<string, string> = {}, unavailable = false): Change =>
  put({
    kind: 'Node',
    namespace: '',
    name,
    labels,
    body: {
      status: {
        addresses: [{ type: 'InternalIP', address: '192.168.1.10' }],
        conditions: unavailable ? [{ type: 'NetworkUnavailable', status: 'True' }] : [],
      },
    },
  });
const service = (name: string, port: number): readonly Change[] => [
  put({
    kind: 'Service',
    namespace: 'default',
    name,
    labels: { tier: name },
    annotations: { 'metallb.io/allow-shared-ip': 'k', 'metallb.io/loadBalancerIPs': '10.0.0.1' },
    body: { spec: { type: 'LoadBalancer', clusterIPs: ['10.96.0.1'], ports: [{ port, protocol: 'TCP' }] } },
  }),
  put({
    kind: 'EndpointSlice',
    namespace: 'default',
    name,
    labels: { 'kubernetes.io/service-name': name },
    body: { endpoints: [{ addresses: ['10.244.0.1'], nodeName: 'n0', conditions: {} }] },
  }),
];
const pool = config('IPAddressPool', 'p', { addresses: ['10.0.0.0/24'] });
const peer = (peerASN: number): Change =>
  config('BGPPeer', 'r', {
    myASN: 64_513,
    peerASN,
    peerAddress: '192.168.1.1',
    nodeSelectors: [{ matchLabels: { rack: 'a' } }],
  });

function worldOf(...changes: readonly Change[]): World {
  const world = new World({
    planOptions: DEFAULT_PLAN_OPTIONS,
    node: null,
    allocation: 'decide',
    layer2: true,
    clusterFindings: true,
  });
  world.apply(changes);
  world.start();
  return world;
}

const rules = (findings: readonly Finding[]): string =>
  ofNodes(findings)
    .map(({ rule }) => rule)
    .join();
/** Without what is said of a single object. */
const ofNodes = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ rule }) => rule === SERVICE_NOT_ANNOUNCED || rule === MERGED_LOCAL_PREF);

describe('findings that look at all nodes', () => {
  it.each([
    ['BGP', [peer(64_512), config('BGPAdvertisement', 'a', {})]],
    ['layer 2', [config('L2Advertisement', 'a', { nodeSelectors: [{ matchLabels: { rack: 'a' } }] })]],
  ])('come and go with the only node that could announce a Service by %s', (_, how) => {
    const world = worldOf(pool, ...how, node('n0', { rack: 'a' }), node('n1'), ...service('a', 80));
    expect(rules(world.findings)).toBe('');
    for (const lost of [node('n0', { rack: 'a' }, true), node('n0', { rack: 'b' })]) {
      const { added } = world.apply([lost]).findingsChanged;
      expect(rules(added)).toBe('service-not-announced');
      expect(added[0]?.message).toContain('is announced by no node');
      expect(rules(world.apply([node('n1', { rack: 'a' })]).findingsChanged.removed)).toBe('service-not-announced');
      world.apply([node('n0', { rack: 'a' })]);
      expect(world.apply([node('n1')]).findingsChanged).toEqual({ added: [], removed: [] });
      expect(rules(world.findings)).toBe('');
    }
  });

  it('say of a Service that waits for endpoints no more than that, however nodes change', () => {
    const [own] = service('a', 80);
    const world = worldOf(pool, config('L2Advertisement', 'a', {}), node('n0'), ...(own === undefined ? [] : [own]));
    expect(ofNodes(world.findings)).toMatchObject([{ rule: 'service-not-announced', severity: 'info' }]);
    const { added, removed } = world.apply([node('n1')]).findingsChanged;
    expect([added[0]?.message, removed[0]?.message].map((text) => /on \d nodes?/.exec(text ?? '')?.[0])).toEqual([
      'on 2 nodes',
      'on 1 node',
    ]);
    const gone: Change = {
      type: 'delete',
      object: { apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'a' },
    };
    expect(rules(world.apply([gone]).findingsChanged.removed)).toBe('service-not-announced');
  });

  it('name a LOCAL_PREF that is merged only as long as an internal peer is sent both', () => {
    const selective = (name: string, localPref: number): Change =>
      config('BGPAdvertisement', name, { localPref, serviceSelectors: [{ matchLabels: { tier: name } }] });
    const world = worldOf(
      pool,
      peer(64_513),
      selective('a', 200),
      selective('b', 300),
      node('n0', { rack: 'a' }),
      ...service('a', 80),
      ...service('b', 81),
    );
    expect(rules(world.findings)).toBe('merged-local-pref');
    const { added, removed } = world.apply([node('n0', { rack: 'b' })]).findingsChanged;
    expect([rules(added), rules(removed)]).toEqual([
      'service-not-announced,service-not-announced',
      'merged-local-pref',
    ]);
    expect(rules(world.apply([node('n0', { rack: 'a' })]).findingsChanged.added)).toBe('merged-local-pref');
    expect(rules(world.apply([selective('a', 300)]).findingsChanged.removed)).toBe('merged-local-pref');
  });
});
