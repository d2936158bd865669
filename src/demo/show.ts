/** What the demo prints of its processes: tables and blocks, the same at every run but for the figures. */

import { listAt, textAt } from '../apiserver/json.ts';
import type { Style } from '../cli/text/style.ts';
import { counted, tableOf } from '../cli/text/table.ts';
import { compareText } from '../compare-text.ts';
import { SERVICE } from '../kube/resource-types.ts';
import type { ResourceType } from '../kube/types.ts';
import { durationText } from '../plan/failover.ts';
import type { LogLine, RouterProcess } from './children.ts';
import type { LocalApi } from './local-api.ts';
import type { Stage } from './stage.ts';

export function addressTable(stage: Stage, style: Style): string {
  return tableOf(
    ['NAME', 'IN THE GUIDE', 'HERE'],
    stage.addresses.map(({ name, guide, here }) => [name, guide, here]),
    style,
  );
}

export interface SessionState {
  readonly peer: string;
  readonly peerAddress: string;
  readonly state: string;
  readonly authentication: string;
  readonly bfd: { readonly state: string } | null;
  readonly expectedFailover: { readonly ms: number | null } | null;
}

/** The sessions that a speaker's state dump tells of. */
export const sessionsOf = (dump: LogLine): readonly SessionState[] =>
  (dump.state as { readonly speaker: { readonly sessions: readonly SessionState[] } }).speaker.sessions;

export function sessionTable(dumps: readonly (readonly [node: string, dump: LogLine])[], style: Style): string {
  const rows = dumps.flatMap(([node, dump]) =>
    sessionsOf(dump).map(({ peer, peerAddress, state, authentication, bfd, expectedFailover }) => [
      node,
      peer,
      peerAddress,
      state,
      authentication,
      bfd?.state ?? '-',
      expectedFailover?.ms == null ? '-' : durationText(expectedFailover.ms),
    ]),
  );
  return tableOf(['NODE', 'PEER', 'ADDRESS', 'STATE', 'AUTHENTICATION', 'BFD', 'FAIL-OVER'], rows, style);
}

/** The Services of type LoadBalancer, as the controller has left them. */
export function serviceTable(api: LocalApi, style: Style): string {
  const rows = api
    .list(SERVICE)
    .filter(({ spec }) => textAt(spec, 'type') === 'LoadBalancer')
    .map(({ metadata, status }) => [
      metadata.namespace ?? '',
      metadata.name,
      'LoadBalancer',
      externalIps(status) || '<pending>',
      metadata.annotations?.['metallb.io/ip-allocated-from-pool'] ?? '',
    ]);
  return tableOf(['NAMESPACE', 'NAME', 'TYPE', 'EXTERNAL-IP', 'POOL'], rows, style);
}

const externalIps = (status: unknown): string =>
  listAt(status, 'loadBalancer', 'ingress')
    .map((ingress) => textAt(ingress, 'ip'))
    .join(',');

/** A `kubectl get` line. */
export interface KubectlGet {
  /** What is behind `kubectl get`. */
  readonly line: string;
  readonly type: ResourceType;
  readonly namespace?: string;
  /** `--sort-by=.lastTimestamp`; by name without it. */
  readonly byLastTimestamp?: true;
}

/** What `kubectl get` prints: the columns and cells are the server's, as kubectl has them from it. */
export function kubectlTable(
  api: LocalApi,
  { type, namespace = '', byLastTimestamp }: KubectlGet,
  style: Style,
): string {
  const { columns, rows } = api.table(type, namespace);
  const shown = columns.flatMap(({ priority }, i) => (priority === 0 ? [i] : []));
  const lastTimestamp = ({ object }: (typeof rows)[number]): string => textAt(object, 'lastTimestamp');
  const sorted = byLastTimestamp ? [...rows].sort((a, b) => compareText(lastTimestamp(a), lastTimestamp(b))) : rows;
  return tableOf(
    shown.map((i) => (columns[i]?.name ?? '').toUpperCase()),
    sorted.map(({ cells }) => shown.map((i) => textOf(cells[i]))),
    style,
    '    ',
  );
}

/** kubectl prints messages whole; here they end where most terminals do. */
const MAX_CELL = 100;

function textOf(cell: unknown): string {
  const text =
    cell === null || cell === undefined ? '' : typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text;
}

/** As routers print it (RFC 4271 section 4.3). */
const ORIGIN_NAMES = ['IGP', 'EGP', 'incomplete'];

/** One router's block: its name, then each prefix with all next hops. */
export function routerBlock({ config, table }: RouterProcess, style: Style): string {
  const lines = [style('bold', `${config.name} (${config.address}, AS ${config.asn})`)];
  if (table.length === 0) lines.push('  no routes');
  for (const { prefix, best } of table) {
    const [first] = best;
    if (first === undefined) continue;
    const { asPath, origin, communities, largeCommunities, med } = first.route;
    lines.push(
      `  ${prefix}  ${counted(best.length, 'next hop')}`,
      ...best.map(({ neighbor, route }) => `    via ${route.nextHop} (${neighbor})`),
      `    AS path ${asPath.join(' ')}, origin ${ORIGIN_NAMES[origin] ?? origin}, communities ${[...communities, ...largeCommunities].join(' ') || 'none'}${med === null ? '' : `, MED ${med}`}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

export interface WireCount {
  readonly router: string;
  readonly node: string;
  readonly updates: number;
  readonly notifications: number;
  readonly resets: number;
}

/** What each session has carried so far, as the router counted it. */
export const wireCounts = (routers: readonly RouterProcess[]): WireCount[] =>
  routers.flatMap(({ config, neighbors }) =>
    neighbors.map(({ name, updatesReceived, notificationsReceived, establishedCount }) => ({
      router: config.name,
      node: name,
      updates: updatesReceived,
      notifications: notificationsReceived,
      resets: establishedCount,
    })),
  );

/** What crossed the wire between two counts of the same sessions. */
export const wireBetween = (before: readonly WireCount[], after: readonly WireCount[]): WireCount[] =>
  after.map((now, i) => ({
    ...now,
    updates: now.updates - (before[i]?.updates ?? 0),
    notifications: now.notifications - (before[i]?.notifications ?? 0),
    resets: now.resets - (before[i]?.resets ?? 0),
  }));

export const wireTable = (counts: readonly WireCount[], style: Style): string =>
  tableOf(
    ['ROUTER', 'NODE', 'UPDATES', 'NOTIFICATIONS', 'RESETS'],
    counts.map((count) => [
      count.router,
      count.node,
      String(count.updates),
      String(count.notifications),
      String(count.resets),
    ]),
    style,
  );
