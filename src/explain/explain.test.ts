import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXCLUDE_LABEL } from '../announce/eligibility.ts';
import type { Service } from '../cluster/service.ts';
import { plan } from '../plan/plan.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import {
  advertisement,
  endpointsOn,
  ip,
  l2Advertisement,
  labelled,
  multiRouter,
  node,
  peer,
  pool,
  scope,
  service,
  snapshot,
} from '../plan/testing/fixture.ts';
import { type Explanation, explain } from './explain.ts';
import type { Step } from './step.ts';

function explained(given: Snapshot, key: string): Explanation {
  const explanation = explain(plan(given), key);
  if (explanation === undefined) throw new Error(`no ${key}`);
  return explanation;
}

const lines = (steps: readonly Step[]): readonly string[] => steps.map(({ rule, outcome }) => `${outcome} ${rule}`);
const messageOf = (steps: readonly Step[], rule: string): string =>
  steps
    .filter((step) => step.rule === rule)
    .map(({ message }) => message)
    .join('; ');

describe('why an address', () => {
  const addressOf = (pools: readonly ReturnType<typeof pool>[], services: readonly Service[], key: string) =>
    explained(snapshot({ config: { pools }, services }), key).address;

  it('names each pool that was asked, in order, and what it had', () => {
    const pools = [
      pool('a-full', ['10.0.0.0/32']),
      pool('b-manual', ['10.0.1.0/24'], { autoAssign: false }),
      pool('c-others', ['10.0.2.0/24'], { serviceAllocation: scope({ namespaces: ['x'] }) }),
      pool('d-ours', ['10.0.3.0/32'], { serviceAllocation: scope({ priority: 5 }) }),
      pool('e', ['10.0.4.0/24']),
      pool('f', ['10.0.5.0/24']),
    ];
    const services = ['one', 'two', 'three'].map((name, i) =>
      service(`default/${name}`, { creationTimestamp: `2026-01-0${i + 1}T00:00:00Z` }),
    );
    const { ips, steps } = addressOf(pools, services, 'default/three');
    expect(ips).toEqual(['10.0.4.0']);
    const about = steps.filter(({ object }) => object?.kind === 'IPAddressPool');
    expect(about.map(({ object, outcome, rule }) => `${object?.name} ${outcome} ${rule}`)).toEqual([
      'd-ours no pool',
      'a-full no pool',
      'e yes pool',
      'f note pool',
      'b-manual no auto-assign',
      'c-others no service-allocation',
      'e yes range',
    ]);
    expect(messageOf(steps, 'turn')).toContain('number 3 of the 3');
  });

  it('says why a status is kept, or why it is not', () => {
    const pools = [pool('p', ['10.0.0.0/24'])];
    const kept = addressOf(pools, [service('a/s', { ingress: [ip('10.0.0.9')] })], 'a/s');
    expect(lines(kept.steps)).toContain('yes status');
    const lost = addressOf(pools, [service('a/s', { ingress: [ip('9.9.9.9')] })], 'a/s');
    expect(messageOf(lost.steps, 'status')).toContain('9.9.9.9 is in no pool');
    expect(lost.ips).toEqual(['10.0.0.0']);
  });

  it('names who shares the address, and the second family that came later', () => {
    const shares = (port: number): Partial<Service> => ({
      annotations: { 'metallb.io/allow-shared-ip': 'k' },
      ports: [{ protocol: 'TCP', port }],
    });
    const pools = [pool('p', ['10.0.0.0/24', 'fc00::/64'])];
    const both = addressOf(pools, [service('a/x', shares(80)), service('a/y', shares(81))], 'a/y');
    expect(messageOf(both.steps, 'sharing')).toContain('shared with a/x');
    const dual = { ipFamilies: [4, 6] as const, ipFamilyPolicy: 'PreferDualStack' as const };
    const later = addressOf(pools, [service('a/s', { ...dual, ingress: [ip('10.0.0.1')] })], 'a/s');
    expect(messageOf(later.steps, 'second-family')).toContain('fc00:: was added from the same pool');
    const never = addressOf([pool('p', ['10.0.0.0/24'])], [service('a/s', dual)], 'a/s');
    expect(messageOf(never.steps, 'second-family')).toContain('has no IPv6 addresses');
  });

  it('ends where a Service is not ours, and says what a wrong request lacks', () => {
    const pools = [pool('p', ['10.0.0.0/24'])];
    expect(lines(addressOf(pools, [service('a/s', { type: 'NodePort' })], 'a/s').steps)).toEqual(['no type']);
    expect(lines(addressOf(pools, [service('a/s', { loadBalancerClass: 'x' })], 'a/s').steps)).toEqual([
      'yes type',
      'no class',
    ]);
    const wrong = addressOf(pools, [service('a/s', { loadBalancerIP: 'nonsense' })], 'a/s');
    expect(wrong.steps.at(-1)).toMatchObject({ rule: 'request', outcome: 'no', path: ['spec', 'loadBalancerIP'] });
    const conflict = addressOf(
      pools,
      [service('a/r', { loadBalancerIP: '10.0.0.1' }), service('a/s', { loadBalancerIP: '10.0.0.1' })],
      'a/s',
    );
    expect(messageOf(conflict.steps, 'result')).toContain('in use by "a/r"');
  });
});

