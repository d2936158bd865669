import { describe, expect, it } from 'vitest';
import { bfdProfileOf } from '../../config/testing.ts';
import { LinkTable } from '../../io/linux/link-table.ts';
import { type Ip, parseIp } from '../../net/ip.ts';
import { prefixOf } from '../../net/prefix.ts';
import { bfdPathOf, pathText } from './bfd-path.ts';

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const PROFILE = bfdProfileOf('production-bfd', { minimumTtl: 250 });

function links(...addresses: readonly (readonly [index: number, name: string, address: string, length: number])[]) {
  const table = new LinkTable();
  table.begin();
  for (const [index, name, address, length] of addresses) {
    table.apply({ type: 'link', index, name, up: true });
    table.apply({ type: 'address', index, address: ip(address), network: prefixOf(ip(address), length), usable: true });
  }
  table.complete();
  return table;
}

const between = (local: string, remote: string, table: LinkTable | null, ebgpMultiHop = false) =>
  bfdPathOf(PROFILE, { local: ip(local), remote: ip(remote), ebgpMultiHop }, table);

describe('the path of a BFD session', () => {
  const table = links([1, 'lo', '127.0.0.1', 8], [1, 'lo', '10.255.0.1', 32], [7, 'eth0', '192.168.1.10', 24]);

  it('is a single hop where the router is on a subnet of this node, whatever ebgpMultiHop says', () => {
    for (const ebgpMultiHop of [false, true])
      expect(between('192.168.1.10', '192.168.1.1', table, ebgpMultiHop)).toMatchObject({
        path: { type: 'singleHop', interfaceIndex: 7 },
        device: 'eth0',
      });
  });

  it('is over several hops, with the minimum TTL of the profile, where a router is between', () => {
    expect(between('192.168.1.10', '192.168.2.1', table)).toMatchObject({
      path: { type: 'multihop', minimumTtl: 250 },
      device: null,
    });
  });

  it('is over several hops from an address that is on no subnet with the router', () => {
    expect(between('10.255.0.1', '192.168.1.1', table).path.type).toBe('multihop');
  });

  it('is a single hop between two addresses of one subnet of this node, as where loopback stands for a network', () => {
    expect(between('127.64.1.10', '127.64.1.1', table)).toMatchObject({
      path: { type: 'singleHop', interfaceIndex: 1 },
      device: 'lo',
    });
  });

  it('is what ebgpMultiHop says where the kernel tells nothing of links', () => {
    expect(between('192.168.1.10', '192.168.1.1', null)).toMatchObject({
      path: { type: 'singleHop', interfaceIndex: null },
    });
    expect(between('192.168.1.10', '192.168.1.1', null, true).path.type).toBe('multihop');
  });

  it('has a text that tells paths apart', () => {
    const one = between('192.168.1.10', '192.168.1.1', table);
    expect(pathText(one)).toBe(pathText(between('192.168.1.10', '192.168.1.1', table)));
    expect(pathText(one)).not.toBe(pathText(between('192.168.1.11', '192.168.1.1', table)));
    expect(pathText(one)).not.toBe(pathText(between('192.168.1.10', '192.168.1.1', null)));
  });
});
