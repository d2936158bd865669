/**
 * All metrics of the speaker: one table with type, help, labels, and where each value comes from.
 *
 * Names and labels that MetalLB has are MetalLB's, so that its dashboards and alerts go on working; the four of its own BGP engine are labelled
 * by peer, those that only its FRR sidecar has by peer and VRF. Values are read when somebody scrapes, out of the state that is there anyway:
 * between scrapes a metric costs nothing, and what belongs to a session goes with it. `docs/reference/metrics.md` is checked against this table.
 *
 * Label values are bounded: peers and Services of the configuration, and closed lists. What a router says is never one.
 */
import { DROP_REASONS } from '../bfd/drop-reason.ts';
import { STATES as BFD_STATES } from '../bfd/state.ts';
import { STATES, type State } from '../bgp/fsm.ts';
import type { PeerStatus } from '../bgp/peer-types.ts';
import {
  CONFIG_STALE,
  type Metric as GenericMetric,
  type MetricTable,
  PROCESS_METRICS,
  type ProcessView,
  single,
} from '../daemon/metric.ts';
import { reflectorMetrics } from '../follow/metrics.ts';
import type { ReflectorView } from '../follow/source.ts';
import { UPDATE_METRICS, WRITE_OUTCOMES, type WriteView, writeMetrics } from '../report/writes.ts';
import { BFD_CAUSES } from './bfd/bfd-cause.ts';
import { BFD_METRICS, type BfdMetricsView } from './bfd/bfd-metrics.ts';
import type { BfdThreadView } from './bfd/bfd-sessions.ts';
import { SESSION_CAUSES, type SessionCauseName } from './session-cause.ts';

/** What the metrics are read from. */
export interface MetricsView extends ProcessView {
  readonly node: string;
  readonly sessions: readonly SessionView[];
  /** Addresses of Services that this node announces to some peer. */
  readonly announced: readonly {
    readonly service: string;
    readonly protocol: 'bgp';
    readonly ip: string;
  }[];
  readonly config: { readonly loaded: boolean; readonly stale: boolean };
  readonly bfd: BfdThreadView;
  /** What it does with the API of a cluster; null where it runs from a folder. */
  readonly cluster: ClusterView | null;
}

/** What the metrics are told of a speaker that follows an API. */
export interface ClusterView {
  readonly updates: { readonly processed: number; readonly failed: number };
  readonly reflectors: readonly ReflectorView[];
  readonly writes: readonly WriteView[];
  /** Writes that have not been made yet. */
  readonly pendingWrites: number;
  readonly eventsDropped: number;
}

/** What the metrics are told of one session. */
export interface SessionView {
  /** `address:port`. */
  readonly peer: string;
  readonly status: PeerStatus;
  readonly secondsInState: number;
  readonly cause: SessionCauseName | null;
  readonly lastReset: SessionCauseName | null;
  /** Without port, as MetalLB's metrics of BFD are labelled. */
  readonly address: string;
  /** Null: without BFD. */
  readonly bfd: BfdMetricsView | null;
  /** Null while the session is not up, and where nobody would notice. */
  readonly expectedFailoverMs: number | null;
}

type Metric = GenericMetric<MetricsView>;

/** VRFs are not supported yet: every session is in the default one, by FRR's name. */
const VRF = 'default';

/** What there is only with an API. */
const ofCluster = (table: MetricTable<ClusterView>): MetricTable<MetricsView> =>
  Object.fromEntries(
    Object.entries(table).map(([name, { samples, ...metric }]) => [
      name,
      { ...metric, samples: ({ cluster }: MetricsView) => (cluster === null ? [] : samples(cluster)) },
    ]),
  );

type Value = (session: SessionView) => number | null;

/** A value per session; null where a session has none. */
function bySession(type: Metric['type'], help: string, value: Value, labels: Record<string, string> = {}): Metric {
  return {
    type,
    help,
    labels: ['peer', ...Object.keys(labels)],
    *samples({ sessions }) {
      for (const session of sessions) {
        const found = value(session);
        if (found !== null) yield { labels: { peer: session.peer, ...labels }, value: found };
      }
    },
  };
}

const gauge = (help: string, value: Value): Metric => bySession('gauge', help, value);
const counter = (help: string, value: Value): Metric => bySession('counter', help, value);
/** As MetalLB's FRR sidecar labels it. */
const counterWithVrf = (help: string, value: Value): Metric => bySession('counter', help, value, { vrf: VRF });

/** One of a closed list per session, or none: 1 at the one that applies. */
function choice(help: string, label: string, of: (session: SessionView) => string | null): Metric {
  return {
    type: 'gauge',
    help,
    labels: ['peer', label],
    *samples({ sessions }) {
      for (const session of sessions) {
        const chosen = of(session);
        if (chosen !== null) yield { labels: { peer: session.peer, [label]: chosen }, value: 1 };
      }
    },
  };
}

const isUp = ({ status }: SessionView): boolean => status.state === 'Established';
const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
const list = (values: readonly string[]): string => values.join(', ');
const STATE_NAMES: readonly State[] = STATES;

