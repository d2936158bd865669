import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Peer } from '../config/peer.ts';
import { plan } from '../plan/plan.ts';
import { DEFAULT_PLAN_OPTIONS } from '../plan/snapshot.ts';
import {
  advertisement,
  endpointsOn,
  ip,
  labelled,
  multiRouter,
  node,
  peer,
  pool,
  scope,
  service,
  snapshot,
} from '../plan/testing/fixture.ts';
import { Secret } from '../secret.ts';
import { lint } from './lint.ts';
import { LINT_RULES } from './registry.ts';

describe('the registry', () => {
  it('has each name once, and a help for each rule', () => {
    const names = LINT_RULES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, help } of LINT_RULES) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(?:-[a-z]+)*$/);
      expect(help.length).toBeGreaterThan(10);
    }
  });
});

describe('lint', () => {
  it("says of the guide's multi-router configuration what decisions.md says", () => {
    const rules = lint(plan(multiRouter())).map(({ rule, object }) => `${rule} ${object?.name}`);
    expect(rules).toEqual([
      'deprecated-annotation nginx-lb',
      'local-pref-on-ebgp dc1-primary-advertisement',
      'local-pref-on-ebgp dc1-secondary-advertisement',
      'local-pref-on-ebgp dc2-primary-advertisement',
      'local-pref-on-ebgp dc2-secondary-advertisement',
      'peer-not-on-node-subnet dc2-router-primary',
      'peer-not-on-node-subnet dc2-router-secondary',
    ]);
  });

  it('reports a finding once that the input has twice', () => {
    const finding = { rule: 'x', severity: 'info' as const, message: 'm', help: '', object: null, path: [] };
    expect(lint(plan(snapshot({ findings: [finding, { ...finding }] })))).toHaveLength(1);
  });
});

const name = fc.constantFrom('a', 'b', 'c', 'constructor', '__proto__');
const labels = fc.dictionary(fc.constantFrom('x', 'y', 'constructor'), fc.constantFrom('1', '2'), { maxKeys: 2 });
const selector = labels.map(labelled);
const selectors = fc.array(selector, { maxLength: 2 });
const addresses = fc.constantFrom(
  ['10.0.0.0/30'],
  ['10.0.1.0/29', 'fc00::/126'],
  ['fc00:1::/64'],
  ['10.0.2.254-10.0.3.1'],
);
// Each name and each set of addresses once: pools that overlap are refused before there is a plan.
const pools = fc
  .uniqueArray(
    fc.record({ name, addresses, auto: fc.boolean(), buggy: fc.boolean(), allocation: fc.option(selectors) }),
    {
      selector: (one) => one.name,
      maxLength: 3,
    },
  )
  .map((all) => all.filter((one, i) => all.findIndex((other) => other.addresses === one.addresses) === i));
const peers = fc.uniqueArray(
  fc.record({
    name,
    address: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1'),
    nodeSelectors: selectors,
    nodeSelectorsPolicy: fc.constantFrom<Peer['nodeSelectorsPolicy'][]>(null, 'All', 'Any'),
    peerASN: fc.constantFrom(64512, 64513),
    dualStackAddressFamily: fc.boolean(),
    key: fc.boolean(),
  }),
  { selector: (one) => one.name, maxLength: 3 },
);
const bgpAdvertisements = fc.uniqueArray(
  fc.record({
    name,
    ipAddressPools: fc.uniqueArray(name, { maxLength: 2 }),
    nodeSelectors: selectors,
    serviceSelectors: selectors,
    peers: fc.uniqueArray(name, { maxLength: 2 }),
    aggregationLength: fc.constantFrom(32, 30, 1),
    aggregationLengthV6: fc.constantFrom(128, 64, 1),
    localPref: fc.option(fc.integer({ min: 0, max: 300 })),
    med: fc.option(fc.nat()),
    communities: fc.constantFrom<number[][]>([], [1], [0xffffff02]),
  }),
  { selector: (one) => one.name, maxLength: 4 },
);
const services = fc.uniqueArray(
  fc.record({
    name,
    labels,
    type: fc.constantFrom('LoadBalancer', 'LoadBalancer', 'ClusterIP'),
    externalTrafficPolicy: fc.constantFrom('Local' as const, 'Cluster' as const),
    ipFamilies: fc.constantFrom<(4 | 6)[][]>([4], [6], [4, 6], [6, 4], []),
    ipFamilyPolicy: fc.constantFrom('SingleStack' as const, 'PreferDualStack' as const, 'RequireDualStack' as const),
    ingress: fc.constantFrom<string[][]>(
      [],
      ['10.0.0.1'],
      ['9.9.9.9'],
      ['10.0.1.1', 'fc00::1'],
      ['10.0.0.1', '10.0.0.2'],
    ),
    annotations: fc.dictionary(
      fc.constantFrom('metallb.io/address-pool', 'metallb.io/loadBalancerIPs', 'metallb.universe.tf/allow-shared-ip'),
      fc.constantFrom('', 'a', '10.0.0.1', '10.0.1.1,fc00::1', '\u001b[2J'),
      { maxKeys: 2 },
    ),
    on: fc.uniqueArray(fc.constantFrom('n1', 'n2', 'gone'), { maxLength: 2 }),
  }),
  { selector: (one) => one.name, maxLength: 6 },
);
const nodes = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('n1', 'n2', 'n3'), labels, networkUnavailable: fc.boolean() }),
  { selector: (one) => one.name, maxLength: 3 },
);

