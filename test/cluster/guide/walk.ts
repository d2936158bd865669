/**
 * The guide from "Installing MetalLB" to "Debugging Commands Summary", block by block in its order.
 *
 * A block of YAML is a file of `examples/guide`, which is applied; a block of commands is a file beside this one, word for word, whose commands are run
 * by bash as a reader would; a block of router configuration is what the lab's routers run, or another vendor's.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../lab/speaker.ts';

export type Block =
  | { readonly type: 'manifest'; readonly file: string }
  | { readonly type: 'commands'; readonly name: string }
  /** Given to the routers of the lab when they start. */
  | { readonly type: 'frr'; readonly file: string }
  /** Of a router that no free package has; its first line. */
  | { readonly type: 'vendor'; readonly firstLine: string };

const manifest = (file: string): Block => ({ type: 'manifest', file: join(ROOT, 'examples/guide', file) });
const commands = (name: string): Block => ({ type: 'commands', name });

export const WALK: readonly Block[] = [
  commands('install'),
  manifest('ip-address-pools/ip-address-pool.yaml'),
  manifest('ip-address-pools/multi-pool-config.yaml'),
  manifest('bgp-peer/bgp-peer.yaml'),
  manifest('bgp-peer-authentication/bgp-peer-authenticated.yaml'),
  manifest('bgp-peer-authentication/bgp-auth-secret.yaml'),
  manifest('bgp-peer-node-selectors/bgp-peer-node-selector.yaml'),
  manifest('bgp-advertisement/bgp-advertisement.yaml'),
  manifest('route-aggregation/bgp-advertisement-aggregated.yaml'),
  manifest('communities/bgp-advertisement-communities.yaml'),
  manifest('communities/bgp-communities.yaml'),
  manifest('environment-communities/environment-communities.yaml'),
  manifest('primary-backup/primary-backup-advertisements.yaml'),
  manifest('multi-router/multi-router-config.yaml'),
  { type: 'frr', file: join(ROOT, 'lab/guide/frr.conf') },
  { type: 'vendor', firstLine: '! Cisco IOS-XE BGP configuration for MetalLB peering' },
  { type: 'vendor', firstLine: '# VyOS BGP configuration for MetalLB' },
  commands('verify-components'),
  commands('session-status'),
  commands('route-advertisement'),
  manifest('test-service/test-service.yaml'),
  commands('test-service'),
  commands('sessions-not-establishing'),
  commands('routes-not-advertised'),
  commands('authentication-failures'),
  commands('debugging-summary'),
];

const commandFile = (name: string): string => join(import.meta.dirname, `${name}.sh`);

/** The text of a block as the guide prints it; of another vendor's only its first line. */
export function textOf(block: Block): string {
  switch (block.type) {
    case 'manifest':
    case 'frr':
      return readFileSync(block.file, 'utf8');
    case 'commands':
      return readFileSync(commandFile(block.name), 'utf8');
    case 'vendor':
      return block.firstLine;
  }
}

/** The commands of a block: without its comments, each with its continued lines. */
export const commandsOf = (text: string): readonly string[] =>
  text
    .replaceAll('\\\n', '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/** The blocks of code of that part of the guide; its drawings are none. */
export function blocksOf(guide: string): readonly string[] {
  const part = guide.slice(guide.indexOf('## Installing MetalLB'), guide.indexOf('## Production Best Practices'));
  const blocks = [...part.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return blocks.filter(([, language]) => language !== 'mermaid').map(([, , text]) => text ?? '');
}