describe('why announced', () => {
  it('says of each peer of a node whether it has a session, which advertisements are for it, and what it is told', () => {
    const guide = multiRouter();
    const peers = [
      ...guide.config.peers,
      peer('elsewhere', '192.0.2.9', { nodeSelectors: [labelled({ rack: 'x' })] }),
      peer('z-same-router', '192.168.1.1'),
    ];
    const { nodes } = explained({ ...guide, config: { ...guide.config, peers } }, 'default/nginx-lb');
    const [first] = nodes;
    expect(first).toMatchObject({ node: 'node1', protocol: 'bgp', announced: true, reason: null });
    const of = (name: string) => first?.peers.find((one) => one.peer === name);
    expect(of('dc1-router-primary')?.routes).toMatchObject([{ prefix: '10.100.0.1/32', communities: ['64512:1100'] }]);
    expect(messageOf(of('dc1-router-primary')?.steps ?? [], 'local-preference')).toContain('is not sent');
    expect(lines(of('elsewhere')?.steps ?? [])).toEqual(['no peer-node-selectors']);
    expect(lines(of('z-same-router')?.steps ?? [])).toEqual(['yes peer-node-selectors', 'no superseded']);
  });

  it('says that several nodeSelectors must all match, or any, and who says so', () => {
    const two = [labelled({ a: '1' }), labelled({ b: '1' })];
    const given = (policy: 'All' | 'Any' | null) => {
      const guide = multiRouter();
      const [first, ...rest] = guide.config.peers;
      const peers = first === undefined ? [] : [{ ...first, nodeSelectors: two, nodeSelectorsPolicy: policy }, ...rest];
      const nodes = [node('node1', '192.168.1.10', { a: '1' })];
      const explanation = explained({ ...guide, nodes, config: { ...guide.config, peers } }, 'default/nginx-lb');
      return explanation.nodes[0]?.peers[0]?.steps[0]?.message;
    };
    expect(given(null)).toContain('all of its 2 nodeSelectors must match (--node-selectors), and they do not');
    expect(given('Any')).toContain('one of its 2 nodeSelectors must match (its nodeSelectorsPolicy), and one does');
  });
});

const names = fc.constantFrom('n1', 'n2', 'n3');