/** By name. */
export const METRICS: MetricTable<MetricsView> = {
  metallb_speaker_announced: {
    type: 'gauge',
    help: 'Services whose address this node announces to at least one peer, as it should be (1)',
    labels: ['service', 'protocol', 'node', 'ip'],
    *samples({ node, announced }) {
      for (const { service, protocol, ip } of announced) yield { labels: { service, protocol, node, ip }, value: 1 };
    },
  },
  metallb_k8s_client_config_loaded_bool: single('gauge', 'Whether a configuration is in force (1)', ({ config }) =>
    Number(config.loaded),
  ),
  metallb_k8s_client_config_stale_bool: CONFIG_STALE,

  metallb_bgp_session_up: gauge('Whether the session is Established (1) or not (0)', (s) => Number(isUp(s))),
  metallb_bgp_updates_total: counter('UPDATEs sent, End-of-RIB included', ({ status }) => status.messagesSent.UPDATE),
  metallb_bgp_announced_prefixes_total: gauge(
    'Prefixes that the peer was told and holds',
    ({ status }) => status.prefixes.advertised,
  ),
  metallb_bgp_pending_prefixes_total: gauge(
    'Prefixes that the peer is still to be told, withdrawals included; while the session is not up, all that it should hold',
    ({ status }) => status.prefixes.pending,
  ),
  metallb_bgp_opens_sent: counterWithVrf('OPENs sent', ({ status }) => status.messagesSent.OPEN),
  metallb_bgp_opens_received: counterWithVrf('OPENs received', ({ status }) => status.messagesReceived.OPEN),
  metallb_bgp_notifications_sent: counterWithVrf(
    'NOTIFICATIONs sent',
    ({ status }) => status.messagesSent.NOTIFICATION,
  ),
  metallb_bgp_updates_total_received: counterWithVrf(
    'UPDATEs received',
    ({ status }) => status.messagesReceived.UPDATE,
  ),
  metallb_bgp_keepalives_sent: counterWithVrf('KEEPALIVEs sent', ({ status }) => status.messagesSent.KEEPALIVE),
  metallb_bgp_keepalives_received: counterWithVrf(
    'KEEPALIVEs received',
    ({ status }) => status.messagesReceived.KEEPALIVE,
  ),
  metallb_bgp_route_refresh_sent: counterWithVrf(
    'ROUTE-REFRESH messages sent',
    ({ status }) => status.messagesSent['ROUTE-REFRESH'],
  ),
  metallb_bgp_total_sent: counterWithVrf('Messages sent', ({ status }) => sum(status.messagesSent)),
  metallb_bgp_total_received: counterWithVrf('Messages received', ({ status }) => sum(status.messagesReceived)),
  metallb_bgp_notifications_received: counterWithVrf(
    'NOTIFICATIONs received',
    ({ status }) => status.messagesReceived.NOTIFICATION,
  ),
  metallb_bgp_route_refresh_received: counterWithVrf(
    'ROUTE-REFRESH messages received',
    ({ status }) => status.messagesReceived['ROUTE-REFRESH'],
  ),
  metallb_bgp_received_prefixes_total: gauge(
    'Prefixes that the peer has announced to us; they are counted against maxPrefixes and not used',
    ({ status }) => status.prefixes.received,
  ),
  metallb_bgp_wanted_prefixes_total: gauge(
    'Prefixes that the peer should hold',
    ({ status }) => status.prefixes.wanted,
  ),
  metallb_bgp_session_state: choice(
    `The state of the session (1), one of ${list(STATE_NAMES)}`,
    'state',
    ({ status }) => status.state,
  ),
  metallb_bgp_session_uptime_seconds: gauge('How long the session has been Established; absent while it is not', (s) =>
    isUp(s) ? s.secondsInState : null,
  ),
  metallb_bgp_session_flaps_total: counter(
    'How often the session has left Established',
    (s) => s.status.establishedCount - Number(isUp(s)),
  ),
  metallb_bgp_session_cause: choice(
    'Why the session is not up (1), a cause of docs/reference/session-causes.md; absent while it is',
    'cause',
    ({ cause }) => cause,
  ),
  metallb_bgp_session_last_reset: choice(
    'What last ended the session when it was up (1), a cause of docs/reference/session-causes.md; absent until then',
    'cause',
    ({ lastReset }) => lastReset,
  ),
  metallb_bgp_hold_time_seconds: gauge(
    'The hold time that both sides agreed on, 0 for none; absent while the session is not up',
    ({ status }) => status.session?.holdTimeSeconds ?? null,
  ),
  metallb_bgp_keepalive_interval_seconds: gauge(
    'The interval of KEEPALIVEs that both sides agreed on, 0 for none; absent while the session is not up',
    ({ status }) => status.session?.keepaliveSeconds ?? null,
  ),
  metallb_bgp_expected_failover_seconds: gauge(
    'How soon the router stops sending to this node when it dies, of BFD and hold time; absent while the session is not up, and where neither would notice',
    ({ expectedFailoverMs }) => (expectedFailoverMs === null ? null : expectedFailoverMs / 1_000),
  ),
  metallb_bgp_update_errors_total: {
    type: 'counter',
    help: 'Errors in UPDATEs of the peer, by what was done about them (RFC 7606)',
    labels: ['peer', 'action'],
    *samples({ sessions }) {
      for (const { peer, status } of sessions)
        for (const [action, value] of Object.entries(status.updateErrors.byAction))
          yield { labels: { peer, action }, value };
    },
  },
  ...BFD_METRICS,
  ...ofCluster({
    ...UPDATE_METRICS,
    ...reflectorMetrics('speaker'),
    ...writeMetrics('speaker'),
  }),
  ...PROCESS_METRICS,
};

/** The values that a label with a closed list can have. */
export const LABEL_VALUES: Readonly<Record<string, readonly string[]>> = {
  state: [...STATES, ...BFD_STATES],
  cause: [...SESSION_CAUSES, ...BFD_CAUSES],
  reason: DROP_REASONS,
  action: ['session-reset', 'afi-safi-disable', 'treat-as-withdraw', 'attribute-discard'],
  protocol: ['bgp'],
  vrf: [VRF],
  outcome: WRITE_OUTCOMES,
};
