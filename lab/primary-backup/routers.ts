/**
 * The routers' own affairs, which `metallb router-config` does not write: how they tell the rest of their AS.
 *
 * All three are of one AS and have internal sessions with each other (RFC 4271 section 9.1.1: LOCAL_PREF is how they agree on an exit). The lines
 * come after the text for the nodes, which is not touched.
 */
import { birdConf, guideFrrConf } from '../guide.ts';

export type Software = 'frr' | 'bird';

const ASN = 64512;

/** An address on the nodes' subnet (the core has none) and one on the subnet of the routers. */
export interface PathRouter {
  readonly name: string;
  readonly address: string;
  readonly inside: string;
}

export const PRIMARY: PathRouter = { name: 'router-primary', address: '192.168.1.1', inside: '198.51.100.1' };
export const BACKUP: PathRouter = { name: 'router-backup', address: '192.168.1.2', inside: '198.51.100.2' };
/** Not in the guide: the router of the same AS that the client's packets come to, and that has to choose between the two. */
export const CORE = { name: 'core', inside: '198.51.100.254', outside: '203.0.113.1' } as const;

/** What the guide's router configuration says, for one of its routers. */
export function guideText({ address }: PathRouter, software: Software): string {
  return software === 'bird'
    ? birdConf(address)
    : guideFrrConf().replace('bgp router-id 192.168.1.1\n', `bgp router-id ${address}\n`);
}

/** A whole configuration: the text for the nodes, then the router's own lines. */
export function withOwnLines(router: PathRouter, software: Software, text: string): string {
  const others = [PRIMARY, BACKUP, CORE].filter(({ name }) => name !== router.name);
  return `${text}\n${software === 'bird' ? birdLines(router, others, text) : frrLines(others)}`;
}

/** The core's configuration. BIRD, as FRR collects changes for 50 ms before it chooses, which is a part of what is measured. */
export const coreConf = (): string => `log stderr all;
protocol device {}
protocol kernel {
  merge paths on;
  ipv4 { import none; export where source = RTS_BGP; };
}
${birdLines({ address: CORE.inside, inside: CORE.inside }, [PRIMARY, BACKUP], '')}`;

type Other = Pick<PathRouter, 'name' | 'inside'>;

function frrLines(others: readonly Other[]): string {
  const each = (line: (other: Other) => string): string => others.map(line).join('\n');
  return `! The router's own: it tells the routers of its AS.
router bgp ${ASN}
${each(({ inside }) => ` neighbor ${inside} remote-as ${ASN}\n neighbor ${inside} timers connect 1`)}
 address-family ipv4 unicast
${each(({ inside }) => `  neighbor ${inside} activate\n  neighbor ${inside} next-hop-self`)}
 exit-address-family
exit
`;
}

function birdLines(
  { address, inside }: Pick<PathRouter, 'address' | 'inside'>,
  others: readonly Other[],
  text: string,
): string {
  return `# The router's own: it tells the routers of its AS.
${text.includes('router id') ? '' : `router id ${address};\n`}template bgp own_as {
  local ${inside} as ${ASN};
  direct;
  connect retry time 1;
  connect delay time 1;
  ipv4 { import all; export where source = RTS_BGP; next hop self; };
}
${others.map(({ name, inside: other }) => `protocol bgp ${name.replace('-', '_')} from own_as { neighbor ${other} as ${ASN}; }`).join('\n')}
`;
}
