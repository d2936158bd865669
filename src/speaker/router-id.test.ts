import { expect, it } from 'vitest';
import { formatIp, parseIp } from '../net/ip.ts';
import { routerIdOf } from './router-id.ts';

const ip = (text: string) => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const node = (name: string, ...ips: string[]) => ({
  name,
  labels: {},
  internalIPs: ips.map(ip),
  networkUnavailable: false,
});
const text = (id: number): string => formatIp({ family: 4, value: BigInt(id) });

it('is what the peer says, else the first IPv4 InternalIP', () => {
  expect(text(routerIdOf({ routerID: ip('10.0.0.9') }, node('node1', '192.168.1.10')))).toBe('10.0.0.9');
  expect(text(routerIdOf({ routerID: null }, node('node1', 'fd00::1', '192.168.1.10', '10.0.0.1')))).toBe(
    '192.168.1.10',
  );
});

it.each([
  ['node1', '64.37.239.133'],
  ['kind-worker', '192.61.154.117'],
  ['kind-control-plane', '26.154.159.247'],
])("is MetalLB's hash of the name %s on a node without IPv4", (name, id) => {
  expect(text(routerIdOf({ routerID: null }, node(name, 'fd00::1')))).toBe(id);
});
