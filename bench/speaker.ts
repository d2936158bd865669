/**
 * Our engine with its driver in one process, announcing routes from memory: what the benchmarks measure of ours.
 *
 * It is no `metallb speaker`: manifests, plan, log and metrics are left out, as they are in what is compared with it. Argument: JSON
 * {@link SpeakerOptions}. Prints JSON lines; takes commands on standard input, one a line.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CeaseSubcode, IPV4_UNICAST, IPV6_UNICAST } from '../src/bgp/packet/constants.ts';
import { cease } from '../src/bgp/packet/notification.ts';
import type { PeerObserver } from '../src/bgp/peer-types.ts';
import { RouteTables } from '../src/bgp/route-tables.ts';
import { BgpDriver } from '../src/io/bgp-driver.ts';
import { type Ip, parseIp } from '../src/net/ip.ts';
import { systemClock } from '../src/time/clock.ts';
import { prefixAt, routes, type Workload } from './routes.ts';

export interface SpeakerOptions extends Workload {
  readonly local: string;
  readonly peers: readonly string[];
  readonly port: number;
  readonly localAsn: number;
  readonly remoteAsn: number;
  readonly holdSeconds: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as SpeakerOptions;
const say = (event: unknown): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};
const now = (): number => Number(process.hrtime.bigint());

function address(text: string): Ip {
  const ip = parseIp(text);
  if (!ip.ok) throw new Error(ip.error);
  return ip.value;
}

const tables = new RouteTables();
const drivers = options.peers.map((peer, index) => {
  const local = address(options.local);
  const remote = { ip: address(peer), port: options.port };
  const observer: PeerObserver = {
    stateChanged: () => {},
    established: () => {},
    down: (reason) => {
      if (reason.type !== 'connectFailed') say({ type: 'down', peer: index, reason: reason.type });
    },
    updateReceived: () => {},
    routesSent: () => {},
  };
  return new BgpDriver({
    endpoint: { remote, dial: remote, source: local, localAddress: local },
    md5Key: null,
    config: {
      localAsn: options.localAsn,
      remoteAsn: options.remoteAsn,
      bgpIdentifier: 0x0a63_0001,
      holdTimeSeconds: options.holdSeconds,
      keepaliveSeconds: 0,
      families: [options.family === 4 ? IPV4_UNICAST : IPV6_UNICAST],
      connectMode: 'both',
      connectRetry: { initialMs: 100, maxMs: 100 },
      maxPrefixes: 100,
    },
    observer,
    clock: systemClock,
    random: Math.random,
    listeners: null,
    tables,
  });
});

for (const { peer } of drivers) peer.replace(routes(options));
for (const driver of drivers) driver.start();
say({ type: 'loaded' });

/** Resident memory as the kernel counts it, in MB of 2^20. */
function residentMegabytes(): number {
  globalThis.gc?.();
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
}

let med = 1_000;
const freshAttributes = () => ({
  localPref: null,
  med: ++med,
  asPathPrepend: 0,
  communities: [],
  largeCommunities: [],
});

/** Gives the first `count` prefixes another attribute set, at all peers, and sends that. */
function change(count: number): void {
  const wish = freshAttributes();
  for (const { peer } of drivers) for (let i = 0; i < count; i++) peer.announce(prefixAt(i, options.family), wish);
  for (const { peer } of drivers) peer.flush();
}

/** So many changes of routes, a batch per turn of the event loop, each batch sent as far as the peers take it. */
async function churn(operations: number): Promise<void> {
  const batch = 1_000;
  for (let done = 0; done < operations; done += batch) {
    const wish = freshAttributes();
    for (const { peer } of drivers) {
      for (let i = 0; i < batch; i++) peer.announce(prefixAt((done + i) % options.count, options.family), wish);
      peer.flush();
    }
    await new Promise((next) => setImmediate(next));
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, argument] = line.split(' ');
  const count = Number(argument);
  if (command === 'change') {
    const at = now();
    change(count);
    say({ type: 'changed', at, handedOver: now() });
  } else if (command === 'churn') {
    void churn(count).then(() => say({ type: 'churned' }));
  } else if (command === 'memory') {
    const pending = drivers.map(({ peer }) => peer.status.prefixes.pending);
    say({ type: 'memory', residentMegabytes: residentMegabytes(), pending });
  } else if (command === 'cpu') {
    const { user, system } = process.cpuUsage();
    say({ type: 'cpu', microseconds: user + system });
  }
});
process.stdin.on('end', () => {
  void Promise.all(drivers.map((driver) => driver.stop(cease(CeaseSubcode.AdministrativeShutdown)))).then(() =>
    process.exit(0),
  );
});