const anySnapshot = fc.record({ pools, peers, bgpAdvertisements, services, nodes }).map((given) =>
  snapshot({
    config: {
      pools: given.pools.map((one) =>
        pool(one.name, one.addresses, {
          autoAssign: one.auto,
          avoidBuggyIPs: one.buggy,
          serviceAllocation: one.allocation === null ? null : scope({ serviceSelectors: one.allocation }),
        }),
      ),
      peers: given.peers.map(({ address, key, ...rest }) =>
        peer(rest.name, address, {
          ...rest,
          authentication: key
            ? { type: 'md5', key: new Secret('canary-5f1d'), source: { type: 'text' } }
            : { type: 'none' },
        }),
      ),
      bgpAdvertisements: given.bgpAdvertisements.map((one) => advertisement(one.name, one)),
    },
    services: given.services.map(({ on: _, ingress, ...one }) =>
      service(`default/${one.name}`, { ...one, ingress: ingress.map(ip) }),
    ),
    endpoints: Object.fromEntries(given.services.map((one) => [`default/${one.name}`, endpointsOn(...one.on)])),
    nodes: given.nodes.map((one) => ({
      ...node(one.name, '192.0.2.10', one.labels),
      networkUnavailable: one.networkUnavailable,
    })),
  }),
);

const bytes = (text: string): string => Buffer.from(text).toString('hex');

describe('any snapshot', () => {
  it('has a plan and findings: rows sorted, each once, consistent with each other, and no key in them', () => {
    fc.assert(
      fc.property(anySnapshot, fc.constantFrom('All' as const, 'Any' as const), (given, nodeSelectors) => {
        const planned = plan(given, { ...DEFAULT_PLAN_OPTIONS, nodeSelectors });
        const bgp = [...planned.bgpRows()];
        const refused = [...planned.notAnnouncedRows()];
        for (const keys of [
          planned.services.map((row) => [row.namespace, row.name]),
          planned.sessions.map((row) => [row.node, row.peer]),
          bgp.map((row) => [row.node, row.peer, row.prefix]),
          refused.map((row) => [row.node, row.service, row.protocol]),
        ]) {
          const texts = keys.map((key) => key.map(bytes).join(' '));
          expect(texts).toEqual([...texts].sort());
          expect(new Set(texts).size).toBe(texts.length);
        }
        const sessions = new Set(planned.sessions.map((row) => `${row.node} ${row.peer}`));
        const assigned = new Map(planned.services.map((row) => [`${row.namespace}/${row.name}`, row]));
        const peersOf = new Map(planned.sessions.map((row) => [row.peer, row]));
        for (const row of bgp) {
          expect(sessions.has(`${row.node} ${row.peer}`)).toBe(true);
          expect(row.services.length * row.advertisements.length).toBeGreaterThan(0);
          for (const key of row.services) expect(assigned.get(key)?.state).toBe('Assigned');
          if (peersOf.get(row.peer)?.type === 'external') expect(row.localPref).toBeNull();
        }
        // Each address belongs to one Service, unless all of its Services agree to share.
        const holders = Map.groupBy(
          planned.services.flatMap((row) => row.ips.map((one) => ({ one, row }))),
          ({ one }) => one,
        );
        for (const same of holders.values())
          if (same.length > 1)
            for (const { row } of same) {
              const annotations = given.services.find((one) => one.name === row.name)?.annotations;
              expect(annotations?.['metallb.universe.tf/allow-shared-ip']).toBeTruthy();
            }
        for (const view of planned.views) {
          const part = planned.node(view.node.name);
          expect(part?.sessions.flatMap(({ routes }) => routes)).toHaveLength(
            bgp.filter((row) => row.node === view.node.name).length,
          );
        }
        const findings = lint(planned);
        expect(JSON.stringify([planned.services, planned.sessions, bgp, refused, findings])).not.toContain(
          'canary-5f1d',
        );
      }),
      { numRuns: 400 },
    );
  });

  it('has the same plan again', () => {
    fc.assert(
      fc.property(anySnapshot, (given) => {
        const once = plan(given);
        const twice = plan(given);
        expect([...twice.bgpRows()]).toEqual([...once.bgpRows()]);
        expect(twice.services).toEqual(once.services);
        expect(lint(twice)).toEqual(lint(once));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps every address that its own plan has written to status', () => {
    fc.assert(
      fc.property(anySnapshot, (given) => {
        const before = plan(given);
        const written = given.services.map((one) => ({ ...one, ingress: before.allocations.get(one.key)?.ips ?? [] }));
        const after = plan({ ...given, services: written });
        for (const [key, { ips }] of before.allocations)
          if (ips.length > 0) expect(after.allocations.get(key)?.ips.slice(0, ips.length)).toEqual(ips);
      }),
      { numRuns: 300 },
    );
  });
});
