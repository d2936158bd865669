/** A running speaker's metrics over HTTP. A port that cannot be had is said and costs the metrics alone: the routes matter more. */
import type { Logger } from '../io/logger.ts';
import { startMetricsServer } from '../io/metrics-server.ts';
import { METRICS_CONTENT_TYPE, metricsText } from './metrics-text.ts';
import type { RunningSpeaker } from './run.ts';

export function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  speaker: Pick<RunningSpeaker, 'metrics'>,
  log: Logger,
): void {
  startMetricsServer({
    host,
    port,
    contentType: METRICS_CONTENT_TYPE,
    text: metricsText(() => ({ ...speaker.metrics(), process: processView() })),
    onListening: () => log.info({ event: 'metricsServed', address: host, port }, 'metrics are served'),
    onError: (error) =>
      log.error(
        {
          event: 'metricsListenFailed',
          address: host,
          port,
          error: error.code ?? error.message,
          help: 'find out what uses the port, or correct --metrics-port and --metrics-host; routes are announced all the same',
        },
        'cannot serve metrics',
      ),
    onFault: (error) =>
      log.error(
        { event: 'metricsFailed', error: error instanceof Error ? error.message : String(error) },
        'scrape failed',
      ),
  });
}

function processView(): { readonly residentBytes: number; readonly cpuSeconds: number } {
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1_000_000 };
}
