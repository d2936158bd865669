/**
 * Who announces: our engine, and the daemons that it is compared with, each made to hold the same routes before a session comes up.
 *
 * Each is configured to be as fast as it can be: no pause between changes where that can be set, no hold-back, routes in memory.
 */
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Daemon } from '../lab/daemon.ts';
import { Frr } from '../lab/frr.ts';
import type { NetworkNamespace } from '../lab/netns.ts';
import { run, tryRun, until } from '../lab/run.ts';
import type { Sandbox } from '../lab/sandbox.ts';
import { mrtDump } from './mrt.ts';
import { JsonChild } from './process.ts';
import { medAt, prefixText, type Workload } from './routes.ts';

export const LOCAL_ASN = 65_001;
export const REMOTE_ASN = 65_000;
export const HOLD_SECONDS = 240;
export const PORT = 179;

/** Where an originator runs and what it is to do. */
export interface Job {
  readonly sandbox: Sandbox;
  readonly namespace: NetworkNamespace;
  readonly workload: Workload;
  /** The originator's own address, and a neighbour's that can be a next hop where one is needed. */
  readonly local: string;
  readonly gateway: string;
  readonly peers: readonly string[];
}

export interface Originator {
  readonly name: string;
  /** Debian's package; none for ours. */
  readonly package?: string;
  readonly version: () => Promise<string>;
  /** Returns when it holds its routes and dials its peers until they answer; what is returned ends it, else the sandbox's end does. */
  readonly start: (job: Job) => Promise<AsyncDisposable | undefined>;
}

const ours: Originator = {
  name: 'metallb-ts',
  version: () => Promise.resolve('this checkout'),
  async start({ namespace, workload, local, peers }) {
    const options = {
      ...workload,
      ...{ local, peers, port: PORT, localAsn: LOCAL_ASN, remoteAsn: REMOTE_ASN, holdSeconds: HOLD_SECONDS },
    };
    const script = join(import.meta.dirname, 'speaker.ts');
    const child = new JsonChild('speaker', namespace.command([process.execPath, script, JSON.stringify(options)]));
    await child.event('loaded', 30_000);
    return child;
  },
};

const bird: Originator = {
  name: 'BIRD',
  package: 'bird2',
  version: () => firstLine(['bird', '--version']),
  async start({ sandbox, namespace, workload, local, peers }) {
    const directory = sandbox.subdirectory(`bird-${namespace.name}`);
    const family = `ipv${workload.family}`;
    await writeLines(
      join(directory, 'routes.conf'),
      workload,
      (prefix, med) => `route ${prefix} blackhole { bgp_med = ${med}; };`,
    );
    const neighbors = peers.map(
      (peer, i) => `protocol bgp r${i} {
        local ${local} as ${LOCAL_ASN};
        neighbor ${peer} as ${REMOTE_ASN};
        hold time ${HOLD_SECONDS}; connect delay time 1; connect retry time 1; error wait time 1, 1;
        ${family} { import none; export all; next hop self; };
      }`,
    );
    writeFileSync(
      join(directory, 'bird.conf'),
      `router id 10.99.0.1;
      protocol device {}
      protocol static {
        ${family};
include "routes.conf";
      }
      ${neighbors.join('\n')}\n`,
    );
    const socket = join(directory, 'bird.ctl');
    const argv = ['bird', '-f', '-c', join(directory, 'bird.conf'), '-s', socket, '-P', join(directory, 'bird.pid')];
    new Daemon({ namespace, name: 'bird', directory, argv });
    await until('BIRD', () => run(['birdc', '-s', socket, 'show', 'route', 'count']), {
      timeoutMs: 60_000,
      done: (text) => new RegExp(`\\b${workload.count} of ${workload.count} routes`).test(text),
    });
    return undefined;
  },
};

const frr: Originator = {
  name: 'FRR',
  package: 'frr',
  version: () => firstLine(['/usr/lib/frr/bgpd', '--version']),
  async start({ sandbox, namespace, workload, local, gateway, peers }) {
    const { family, count } = workload;
    const ip = family === 4 ? '-4' : '-6';
    // The kernel's metric becomes the MED.
    const lines = Array.from(
      { length: count },
      (_, i) => `route add ${prefixText(i, family)} via ${gateway} metric ${medAt(i, workload.attributes)}`,
    );
    await namespace.run(['ip', ip, '-batch', '-'], { input: `${lines.join('\n')}\n`, timeoutMs: 120_000 });
    const config = `router bgp ${LOCAL_ASN}
 bgp router-id 10.99.0.1
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 coalesce-time 0
${peers
  .map(
    (peer) => ` neighbor ${peer} remote-as ${REMOTE_ASN}
 neighbor ${peer} timers ${HOLD_SECONDS / 3} ${HOLD_SECONDS}
 neighbor ${peer} timers connect 1
 neighbor ${peer} advertisement-interval 0`,
  )
  .join('\n')}
 address-family ipv${family} unicast
  redistribute kernel
${peers.map((peer) => `  neighbor ${peer} activate`).join('\n')}
 exit-address-family
`;
    const router = await Frr.start({ sandbox, namespace, address: local, config });
    await until(
      'FRR to hold the routes',
      () => router.json<{ readonly ribCount?: number }>(`show bgp ipv${family} unicast summary`),
      { timeoutMs: 120_000, done: ({ ribCount = 0 }) => ribCount >= count },
    );
    return undefined;
  },
};

