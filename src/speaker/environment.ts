/** What sessions need of the machine: the kernel's counters and links, sockets that routers can connect to, and BFD. */
import { BgpListeners } from '../io/bgp-listeners.ts';
import { forwardsIpv4 } from '../io/linux/forwarding.ts';
import { SystemError } from '../io/linux/libc.ts';
import { LinkMonitor } from '../io/linux/link-monitor.ts';
import { localAddressTowards } from '../io/linux/tcp.ts';
import { tcpCounterReader } from '../io/linux/tcp-counters.ts';
import type { Logger } from '../io/logger.ts';
import { formatIp } from '../net/ip.ts';
import type { Clock } from '../time/clock.ts';
import { BfdSessions } from './bfd/bfd-sessions.ts';
import type { SpeakerEnvironment } from './speaker.ts';
import type { TransportMap } from './transport-map.ts';

/** Sessions that fail at the same time share one reading of the kernel's counters. */
const COUNTERS_MAX_AGE_MS = 100;

export interface EnvironmentOptions {
  /** 0: dial only. */
  readonly listenPort: number;
  readonly transportMap: TransportMap;
}

export interface SpeakerProcess {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Its `links` and `bfd` are to be closed at the end. */
export function speakerEnvironment(
  { listenPort, transportMap }: EnvironmentOptions,
  { clock, random, log }: SpeakerProcess,
): Omit<SpeakerEnvironment, 'onNews' | 'bfd'> & { readonly bfd: BfdSessions } {
  return {
    clock,
    random,
    log,
    transportMap,
    tcpCounters: tcpCounterReader(clock, COUNTERS_MAX_AGE_MS),
    listeners: listenPort === 0 ? null : listenersFor(listenPort, log),
    links: linkMonitor(log),
    bfd: new BfdSessions({ clock, random, log }),
    localAddressTowards,
    // As MetalLB: no Echo over IPv6.
    returnsEcho: ({ family }) => family === 4 && forwardsIpv4(),
  };
}

/** Without it sessions end by their timers: worth knowing, and nothing to act on. */
function linkMonitor(log: Logger): LinkMonitor | null {
  try {
    return new LinkMonitor();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    log.debug({ event: 'linksUnknown', error: error.code }, 'the kernel does not tell of links');
    return null;
  }
}

function listenersFor(port: number, log: Logger): BgpListeners {
  return new BgpListeners(port, {
    unavailable: (local, error) =>
      log.warn(
        {
          event: 'listenFailed',
          address: formatIp(local),
          port,
          error: error.code,
          help:
            error.code === 'EACCES'
              ? 'ports below 1024 need the capability NET_BIND_SERVICE; --bgp-listen-port 0 turns listening off'
              : 'find out what uses the port; --bgp-listen-port 0 turns listening off',
        },
        'cannot listen for routers; sessions are dialled only',
      ),
    stranger: (local, remote) =>
      log.debug(
        { event: 'strangerRefused', address: formatIp(local), remote: formatIp(remote) },
        'connection from no configured peer closed',
      ),
    tooFar: (local, remote) =>
      log.warn(
        {
          event: 'ttlTooLow',
          address: formatIp(local),
          remote: formatIp(remote),
          help: 'the router is more links away than ttlSecurityHops says, or sends with a TTL below 255: set ttl-security there, or correct ttlSecurityHops',
        },
        'connection from too far closed',
      ),
  });
}
