/**
 * The file of a transport map. On its own, so that a speaker without one does without YAML.
 *
 * ```yaml
 * peers:                                  # what is dialled for a peer's address and port
 *   192.168.1.1:179: 127.64.1.1:17900
 * nodes:                                  # which address a node dials from; NEXT_HOP stays the node's own InternalIP
 *   node1: 127.64.1.10
 * ```
 */
import { parse } from 'yaml';
import { type Ip, parseIp } from '../net/ip.ts';
import { formatSocketAddress, parseSocketAddress, type SocketAddress } from '../net/socket-address.ts';
import { err, ok, type Result } from '../result.ts';
import type { TransportMap } from './transport-map.ts';

/** Parses the text of a transport map (YAML or JSON), collecting every problem. */
export function parseTransportMap(text: string): Result<TransportMap, readonly string[]> {
  let root: unknown;
  try {
    root = parse(text, { logLevel: 'error' });
  } catch (error) {
    return err([`not YAML: ${(error as Error).message}`]);
  }
  const problems: string[] = [];
  const peers = new Map<string, SocketAddress>();
  const nodes = new Map<string, Ip>();
  for (const [from, to] of entriesOf(root, 'peers', problems)) {
    const peer = parseSocketAddress(from);
    const dialled = parseSocketAddress(to);
    if (!peer.ok) problems.push(`peers: ${peer.error}`);
    if (!dialled.ok) problems.push(`peers."${from}": ${dialled.error}`);
    if (peer.ok && dialled.ok) peers.set(formatSocketAddress(peer.value), dialled.value);
  }
  for (const [name, address] of entriesOf(root, 'nodes', problems)) {
    const ip = parseIp(address);
    if (ip.ok) nodes.set(name, ip.value);
    else problems.push(`nodes.${name}: ${ip.error}`);
  }
  if (problems.length > 0) return err(problems);
  return ok({
    dialled: (peer) => peers.get(formatSocketAddress(peer)) ?? peer,
    sourceOf: (node) => nodes.get(node) ?? null,
  });
}

function entriesOf(root: unknown, key: 'peers' | 'nodes', problems: string[]): [string, string][] {
  const section = typeof root === 'object' && root !== null ? (root as Record<string, unknown>)[key] : undefined;
  if (section === undefined || section === null) return [];
  if (typeof section !== 'object' || Array.isArray(section)) {
    problems.push(`${key}: must be a mapping`);
    return [];
  }
  return Object.entries(section).map(([from, to]) => [from, String(to)]);
}