const gobgp: Originator = {
  name: 'GoBGP',
  package: 'gobgpd',
  version: () => firstLine(['gobgpd', '--version']),
  async start({ sandbox, namespace, workload, gateway, peers }) {
    const family = `ipv${workload.family}-unicast`;
    const neighbors = peers.map(
      (peer) => `[[neighbors]]
[neighbors.config]
neighbor-address = "${peer}"
peer-as = ${REMOTE_ASN}
[neighbors.timers.config]
connect-retry = 1
idle-hold-time-after-reset = 1
hold-time = ${HOLD_SECONDS}
keepalive-interval = ${HOLD_SECONDS / 3}
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "${family}"
`,
    );
    const config = `[global.config]
as = ${LOCAL_ASN}
router-id = "10.99.0.1"
port = -1
${neighbors.join('')}`;
    const directory = sandbox.subdirectory('gobgp');
    const file = join(directory, 'gobgpd.toml');
    writeFileSync(file, config);
    // It writes a line of log for each route at its own level.
    const argv = ['gobgpd', '-f', file, '--api-hosts', '127.0.0.1:50051', '--pprof-disable', '--log-level', 'error'];
    new Daemon({ namespace, name: 'gobgpd', directory, argv });
    const ask = (...words: readonly string[]) => namespace.run(['gobgp', ...words], { timeoutMs: 300_000 });
    await until('GoBGP', () => ask('global'), { timeoutMs: 10_000, done: () => true });
    const dump = join(directory, 'routes.mrt');
    writeFileSync(dump, mrtDump(workload, gateway));
    await ask('mrt', 'inject', 'global', dump);
    await until('GoBGP to hold the routes', () => ask('global', 'rib', 'summary', '-a', `ipv${workload.family}`), {
      timeoutMs: 120_000,
      done: (text) => text.includes(`Destination: ${workload.count},`),
    });
    return undefined;
  },
};

const exabgp: Originator = {
  name: 'ExaBGP',
  package: 'exabgp',
  version: () => firstLine(['exabgp', '--version']),
  async start({ sandbox, namespace, workload, local, peers }) {
    const directory = sandbox.subdirectory('exabgp');
    const file = join(directory, 'exabgp.conf');
    const family = `ipv${workload.family} unicast`;
    const stream = createWriteStream(file);
    // A list a neighbour: what several neighbours inherit from a template, this version parses for each of them just the same.
    for (const peer of peers) {
      stream.write(`neighbor ${peer} { router-id 10.99.0.1; local-address ${local}; local-as ${LOCAL_ASN};
        peer-as ${REMOTE_ASN}; hold-time ${HOLD_SECONDS}; group-updates true; family { ${family}; } static {\n`);
      for (let i = 0; i < workload.count; i++)
        stream.write(`route ${prefixText(i, workload.family)} next-hop self med ${medAt(i, workload.attributes)};\n`);
      stream.write('} }\n');
    }
    stream.end();
    await finished(stream);
    const env = {
      exabgp_daemon_user: 'root',
      exabgp_daemon_drop: 'false',
      exabgp_api_cli: 'false',
    };
    new Daemon({ namespace, name: 'exabgp', directory, argv: ['exabgp', file], env });
    // It dials only when it has read its configuration.
    return undefined;
  },
};

export const ORIGINATORS: readonly Originator[] = [ours, bird, frr, gobgp, exabgp];

async function firstLine(argv: readonly string[]): Promise<string> {
  const { stdout, stderr } = await tryRun(argv);
  return `${stdout}${stderr}`.trim().split('\n')[0] ?? '';
}

async function writeLines(
  file: string,
  { count, family, attributes }: Workload,
  line: (prefix: string, med: number) => string,
): Promise<void> {
  const stream = createWriteStream(file);
  for (let i = 0; i < count; i++) stream.write(`${line(prefixText(i, family), medAt(i, attributes))}\n`);
  stream.end();
  await finished(stream);
}
