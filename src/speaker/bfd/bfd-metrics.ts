/**
 * The metrics of BFD. Those of MetalLB's FRR sidecar have its names and labels (the router's address without a port, and the VRF); what it counts of zebra
 * has no counterpart here.
 */
import type { SessionStatus } from '../../bfd/session.ts';
import { STATES, type State } from '../../bfd/state.ts';
import type { Metric as GenericMetric, MetricTable } from '../../daemon/metric.ts';
import type { BfdCauseName } from './bfd-cause.ts';
import type { BfdThreadView } from './bfd-sessions.ts';

/** What the metrics are told of the BFD of one session. */
export interface BfdMetricsView {
  readonly state: State;
  readonly cause: BfdCauseName | null;
  /** Null where nothing was reported yet. */
  readonly status: SessionStatus | null;
}

/** What they are read from. */
interface View {
  readonly sessions: readonly { readonly address: string; readonly bfd: BfdMetricsView | null }[];
  readonly bfd: BfdThreadView;
}

type Metric = GenericMetric<View>;

/** Every session is in the default VRF, by FRR's name. */
const VRF = { vrf: 'default' };

function bySession(
  type: Metric['type'],
  help: string,
  value: (bfd: BfdMetricsView) => number | null,
  labels: Readonly<Record<string, string>> = {},
): Metric {
  return {
    type,
    help,
    labels: ['peer', ...Object.keys(labels)],
    *samples({ sessions }) {
      for (const { address, bfd } of sessions) {
        const found = bfd === null ? null : value(bfd);
        if (found !== null) yield { labels: { peer: address, ...labels }, value: found };
      }
    },
  };
}

function choice(help: string, label: string, of: (bfd: BfdMetricsView) => string | null): Metric {
  return {
    type: 'gauge',
    help,
    labels: ['peer', label],
    *samples({ sessions }) {
      for (const { address, bfd } of sessions) {
        const chosen = bfd === null ? null : of(bfd);
        if (chosen !== null) yield { labels: { peer: address, [label]: chosen }, value: 1 };
      }
    },
  };
}

type Counted = (status: SessionStatus) => number;

const counter = (help: string, of: Counted): Metric =>
  bySession('counter', help, ({ status }) => (status === null ? null : of(status)), VRF);

const seconds = (help: string, of: (status: SessionStatus) => number | null): Metric =>
  bySession('gauge', help, ({ status }) => {
    const ms = status === null ? null : of(status);
    return ms === null ? null : ms / 1_000;
  });

/** By name. */
export const BFD_METRICS: MetricTable<View> = {
  metallb_bfd_session_up: bySession(
    'gauge',
    'Whether the BFD session is Up (1) or not (0)',
    ({ state }) => Number(state === 'Up'),
    VRF,
  ),
  metallb_bfd_control_packet_input: counter('BFD Control packets received', (s) => s.packetsReceived),
  metallb_bfd_control_packet_output: counter('BFD Control packets sent', (s) => s.packetsSent),
  metallb_bfd_echo_packet_input: counter('BFD Echo packets received', (s) => s.echoPacketsReceived),
  metallb_bfd_echo_packet_output: counter('BFD Echo packets sent', (s) => s.echoPacketsSent),
  metallb_bfd_session_up_events: counter('How often the BFD session came up', (s) => s.upCount),
  metallb_bfd_session_down_events: counter('How often the BFD session went down', (s) => s.downCount),
  metallb_bfd_session_state: choice(
    `The state of the BFD session (1), one of ${STATES.join(', ')}`,
    'state',
    ({ state }) => state,
  ),
  metallb_bfd_session_cause: choice(
    'Why the BFD session is not Up (1), a cause of docs/reference/bfd.md; absent while it is',
    'cause',
    ({ cause }) => cause,
  ),
  metallb_bfd_transmit_interval_seconds: seconds(
    'How often BFD Control packets are sent, at most, as both sides agreed',
    (s) => s.transmitIntervalMs,
  ),
  metallb_bfd_detection_time_seconds: seconds(
    'After how long without a packet the router counts as gone; absent while nothing was heard of it',
    (s) => s.detectionTimeMs,
  ),
  metallb_bfd_worst_lateness_seconds: seconds(
    'How much later than meant a BFD Control packet was sent, at worst',
    (s) => s.worstLatenessMs,
  ),
  metallb_bfd_packets_dropped_total: {
    type: 'counter',
    help: 'BFD packets that were dropped, of whichever session, by reason (docs/reference/bfd.md)',
    labels: ['reason'],
    *samples({ bfd }) {
      for (const [reason, value] of Object.entries(bfd.dropped)) yield { labels: { reason }, value };
    },
  },
  metallb_bfd_thread_deaths_total: {
    type: 'counter',
    help: 'How often the thread of BFD died and was replaced',
    labels: [],
    *samples({ bfd }) {
      yield { labels: {}, value: bfd.deaths };
    },
  },
};