it('explains everything, and never says another thing than the plan', () => {
  const labels = fc.constantFrom({}, { x: '1' }, { x: '2' });
  const selectors = fc.array(labels.map(labelled), { maxLength: 2 });
  const scopes = fc.record({
    nodeSelectors: selectors,
    serviceSelectors: selectors,
    pools: fc.constantFrom([], ['p'], ['q']),
  });
  const services = fc.array(
    fc.record({
      labels,
      local: fc.boolean(),
      on: fc.uniqueArray(names),
      annotations: fc.constantFrom<Record<string, string>>(
        {},
        { 'metallb.io/address-pool': 'q' },
        { 'metallb.io/allow-shared-ip': 'k' },
        { 'metallb.io/loadBalancerIPs': '10.0.0.1' },
      ),
      dual: fc.boolean(),
      status: fc.constantFrom([], ['10.0.0.1'], ['9.9.9.9']),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(
      services,
      fc.array(
        fc.record({ scope: scopes, peers: fc.constantFrom([], ['r1'], ['gone']), length: fc.constantFrom(32, 24) }),
        { maxLength: 3 },
      ),
      fc.array(scopes, { maxLength: 2 }),
      fc.uniqueArray(fc.record({ name: names, labels, excluded: fc.boolean(), lost: fc.boolean() }), {
        selector: ({ name }) => name,
      }),
      (wanted, bgp, l2, given) => {
        const keys = wanted.map((_, i) => `a/s${i}`);
        const planned = plan(
          snapshot({
            config: {
              pools: [pool('p', ['10.0.0.0/30', 'fc00::/126']), pool('q', ['10.0.1.0/31'])],
              peers: [peer('r1', '192.0.2.1'), peer('r2', '2001:db8::1', { peerASN: 64513 })],
              bgpAdvertisements: bgp.map(({ scope: { pools, ...rest }, peers, length }, i) =>
                advertisement(`b${i}`, {
                  ...rest,
                  ipAddressPools: pools,
                  peers,
                  aggregationLength: length,
                  localPref: i * 50,
                }),
              ),
              l2Advertisements: l2.map(({ pools, ...rest }, i) =>
                l2Advertisement(`l${i}`, { ...rest, ipAddressPools: pools }),
              ),
            },
            services: wanted.map((one, i) =>
              service(keys[i] ?? '', {
                labels: one.labels,
                annotations: one.annotations,
                externalTrafficPolicy: one.local ? 'Local' : 'Cluster',
                ...(one.dual ? { ipFamilies: [4, 6], ipFamilyPolicy: 'PreferDualStack' } : {}),
                ingress: one.status.map(ip),
              }),
            ),
            endpoints: Object.fromEntries(wanted.map(({ on }, i) => [keys[i] ?? '', endpointsOn(...on)])),
            nodes: given.map((one, i) => ({
              ...node(one.name, `192.0.2.${10 + i}`, {
                ...one.labels,
                ...(one.excluded ? { [EXCLUDE_LABEL]: '' } : {}),
              }),
              networkUnavailable: one.lost,
            })),
          }),
        );
        const routes = [...planned.bgpRows()];
        const answers = [...planned.layer2Rows()];
        const refusals = [...planned.notAnnouncedRows()];
        for (const key of keys) {
          const explanation = explain(planned, key);
          expect(explanation).toBeDefined();
          if (explanation === undefined) return;
          if (explanation.address.state === 'Pending') expect(lines(explanation.address.steps).join()).toContain('no ');
          for (const one of explanation.nodes) {
            const row = refusals.find((r) => r.node === one.node && r.service === key && r.protocol === one.protocol);
            expect(one.reason).toBe(row?.reason ?? null);
            const rows = routes.filter((r) => r.node === one.node && r.services.includes(key));
            if (one.protocol === 'bgp') {
              expect(one.announced).toBe(rows.length > 0);
              expect(
                one.peers.flatMap(({ peer: name, routes: told }) =>
                  told.map((r) => ({ node: one.node, peer: name, ...r })),
                ),
              ).toEqual(rows);
            } else expect(one.announced).toBe(answers.some((a) => a.node === one.node && a.services.includes(key)));
            // Whatever is not announced has a rule that says no.
            const all = [...one.steps, ...one.peers.flatMap(({ steps }) => steps)];
            if (!one.announced && one.reason !== 'noSession' && one.steps.length > 0)
              expect(all.some(({ outcome }) => outcome === 'no')).toBe(true);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
