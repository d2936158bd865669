import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionStatus } from '../bfd/session.ts';
import type { PeerStatus } from '../bgp/peer-types.ts';
import { metricsText } from '../daemon/metrics-text.ts';
import { LABEL_VALUES, METRICS, type MetricsView, type SessionView } from './metrics.ts';

const status = (over: Partial<PeerStatus> = {}): PeerStatus => ({
  state: 'Established',
  since: 0,
  session: null,
  lastDown: null,
  nextAttemptAt: null,
  isHeld: false,
  establishedCount: 3,
  messagesReceived: { OPEN: 3, UPDATE: 4, NOTIFICATION: 1, KEEPALIVE: 50, 'ROUTE-REFRESH': 2 },
  messagesSent: { OPEN: 5, UPDATE: 7, NOTIFICATION: 2, KEEPALIVE: 60, 'ROUTE-REFRESH': 0 },
  updateErrors: {
    byAction: { 'session-reset': 0, 'afi-safi-disable': 0, 'treat-as-withdraw': 2, 'attribute-discard': 0 },
    byAttribute: { AS_PATH: 2 },
  },
  prefixes: { wanted: 10, advertised: 8, pending: 2, received: 1 },
  ...over,
});

const session = (peer: string, over: Partial<SessionView> = {}): SessionView => ({
  peer,
  status: status(),
  secondsInState: 12.5,
  cause: null,
  lastReset: 'holdTimerExpired',
  address: '192.0.2.1',
  bfd: { state: 'Up', cause: null, status: BFD_STATUS },
  expectedFailoverMs: 900,
  ...over,
});

const BFD_STATUS: SessionStatus = {
  sessionState: 'Up',
  remoteSessionState: 'Up',
  localDiscr: 1,
  remoteDiscr: 2,
  localDiag: 0,
  remoteDiag: 0,
  desiredMinTxInterval: 300_000,
  requiredMinRxInterval: 300_000,
  remoteMinRxInterval: 300_000,
  remoteDesiredMinTxInterval: 300_000,
  remoteMinEchoRxInterval: 0,
  remoteDemandMode: false,
  remoteControlPlaneIndependent: false,
  detectMult: 3,
  remoteDetectMult: 3,
  polling: false,
  transmitIntervalMs: 300,
  detectionTimeMs: 900,
  echo: 'off',
  sinceMs: 0,
  upCount: 2,
  downCount: 1,
  packetsSent: 100,
  packetsReceived: 99,
  echoPacketsSent: 0,
  echoPacketsReceived: 0,
  packetsDropped: {},
  lastBadTtl: null,
  worstLatenessMs: 4,
};

const VIEW: MetricsView = {
  node: 'node1',
  sessions: [
    session('192.0.2.1:179'),
    session('[2001:db8::1]:179', {
      status: status({ state: 'Active', establishedCount: 0 }),
      cause: 'refused',
      lastReset: null,
      address: '2001:db8::1',
      bfd: { state: 'Down', cause: 'noPacket', status: null },
      expectedFailoverMs: null,
    }),
    session('192.0.2.9:179', { address: '192.0.2.9', bfd: null }),
  ],
  announced: [{ service: 'default/web', protocol: 'bgp', ip: '198.51.100.1' }],
  config: { loaded: true, stale: false },
  bfd: { dropped: { badTtl: 7 }, realTime: true, deaths: 1 },
  cluster: {
    updates: { processed: 12, failed: 1 },
    reflectors: [
      {
        resource: 'services',
        synced: true,
        failing: false,
        objects: 3,
        lists: 1,
        watches: 1,
        events: 2,
        errors: 0,
        silences: 0,
      },
    ],
    writes: [{ resource: 'speakerstatuses', outcome: 'written', count: 4 }],
    pendingWrites: 0,
    eventsDropped: 0,
  },
  process: { residentBytes: 70_000_000, cpuSeconds: 1.5 },
};

