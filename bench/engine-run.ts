/**
 * One measurement of the engine in a process of its own: two peers over a link in memory, one announces N /32 with one attribute set.
 * Prints one line of JSON. Run with --expose-gc, so that memory is what is held and not what is left over.
 */
import { IPV4_UNICAST } from '../src/bgp/packet/constants.ts';
import { announcedBy } from '../src/bgp/packet/update-routes.ts';
import { Peer } from '../src/bgp/peer.ts';
import type { Connection, PeerConfig, PeerObserver } from '../src/bgp/peer-types.ts';
import type { RouteAttributes } from '../src/bgp/route.ts';
import type { Ip } from '../src/net/ip.ts';
import { systemClock } from '../src/time/clock.ts';

const count = Number(process.argv[2]);
const attributes: RouteAttributes = {
  localPref: null,
  med: null,
  asPathPrepend: 0,
  communities: [(64512 << 16) | 100],
  largeCommunities: [],
};
const ip = (value: number): Ip => ({ family: 4, value: BigInt(value >>> 0) });

const quiet: PeerObserver = {
  stateChanged: () => undefined,
  established: () => undefined,
  down: (reason) => {
    throw new Error(`session ended: ${reason.type}`);
  },
  updateReceived: () => undefined,
  routesSent: () => undefined,
};

function peer(localAsn: number, remoteAsn: number, id: number, observer: Partial<PeerObserver>): Peer {
  const config: PeerConfig = {
    localAsn,
    remoteAsn,
    bgpIdentifier: id,
    holdTimeSeconds: 90,
    keepaliveSeconds: 30,
    families: [IPV4_UNICAST],
    connectMode: 'both',
    connectRetry: { initialMs: 60_000, maxMs: 60_000 },
    maxPrefixes: 1_000_000,
  };
  const transport = { dial: () => undefined, abortDial: () => undefined };
  return new Peer(config, { clock: systemClock, random: () => 0.5, transport, observer: { ...quiet, ...observer } });
}

let established = 0;
let received = 0;
let lastAt = 0;
const sender = peer(64513, 64512, 1, {
  established: () => {
    established = performance.now();
  },
});
const receiver = peer(64512, 64513, 2, {
  updateReceived: (update) => {
    for (const { prefixes } of announcedBy(update)) received += prefixes.length;
    if (received === count && lastAt === 0) lastAt = performance.now();
  },
});

/** One end of the link: what is written here arrives there, in order, on the next turn of the event loop. */
function end(
  direction: Connection['direction'],
  own: number,
  other: number,
  deliver: (bytes: Uint8Array) => void,
): Connection {
  return {
    direction,
    localAddress: ip(own),
    remoteAddress: ip(other),
    localPort: 179,
    remotePort: 179,
    write(bytes) {
      setImmediate(deliver, bytes);
      return true;
    },
    close: () => undefined,
  };
}

const [HERE, THERE] = [0xc0a8_010a, 0xc0a8_0101];
const there: Connection = end('incoming', THERE, HERE, (bytes) => sender.receive(here, bytes));
const here: Connection = end('outgoing', HERE, THERE, (bytes) => receiver.receive(there, bytes));

globalThis.gc?.();
const before = process.memoryUsage().rss;
const filling = performance.now();
for (let i = 0; i < count; i++) sender.announce({ address: ip(0x0a00_0000 + i), length: 32 }, attributes);
const filled = performance.now() - filling;
globalThis.gc?.();
const held = process.memoryUsage().rss - before;
sender.start();
receiver.start();
sender.connected(here);
receiver.accept(there);
await new Promise<void>((resolve) => {
  const look = (): void => {
    if (lastAt > 0) resolve();
    else setImmediate(look);
  };
  look();
});
process.stdout.write(
  `${JSON.stringify({
    count,
    // End-of-RIB is an UPDATE too, an empty one, and is not counted.
    updates: sender.status.messagesSent.UPDATE - 1,
    fillMs: filled,
    sendMs: lastAt - established,
    heldMegabytes: held / 1024 / 1024,
  })}\n`,
);
process.exit(0);
