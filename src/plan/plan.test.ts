import { describe, expect, it } from 'vitest';
import { plan, planNode } from './plan.ts';
import {
  advertisement,
  endpointsOn,
  ip,
  labelled,
  multiRouter,
  node,
  peer,
  pool,
  service,
  snapshot,
} from './testing/fixture.ts';

describe("plan of the guide's multi-router configuration", () => {
  const planned = plan(multiRouter());

  it('gives the Service 10.100.0.1 of the pool that its annotation names', () => {
    expect(planned.services).toEqual([
      {
        namespace: 'default',
        name: 'nginx-lb',
        state: 'Assigned',
        ips: ['10.100.0.1'],
        pool: 'production-pool',
        message: null,
      },
    ]);
  });

  it('has twelve sessions and twelve routes, each with the community of its path and no LOCAL_PREF (eBGP)', () => {
    expect(planned.sessions).toHaveLength(12);
    const rows = [...planned.bgpRows()];
    expect(rows).toHaveLength(12);
    expect(rows[0]).toEqual({
      node: 'node1',
      peer: 'dc1-router-primary',
      prefix: '10.100.0.1/32',
      localPref: null,
      med: null,
      asPathPrepend: 0,
      communities: ['64512:1100'],
      largeCommunities: [],
      services: ['default/nginx-lb'],
      advertisements: ['dc1-primary-advertisement'],
    });
    expect([...planned.notAnnouncedRows()]).toEqual([]);
    expect(planned.diagnostics).toEqual([]);
  });

  it('gives each speaker the same', () => {
    expect(planNode(multiRouter(), 'node2')).toEqual(planned.node('node2'));
    expect(planned.node('node2')?.sessions.map((s) => s.routes.length)).toEqual([1, 1, 1, 1]);
    expect(planNode(multiRouter(), 'node9')).toBeUndefined();
  });
});

