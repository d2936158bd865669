import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatIp } from '../net/ip.ts';
import { formatSocketAddress, parseSocketAddress } from '../net/socket-address.ts';
import type { TransportMap } from './transport-map.ts';
import { parseTransportMap } from './transport-map-file.ts';

function mapOf(text: string): TransportMap {
  const map = parseTransportMap(text);
  if (!map.ok) throw new Error(map.error.join());
  return map.value;
}

const peer = (text: string) => {
  const parsed = parseSocketAddress(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

it('says what is dialled for a peer and where a node dials from, and leaves the rest as it is', () => {
  const map = mapOf(
    'peers:\n  192.168.1.1:179: 127.0.0.1:1790\n  "[fd00::1]:179": "[::1]:1790"\nnodes: {node1: 127.0.0.10}\n',
  );
  const dialled = (text: string): string => formatSocketAddress(map.dialled(peer(text)));
  expect(dialled('192.168.1.1:179')).toBe('127.0.0.1:1790');
  expect(dialled('[fd00::1]:179')).toBe('[::1]:1790');
  expect(dialled('192.168.1.1:1179')).toBe('192.168.1.1:1179');
  const source = map.sourceOf('node1');
  expect(source !== null && formatIp(source)).toBe('127.0.0.10');
  expect(map.sourceOf('node2')).toBeNull();
});

it('names everything that is wrong', () => {
  expect(parseTransportMap('peers: {nonsense: 127.0.0.1}\nnodes: {node1: 010.0.0.1}')).toMatchObject({
    ok: false,
    error: [
      expect.stringContaining('peers: "nonsense"'),
      expect.stringContaining('peers."nonsense"'),
      expect.stringContaining('nodes.node1'),
    ],
  });
  expect(parseTransportMap('peers: [a]')).toMatchObject({ error: ['peers: must be a mapping'] });
  expect(parseTransportMap('peers: {').ok).toBe(false);
});

it('takes any text without throwing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(typeof parseTransportMap(text).ok).toBe('boolean');
    }),
  );
});