/** The lines with values, as a map. */
async function scrape(view: MetricsView): Promise<ReadonlyMap<string, number>> {
  const lines = (await metricsText(METRICS, () => view)())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('metrics', () => {
  it('have the values of the sessions', async () => {
    const values = await scrape(VIEW);
    const of = (name: string, peer = '192.0.2.1:179') => values.get(`${name}{peer="${peer}"}`);
    const withVrf = (name: string) => values.get(`${name}{peer="192.0.2.1:179",vrf="default"}`);
    expect(of('metallb_bgp_session_up')).toBe(1);
    expect(of('metallb_bgp_session_up', '[2001:db8::1]:179')).toBe(0);
    expect(of('metallb_bgp_updates_total')).toBe(7);
    expect(of('metallb_bgp_announced_prefixes_total')).toBe(8);
    expect(of('metallb_bgp_pending_prefixes_total')).toBe(2);
    expect(of('metallb_bgp_session_flaps_total')).toBe(2);
    expect(of('metallb_bgp_session_flaps_total', '[2001:db8::1]:179')).toBe(0);
    expect(of('metallb_bgp_session_uptime_seconds')).toBe(12.5);
    expect(of('metallb_bgp_session_uptime_seconds', '[2001:db8::1]:179')).toBeUndefined();
    expect(withVrf('metallb_bgp_opens_sent')).toBe(5);
    expect(withVrf('metallb_bgp_total_sent')).toBe(74);
    expect(withVrf('metallb_bgp_total_received')).toBe(60);
    expect(values.get('metallb_bgp_session_cause{peer="[2001:db8::1]:179",cause="refused"}')).toBe(1);
    expect(values.get('metallb_bgp_session_last_reset{peer="192.0.2.1:179",cause="holdTimerExpired"}')).toBe(1);
    expect(values.get('metallb_bgp_session_state{peer="192.0.2.1:179",state="Established"}')).toBe(1);
    expect(values.get('metallb_bgp_update_errors_total{peer="192.0.2.1:179",action="treat-as-withdraw"}')).toBe(2);
    expect(
      values.get('metallb_speaker_announced{service="default/web",protocol="bgp",node="node1",ip="198.51.100.1"}'),
    ).toBe(1);
    expect(values.get('metallb_k8s_client_config_loaded_bool')).toBe(1);
    expect(values.get('metallb_k8s_client_config_stale_bool')).toBe(0);
  });

  it("have BFD's, by MetalLB's names and labels", async () => {
    const values = await scrape(VIEW);
    const of = (name: string, peer = '192.0.2.1') => values.get(`metallb_bfd_${name}{peer="${peer}",vrf="default"}`);
    expect([of('session_up'), of('session_up', '2001:db8::1'), of('session_up', '192.0.2.9')]).toEqual([
      1,
      0,
      undefined,
    ]);
    expect([of('control_packet_input'), of('control_packet_output')]).toEqual([99, 100]);
    expect([of('session_up_events'), of('session_down_events')]).toEqual([2, 1]);
    expect(of('control_packet_input', '2001:db8::1')).toBeUndefined();
    expect(values.get('metallb_bfd_session_cause{peer="2001:db8::1",cause="noPacket"}')).toBe(1);
    expect(values.get('metallb_bfd_detection_time_seconds{peer="192.0.2.1"}')).toBe(0.9);
    expect(values.get('metallb_bgp_expected_failover_seconds{peer="192.0.2.1:179"}')).toBe(0.9);
    expect(values.get('metallb_bfd_packets_dropped_total{reason="badTtl"}')).toBe(7);
    expect(values.get('metallb_bfd_thread_deaths_total')).toBe(1);
  });

  it('of a session go with it, and do not add up from scrape to scrape', async () => {
    let view = VIEW;
    const text = metricsText(METRICS, () => view);
    expect(await text()).toBe(await text());
    view = { ...VIEW, sessions: VIEW.sessions.slice(0, 1) };
    expect(await text()).not.toContain('2001:db8::1');
    view = { ...VIEW, sessions: [] };
    expect(await text()).not.toContain('peer=');
  });

  it('have the labels of the table, and of closed lists only their values', () => {
    for (const [name, { labels, samples }] of Object.entries(METRICS)) {
      for (const sample of samples(VIEW)) {
        expect(Object.keys(sample.labels), name).toEqual(labels);
        for (const [label, value] of Object.entries(sample.labels))
          if (LABEL_VALUES[label] !== undefined) expect(LABEL_VALUES[label], `${name} ${label}`).toContain(value);
      }
    }
  });

  it('are those of the reference', () => {
    const reference = readFileSync(join(import.meta.dirname, '../../docs/reference/metrics.md'), 'utf8');
    const rows = reference.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual(
      Object.entries(METRICS).map(
        ([name, { type, labels, help }]) =>
          `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ') || '-'} | ${help} |`,
      ),
    );
  });
});
