/**
 * The metrics in the text format of Prometheus.
 *
 * prom-client makes the text and checks names and labels. Its modules are imported one by one: its index brings several times their memory.
 * Loaded only where somebody asked for metrics.
 */
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Registry from 'prom-client/lib/registry.js';
import type { MetricTable } from './metric.ts';

/** Of the text, for its HTTP header. */
export const METRICS_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** Answers a function that reads all metrics of a table and makes their text. */
export function metricsText<View>(table: MetricTable<View>, read: () => View | Promise<View>): () => Promise<string> {
  const registry = new Registry();
  const fill = Object.entries(table).map(([name, { type, help, labels, samples }]) => {
    const configuration = { name, help, labelNames: labels, registers: [registry] };
    if (type === 'gauge') {
      const gauge = new Gauge(configuration);
      return (view: View): void => {
        gauge.reset();
        for (const sample of samples(view)) gauge.set(sample.labels, sample.value);
      };
    }
    const counter = new Counter(configuration);
    return (view: View): void => {
      counter.reset();
      for (const sample of samples(view)) counter.inc(sample.labels, sample.value);
    };
  });
  return async () => {
    const view = await read();
    for (const set of fill) set(view);
    return registry.metrics();
  };
}