describe('plan', () => {
  const base = multiRouter();
  const rowsOf = (parts: Partial<typeof base>) => [...plan({ ...base, ...parts }).bgpRows()];
  const refusalsOf = (parts: Partial<typeof base>) => [...plan({ ...base, ...parts }).notAnnouncedRows()];

  it('plans only addresses without nodes, and finds nothing wrong with that', () => {
    const planned = plan({ ...base, nodes: [] });
    expect(planned.services[0]?.ips).toEqual(['10.100.0.1']);
    expect([...planned.bgpRows(), ...planned.notAnnouncedRows(), ...planned.diagnostics]).toEqual([]);
  });

  it('announces nothing without endpoints, and says so once for each node and once for the Service', () => {
    expect(refusalsOf({ endpoints: new Map() }).map((row) => [row.node, row.reason])).toEqual([
      ['node1', 'noEndpoints'],
      ['node2', 'noEndpoints'],
      ['node3', 'noEndpoints'],
    ]);
    expect(plan({ ...base, endpoints: new Map() }).diagnostics).toMatchObject([
      { rule: 'service-not-announced', severity: 'info', object: { name: 'nginx-lb' } },
    ]);
  });

  it('announces a Local Service from the nodes that have an endpoint', () => {
    const local = {
      services: [service('default/nginx-lb', { externalTrafficPolicy: 'Local' })],
      endpoints: new Map([['default/nginx-lb', endpointsOn('node2')]]),
    };
    expect(new Set(rowsOf(local).map((row) => row.node))).toEqual(new Set(['node2']));
    expect(refusalsOf(local).map((row) => [row.node, row.service, row.protocol, row.reason])).toEqual([
      ['node1', 'default/nginx-lb', 'bgp', 'noLocalEndpoints'],
      ['node3', 'default/nginx-lb', 'bgp', 'noLocalEndpoints'],
    ]);
  });

  it('honours the exclude label, unless told not to, and NetworkUnavailable', () => {
    const [first, second, third] = base.nodes;
    const nodes = [
      { ...first, labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } },
      { ...second, networkUnavailable: true },
      third,
    ] as typeof base.nodes;
    expect(refusalsOf({ nodes }).map((row) => row.reason)).toEqual([
      'nodeLabeledExcludeBalancers',
      'nodeNetworkUnavailable',
    ]);
    const ignoring = plan({ ...base, nodes }, { ...plan(base).options, ignoreExcludeLB: true });
    expect([...ignoring.notAnnouncedRows()].map((row) => row.node)).toEqual(['node2']);
  });

  it('gives no rows and one finding for a pool that no advertisement is for', () => {
    const planned = plan({ ...base, config: { ...base.config, bgpAdvertisements: [] } });
    expect([...planned.notAnnouncedRows()]).toEqual([]);
    expect(planned.diagnostics).toHaveLength(1);
    expect(planned.diagnostics[0]).toMatchObject({ rule: 'service-not-announced', severity: 'warning' });
  });

  it('says noSession where the peers that are named have none', () => {
    const config = {
      ...base.config,
      bgpAdvertisements: [advertisement('backup-path', { peers: ['router-backup'] })],
    };
    const rows = refusalsOf({ config });
    expect(rows.map((row) => row.reason)).toEqual(['noSession', 'noSession', 'noSession']);
    expect(rows[0]?.message).toContain('router-backup');
  });

  it('selects nodes and Services by advertisement', () => {
    const config = (nodeLabel: string, serviceLabel: string) => ({
      ...base.config,
      bgpAdvertisements: [
        advertisement('only', {
          nodeSelectors: [labelled({ rack: nodeLabel })],
          serviceSelectors: [labelled({ tier: serviceLabel })],
        }),
      ],
    });
    const nodes = [node('node1', '192.168.1.10', { rack: 'a' }), node('node2', '192.168.1.11', { rack: 'b' })];
    const services = [service('default/nginx-lb', { labels: { tier: 'web' } })];
    expect(new Set(rowsOf({ config: config('a', 'web'), nodes, services }).map((r) => r.node))).toEqual(
      new Set(['node1']),
    );
    const refused = refusalsOf({ config: config('a', 'db'), nodes, services });
    expect(refused.map((row) => row.reason)).toEqual(['noMatchingAdvertisement', 'noMatchingAdvertisement']);
    expect(refused[0]?.message).toContain('serviceSelectors');
    expect(refused[1]?.message).toContain('selects node node2');
  });

  it('merges what Services and advertisements say of one prefix: communities united, names listed', () => {
    const planned = plan({
      ...base,
      services: [service('default/a'), service('default/b')],
      endpoints: new Map([
        ['default/a', endpointsOn('node1')],
        ['default/b', endpointsOn('node1')],
      ]),
      nodes: base.nodes.slice(0, 1),
      config: {
        ...base.config,
        peers: [peer('router', '192.168.1.1')],
        bgpAdvertisements: [
          advertisement('one', { aggregationLength: 27, communities: [1, 3], asPathPrepend: 2, med: 5 }),
          advertisement('two', { aggregationLength: 27, communities: [2, 3], asPathPrepend: 1, med: 7 }),
        ],
      },
    });
    expect([...planned.bgpRows()]).toMatchObject([
      {
        prefix: '10.100.0.0/27',
        communities: ['0:1', '0:2', '0:3'],
        asPathPrepend: 1,
        med: 5,
        services: ['default/a', 'default/b'],
        advertisements: ['one', 'two'],
      },
    ]);
  });

  it('refuses a Service whose advertisements differ in localPref towards an internal peer, and only there', () => {
    const differing = (peerASN: number) =>
      ({
        config: {
          ...base.config,
          peers: [peer('router', '192.168.1.1', { peerASN })],
          bgpAdvertisements: [advertisement('one', { localPref: 200 }), advertisement('two')],
        },
      }) as const;
    expect(refusalsOf(differing(64513)).map((row) => row.reason)).toEqual(Array(3).fill('conflictingAdvertisements'));
    expect(rowsOf(differing(64512))).toHaveLength(3);
    // Unset is sent as 100: no difference.
    const same = differing(64513);
    const [, two] = same.config.bgpAdvertisements;
    const config = { ...same.config, bgpAdvertisements: [advertisement('one', { localPref: 100 }), two] };
    expect(rowsOf({ config } as never).map((row) => row.localPref)).toEqual([100, 100, 100]);
  });

  it('sends the highest of two Services that share a prefix, and reports it', () => {
    const shared = { annotations: { 'metallb.io/allow-shared-ip': 'k' } };
    const planned = plan({
      ...base,
      services: [
        service('default/a', { ...shared, labels: { tier: 'a' } }),
        service('default/b', { ...shared, labels: { tier: 'b' }, ports: [{ protocol: 'TCP', port: 81 }] }),
      ],
      endpoints: new Map([
        ['default/a', endpointsOn('node1')],
        ['default/b', endpointsOn('node1')],
      ]),
      config: {
        ...base.config,
        peers: [peer('router', '192.168.1.1', { peerASN: 64513 })],
        bgpAdvertisements: [
          advertisement('one', { localPref: 200, serviceSelectors: [labelled({ tier: 'a' })] }),
          advertisement('two', { localPref: 300, serviceSelectors: [labelled({ tier: 'b' })] }),
        ],
      },
    });
    expect([...planned.bgpRows()][0]).toMatchObject({ prefix: '10.100.0.1/32', localPref: 300 });
    expect(planned.diagnostics).toMatchObject([{ rule: 'merged-local-pref', severity: 'warning' }]);
  });

  it('carries a family only where the session has it', () => {
    const parts = {
      services: [service('default/d', { ipFamilies: [4, 6] as const, ipFamilyPolicy: 'RequireDualStack' as const })],
      endpoints: new Map([['default/d', endpointsOn('node1')]]),
      nodes: base.nodes.slice(0, 1).map((one) => ({ ...one, internalIPs: [...one.internalIPs, ip('2001:db8::10')] })),
    };
    const config = (dualStackAddressFamily: boolean) => ({
      ...base.config,
      pools: [pool('both', ['10.0.0.0/24', 'fc00::/120'])],
      peers: [peer('router', '192.168.1.1', { dualStackAddressFamily })],
      bgpAdvertisements: [advertisement('all')],
    });
    expect(rowsOf({ ...parts, config: config(false) }).map((row) => row.prefix)).toEqual(['10.0.0.0/32']);
    expect(refusalsOf({ ...parts, config: config(false) })).toMatchObject([{ reason: 'addressFamilyNotActive' }]);
    expect(rowsOf({ ...parts, config: config(true) }).map((row) => row.prefix)).toEqual(['10.0.0.0/32', 'fc00::/128']);
    expect(refusalsOf({ ...parts, config: config(true) })).toEqual([]);
    // A node without an IPv6 address of its own has no next hop to name.
    const ipv4Only = { ...parts, nodes: base.nodes.slice(0, 1), config: config(true) };
    expect(rowsOf(ipv4Only).map((row) => row.prefix)).toEqual(['10.0.0.0/32']);
    expect(refusalsOf(ipv4Only)).toMatchObject([
      { reason: 'addressFamilyNotActive', message: expect.stringContaining('node1 has no IPv6 InternalIP') },
    ]);
  });

  it('of peers of one router lets one hold the session, and sends it what any of their names is sent', () => {
    const config = {
      ...base.config,
      peers: [
        peer('a-plain', '192.168.1.1'),
        peer('z-edge', '192.168.1.1', { nodeSelectors: [labelled({ rack: 'a' })] }),
      ],
      bgpAdvertisements: [advertisement('to-plain', { peers: ['a-plain'], communities: [7] })],
    };
    const nodes = [node('node1', '192.168.1.10', { rack: 'a' }), node('node2', '192.168.1.11')];
    const planned = plan({ ...base, config, nodes });
    expect(planned.sessions.map((row) => [row.node, row.peer])).toEqual([
      ['node1', 'z-edge'],
      ['node2', 'a-plain'],
    ]);
    expect([...planned.bgpRows()].map((row) => [row.node, row.peer])).toEqual([
      ['node1', 'z-edge'],
      ['node2', 'a-plain'],
    ]);
  });

  it('has a plan for nothing at all', () => {
    const planned = plan(snapshot());
    expect([planned.services, planned.sessions, planned.diagnostics, [...planned.bgpRows()]]).toEqual([[], [], [], []]);
  });
});
