/** What the metrics are read from, gathered out of the plan in force and the sessions. */
import { formatIp, type Ip } from '../net/ip.ts';
import { prefixContains } from '../net/prefix.ts';
import { formatSocketAddress } from '../net/socket-address.ts';
import type { NodePlan } from '../plan/node-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { BfdView } from './bfd/session-bfd.ts';
import type { MetricsView, SessionView } from './metrics.ts';
import type { SpeakerSession } from './session.ts';

/** @param now - the clock's time, in milliseconds. */
export function sessionViewOf(session: SpeakerSession, now: number): SessionView {
  const { status } = session.engine;
  const { peerAddress, peerPort } = session.peer;
  return {
    peer: peerAddress === null ? session.peer.name : formatSocketAddress({ ip: peerAddress, port: peerPort }),
    status,
    secondsInState: (now - status.since) / 1_000,
    cause: session.cause?.cause ?? null,
    lastReset: session.lastReset?.cause ?? null,
    address: peerAddress === null ? session.peer.name : formatIp(peerAddress),
    bfd: bfdMetricsOf(session.bfd),
    expectedFailoverMs: session.expectedFailover?.ms ?? null,
  };
}

const bfdMetricsOf = (bfd: BfdView | null): SessionView['bfd'] =>
  bfd === null ? null : { state: bfd.state, cause: bfd.cause?.cause ?? null, status: bfd.status };

/** Each address of a Service that is part of a prefix which this node announces for that Service, once however many peers get it. */
export function announcedOf({ assigned }: Pick<Plan, 'assigned'>, { sessions }: NodePlan): MetricsView['announced'] {
  const ips = new Map<string, readonly Ip[]>(assigned.map(({ service, ips: own }) => [service.key, own]));
  const found = new Map<string, MetricsView['announced'][number]>();
  for (const { routes } of sessions) {
    for (const { prefix, services } of routes) {
      for (const service of services) {
        for (const ip of ips.get(service) ?? []) {
          if (!prefixContains(prefix, ip)) continue;
          const text = formatIp(ip);
          found.set(`${service} ${text}`, { service, protocol: 'bgp', ip: text });
        }
      }
    }
  }
  return [...found.values()];
}
