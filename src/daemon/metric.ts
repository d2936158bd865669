/**
 * A table of metrics: what controller and speaker have in common of theirs.
 *
 * Values are read when somebody scrapes, out of a view of the state that is there anyway: between scrapes a metric costs nothing, and what
 * belongs to something goes with it.
 */

/** One value, with its labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric<View> {
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (view: View) => Iterable<Sample>;
}

/** By name. */
export type MetricTable<View> = Readonly<Record<string, Metric<View>>>;

/** MetalLB's word for a configuration of which a part was not understood. */
export const CONFIG_STALE: Metric<{ readonly config: { readonly stale: boolean } }> = single(
  'gauge',
  'Whether part of the latest configuration was not understood (1), so that what it said before stays in force, or nothing of it is',
  ({ config }) => Number(config.stale),
);

/** What is the process's own in a view. */
export interface ProcessView {
  readonly process: { readonly residentBytes: number; readonly cpuSeconds: number };
}

/** A metric without labels. */
export function single<View>(type: Metric<View>['type'], help: string, value: (view: View) => number): Metric<View> {
  return { type, help, labels: [], samples: (view) => [{ labels: {}, value: value(view) }] };
}

/** What every process says of itself, by the names that everybody uses. */
export const PROCESS_METRICS: MetricTable<ProcessView> = {
  process_resident_memory_bytes: single('gauge', 'Resident memory size in bytes', (view) => view.process.residentBytes),
  process_cpu_seconds_total: single(
    'counter',
    'Total user and system CPU time spent in seconds',
    (view) => view.process.cpuSeconds,
  ),
};
