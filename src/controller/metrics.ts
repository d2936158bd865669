/**
 * All metrics of the controller: one table with type, help, labels, and where each value comes from.
 *
 * Names and labels that MetalLB has are MetalLB's (metallb-behaviour 6.3). Label values are bounded: pools of the configuration, resources that
 * the controller watches or writes, and closed lists. `docs/reference/controller-metrics.md` is checked against this table.
 */
import type { PoolCounters } from '../allocator/allocator.ts';
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
import { UPDATE_METRICS, type WriteView, writeMetrics } from '../report/writes.ts';

/** What the metrics are read from. */
export interface ControllerView extends ProcessView {
  readonly pools: readonly PoolView[];
  readonly config: { readonly loaded: boolean; readonly stale: boolean };
  readonly leading: boolean;
  readonly updates: { readonly processed: number; readonly failed: number };
  readonly writes: readonly WriteView[];
  /** Writes that have not been made yet. */
  readonly pendingWrites: number;
  /** Times that a Service's status was put right after somebody else had changed it. */
  readonly contested: number;
  readonly eventsDropped: number;
  readonly services: { readonly assigned: number; readonly pending: number };
  readonly reflectors: readonly ReflectorView[];
}

export interface PoolView {
  readonly name: string;
  readonly counters: PoolCounters;
  readonly services: number;
}

type Metric = GenericMetric<ControllerView>;

function byPool(help: string, value: (pool: PoolView) => number): Metric {
  return {
    type: 'gauge',
    help,
    labels: ['pool'],
    *samples({ pools }) {
      for (const pool of pools) yield { labels: { pool: pool.name }, value: value(pool) };
    },
  };
}

/** By name. */
export const CONTROLLER_METRICS: MetricTable<ControllerView> = {
  metallb_allocator_addresses_total: byPool('Usable addresses of the pool', ({ counters }) =>
    Number(counters.usableIPv4 + counters.usableIPv6),
  ),
  metallb_allocator_ipv4_addresses_total: byPool('Usable IPv4 addresses of the pool', ({ counters }) =>
    Number(counters.usableIPv4),
  ),
  metallb_allocator_ipv6_addresses_total: byPool('Usable IPv6 addresses of the pool', ({ counters }) =>
    Number(counters.usableIPv6),
  ),
  metallb_allocator_addresses_in_use_total: byPool(
    'Addresses of the pool that Services have; one that several share counts once',
    ({ counters }) => counters.assignedIPv4 + counters.assignedIPv6,
  ),
  metallb_allocator_ipv4_addresses_in_use_total: byPool(
    'IPv4 addresses of the pool that Services have; one that several share counts once',
    ({ counters }) => counters.assignedIPv4,
  ),
  metallb_allocator_ipv6_addresses_in_use_total: byPool(
    'IPv6 addresses of the pool that Services have; one that several share counts once',
    ({ counters }) => counters.assignedIPv6,
  ),
  metallb_allocator_services_allocated_total: byPool(
    'Services that have addresses of the pool',
    ({ services }) => services,
  ),
  ...UPDATE_METRICS,
  metallb_k8s_client_config_loaded_bool: single('gauge', 'Whether a configuration was judged (1)', ({ config }) =>
    Number(config.loaded),
  ),
  metallb_k8s_client_config_stale_bool: CONFIG_STALE,

  metallb_controller_leader_bool: single('gauge', 'Whether this controller leads (1) or stands by (0)', ({ leading }) =>
    Number(leading),
  ),
  metallb_controller_services_assigned: single(
    'gauge',
    'Services that have an address; 0 while standing by',
    ({ services }) => services.assigned,
  ),
  metallb_controller_services_pending: single(
    'gauge',
    'Services that wait for an address; 0 while standing by',
    ({ services }) => services.pending,
  ),
  ...writeMetrics('controller'),
  metallb_controller_contested_writes_total: single(
    'counter',
    'Times that the status of a Service was put right after somebody else had changed it',
    ({ contested }) => contested,
  ),
  ...reflectorMetrics('controller'),
  ...PROCESS_METRICS,
};
