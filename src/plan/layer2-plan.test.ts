import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Service } from '../cluster/service.ts';
import type { Config } from '../config/config.ts';
import { plan } from './plan.ts';
import {
  advertisement,
  endpointsOn,
  ip,
  l2Advertisement,
  labelled,
  node,
  peer,
  pool,
  service,
  snapshot,
} from './testing/fixture.ts';

// iris3 answers for 192.168.1.240, iris1 for fc00:f853:ccd:e799::1 (metallb-behaviour 11).
const irises = [1, 2, 3].map((n) => node(`iris${n}`, `10.0.0.${n}`));
const pools = [pool('p', ['192.168.1.240/28', 'fc00:f853:ccd:e799::/64']), pool('q', ['10.9.0.0/24'])];
const l2 = l2Advertisement('l2', { ipAddressPools: ['p'] });
const at = (...ips: string[]): Partial<Service> => ({ ingress: ips.map((text) => ip(text)) });

function planOf(services: readonly Service[], config: Partial<Config> = {}, on: readonly string[] = ['iris2']) {
  return plan(
    snapshot({
      config: { pools, l2Advertisements: [l2], ...config },
      nodes: irises,
      services,
      endpoints: Object.fromEntries(services.map(({ key }) => [key, endpointsOn(...on)])),
    }),
  );
}

describe('layer 2 rows', () => {
  it('have one node for all addresses of a Service, and a reason for each of the others', () => {
    const dual = { ipFamilies: [4, 6] as const, ipFamilyPolicy: 'RequireDualStack' as const };
    const planned = planOf([service('a/s', { ...dual, ...at('192.168.1.240', 'fc00:f853:ccd:e799::1') })]);
    const common = { node: 'iris3', interfaces: null, services: ['a/s'], advertisements: ['l2'] };
    expect([...planned.layer2Rows()]).toEqual([
      { ...common, ip: '192.168.1.240' },
      { ...common, ip: 'fc00:f853:ccd:e799::1' },
    ]);
    const message = 'node iris3 answers';
    expect([...planned.notAnnouncedRows()]).toEqual(
      ['iris1', 'iris2'].map((name) => ({
        node: name,
        service: 'a/s',
        protocol: 'layer2',
        reason: 'notOwner',
        message,
      })),
    );
    expect(planned.diagnostics).toEqual([]);
  });

  it('are one where Services share an address, with what the advertisements of all of them say', () => {
    const shares = (port: number, app: string): Partial<Service> => ({
      ...at('192.168.1.240'),
      annotations: { 'metallb.io/allow-shared-ip': 'k' },
      ports: [{ protocol: 'TCP', port }],
      labels: { app },
    });
    const planned = planOf([service('a/x', shares(80, 'x')), service('a/y', shares(81, 'y'))], {
      l2Advertisements: [
        l2Advertisement('a', { interfaces: ['eth1'] }),
        l2Advertisement('b', { interfaces: ['eth0'] }),
      ],
    });
    expect([...planned.layer2Rows()]).toEqual([
      {
        node: 'iris3',
        ip: '192.168.1.240',
        interfaces: ['eth0', 'eth1'],
        services: ['a/x', 'a/y'],
        advertisements: ['a', 'b'],
      },
    ]);
  });

  it('are absent, reasons too, for a pool that no L2Advertisement is for', () => {
    const planned = planOf([service('a/s', at('10.9.0.1'))]);
    expect([[...planned.layer2Rows()], [...planned.notAnnouncedRows()]]).toEqual([[], []]);
    expect(planned.diagnostics).toMatchObject([
      {
        rule: 'service-not-announced',
        message: '10.9.0.1: no BGPAdvertisement and no L2Advertisement is for pool "q"',
      },
    ]);
  });
});

describe('a Service that no protocol announces', () => {
  it('is found where no serviceSelectors match', () => {
    const selective = l2Advertisement('sel', { serviceSelectors: [labelled({ app: 'x' })] });
    const planned = planOf([service('a/s', at('192.168.1.240'))], { l2Advertisements: [selective] });
    expect(planned.diagnostics.map(({ message }) => message)).toEqual([
      '192.168.1.240: no L2Advertisement of pool "p" has serviceSelectors that match its labels',
    ]);
    expect([...planned.notAnnouncedRows()].map(({ reason }) => reason)).toEqual(
      Array(3).fill('noMatchingAdvertisement'),
    );
  });

  it('is found where nobody may answer, with the reasons', () => {
    const local = service('a/s', { ...at('192.168.1.240'), externalTrafficPolicy: 'Local' });
    const planned = planOf([local], {}, ['elsewhere']);
    expect(planned.diagnostics).toMatchObject([{ rule: 'service-not-announced', severity: 'warning' }]);
    expect(planned.diagnostics[0]?.message).toContain('notOwner on 3 nodes');
    expect(planOf([service('a/s', at('192.168.1.240'))], {}, []).diagnostics).toMatchObject([{ severity: 'info' }]);
  });
});

it('keeps the rows of both protocols in order: node, Service, protocol', () => {
  const planned = planOf(
    ['a', 'b'].map((name) => service(`a/${name}`, at(`192.168.1.24${name === 'a' ? 0 : 1}`))),
    { bgpAdvertisements: [advertisement('bgp')], peers: [peer('r', '192.0.2.1')] },
    [],
  );
  const rows = [...planned.notAnnouncedRows()].map((row) => `${row.node} ${row.service} ${row.protocol}`);
  expect(rows).toEqual([...rows].sort());
  expect(rows).toHaveLength(3 * 2 * 2);
});

it('has exactly one answer for each Service that layer 2 announces, and a reason on every other node', () => {
  const names = fc.constantFrom('iris1', 'iris2', 'iris3');
  fc.assert(
    fc.property(
      fc.array(fc.record({ local: fc.boolean(), on: fc.uniqueArray(names), last: fc.nat(15) }), { maxLength: 6 }),
      fc.array(fc.record({ nodes: fc.uniqueArray(names), weight: fc.nat(2) }), { maxLength: 3 }),
      (wanted, given) => {
        const services = wanted.map(({ local, last }, i) =>
          service(`a/s${i}`, { externalTrafficPolicy: local ? 'Local' : 'Cluster', ...at(`192.168.1.${240 + last}`) }),
        );
        const named = irises.map((one) => ({ ...one, labels: { name: one.name } }));
        const planned = plan(
          snapshot({
            config: {
              pools,
              l2Advertisements: given.map(({ nodes, weight }, i) =>
                l2Advertisement(`l${i}`, {
                  nodeSelectors: nodes.map((name) => labelled({ name })),
                  preferredNodes: [{ weight: weight + 1, selector: labelled({ name: 'iris2' }) }],
                }),
              ),
            },
            nodes: named,
            services,
            endpoints: Object.fromEntries(wanted.map(({ on }, i) => [`a/s${i}`, endpointsOn(...on)])),
          }),
        );
        const rows = [...planned.layer2Rows()];
        const refusals = [...planned.notAnnouncedRows()];
        for (const { key } of services) {
          const assigned = planned.allocations.get(key)?.state === 'Assigned';
          const answers = rows.filter((row) => row.services.includes(key)).map((row) => row.node);
          const others = refusals.filter((row) => row.service === key).map((row) => row.node);
          expect(answers.length).toBeLessThanOrEqual(1);
          const expected = assigned && given.length > 0 ? irises.map(({ name }) => name) : [];
          expect([...answers, ...others].sort()).toEqual(expected);
        }
      },
    ),
  );
});
