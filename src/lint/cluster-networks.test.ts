import { expect, it } from 'vitest';
import { coreResourceOf } from '../config/testing.ts';
import { formatIpRange } from '../net/ip-range.ts';
import { podNetworks, serviceNetworks } from './cluster-networks.ts';
import { Objects } from './objects.ts';

const texts = (networks: ReturnType<typeof podNetworks>) =>
  networks.map(({ range, source }) => `${formatIpRange(range)} ${source}`);

it('reads ServiceCIDRs, flags and cluster IPs', () => {
  const objects = new Objects([
    coreResourceOf('ServiceCIDR', 'kubernetes', { spec: { cidrs: ['10.96.0.0/16', 'nonsense', 7] } }),
    coreResourceOf('Pod', 'api', {
      spec: { containers: [{ command: ['x', '--service-cluster-ip-range=10.97.0.0/16,fd00::/112'] }] },
    }),
    coreResourceOf('Service', 'a', { spec: { clusterIP: '10.98.0.1', clusterIPs: ['10.98.0.1', 'fd00::1'] } }),
    coreResourceOf('Service', 'headless', { spec: { clusterIP: 'None' } }),
  ]);
  expect(texts(serviceNetworks(objects))).toEqual([
    '10.96.0.0-10.96.255.255 ServiceCIDR kubernetes',
    '10.97.0.0-10.97.255.255 --service-cluster-ip-range of Pod api',
    'fd00::-fd00::ffff --service-cluster-ip-range of Pod api',
    '10.98.0.1-10.98.0.1 the cluster IP of Service default/a',
    'fd00::1-fd00::1 the cluster IP of Service default/a',
  ]);
});

it("reads Nodes' Pod networks and the controller manager's flag", () => {
  const objects = new Objects([
    coreResourceOf('Node', 'n', { spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24', 'fd01::/64'] } }),
    coreResourceOf('Pod', 'cm', { spec: { containers: [{ args: ['--cluster-cidr=10.244.0.0/16'] }, 7] } }),
  ]);
  expect(texts(podNetworks(objects))).toEqual([
    '10.244.0.0-10.244.0.255 podCIDR of node n',
    'fd01::-fd01::ffff:ffff:ffff:ffff podCIDR of node n',
    '10.244.0.0-10.244.255.255 --cluster-cidr of Pod cm',
  ]);
});
